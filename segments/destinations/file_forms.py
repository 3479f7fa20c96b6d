"""The form of a destination of files: what its store asks for, when, and under which name."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from segments.destinations.file_contents import (
    MOST_KEEP,
    MOST_NAME,
    USUAL_KEEP,
    USUAL_NAME,
    FileContents,
    contents_of,
)
from segments.destinations.file_editing import FileSetup
from segments.destinations.store import FileStore
from segments.member_files.request import ExportRequest
from segments.models import Destination, Schedule

MOST_VALUE, MOST_SECRET = 500, 20_000
SCHEDULE_LABELS = [
    (Schedule.DAILY.value, _("Daily")),
    (Schedule.WEEKLY.value, _("Weekly")),
    (Schedule.HOURLY.value, _("When something has changed, at most hourly")),
]
_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class FileForm(forms.Form):
    """A destination of files to be made or changed. `file_editing` checks it."""

    schedule = forms.ChoiceField(label=_("When"), choices=SCHEDULE_LABELS)
    hour = forms.TypedChoiceField(label=_("Hour"), choices=_HOURS, coerce=int)
    weekday = forms.TypedChoiceField(label=_("Day"), choices=list(WEEKDAYS.items()), coerce=int)
    name = forms.CharField(
        label=_("Name of the file"),
        max_length=MOST_NAME,
        help_text=_(
            "{segment}, {date} and {time} are filled in; the format adds its ending. A file "
            "of the same name is replaced."
        ),
    )
    keep = forms.IntegerField(
        label=_("Files to keep there"),
        min_value=1,
        max_value=MOST_KEEP,
        help_text=_("Older ones that were put there for this segment are deleted."),
    )

    def __init__(
        self, store: FileStore, current: Destination | None, data: QueryDict | None = None
    ) -> None:
        contents = contents_of(current) if current is not None else None
        initial = {
            "schedule": current.schedule if current else Schedule.DAILY,
            "hour": current.hour if current and current.hour is not None else 6,
            "weekday": current.weekday if current and current.weekday is not None else 0,
            "name": contents.name if contents else USUAL_NAME,
            "keep": contents.keep if contents else USUAL_KEEP,
        }
        super().__init__(data, initial=initial)
        self.store_names = [field.name for field in store.fields]
        self.is_fixed = bool(store.fixed)
        if self.is_fixed:
            del self.fields["name"], self.fields["keep"]
        for field in store.fields:
            is_kept = field.is_secret and current is not None
            hint = _("Leave it empty to keep the one that is stored.") if is_kept else field.hint
            attributes = {"autocomplete": "off", "spellcheck": "false"}
            widget: forms.Widget = forms.TextInput(attributes)
            if field.name == "private_key":  # of several lines
                widget = forms.Textarea(attributes | {"rows": "3"})
            elif field.is_secret:
                widget = forms.PasswordInput(attributes | {"autocomplete": "new-password"})
            self.fields[_prefixed(field.name)] = forms.CharField(
                label=str(field.label),
                help_text=str(hint),
                widget=widget,
                max_length=MOST_SECRET if field.is_secret else MOST_VALUE,
                required=field.is_required and not is_kept,
                initial=current.settings.get(field.name, "") if current is not None else "",
                strip=True,
            )

    @property
    def store_fields(self) -> list[forms.BoundField]:
        """The fields of the store, in its order."""
        return [self[_prefixed(name)] for name in self.store_names]

    def setup(self, request: ExportRequest) -> FileSetup:
        """What was entered, with the request for the file."""
        data = self.cleaned_data
        contents = FileContents(request, data.get("name", USUAL_NAME), data.get("keep", USUAL_KEEP))
        values = {name: data[_prefixed(name)] for name in self.store_names}
        return FileSetup(values, contents, data["schedule"], data["hour"], data["weekday"])


def _prefixed(name: str) -> str:
    """A field of the store, apart from those of the file."""
    return f"store_{name}"
