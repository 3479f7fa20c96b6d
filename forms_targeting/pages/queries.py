"""What the pages of forms show: rows of the list, versions in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from forms_targeting.content.form_content import FormContent, read_content, translatable_texts
from forms_targeting.engine.figures import FormFigures, days_until, figures_of_forms
from forms_targeting.models import Form, FormStatus, FormVersion
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.campaigns.wording import percent

DAYS = 30
"""Days of the figures in the list."""


@dataclass(frozen=True)
class FormRow:
    """A form in the list."""

    form: Form
    figures: FormFigures
    place: int
    """Its place in the order, from 1; 0 of an archived one."""
    is_last: bool = False

    @property
    def rate(self) -> str:
        """The rate as a percentage; empty without views."""
        return "" if self.figures.rate is None else percent(self.figures.rate)


SORTS: dict[str, Callable[[FormRow], Any]] = {
    "place": lambda row: (row.place == 0, row.place, row.form.pk),
    "name": lambda row: row.form.name.casefold(),
    "views": lambda row: row.figures.views,
    "submissions": lambda row: row.figures.submissions,
    "rate": lambda row: -1.0 if row.figures.rate is None else row.figures.rate,
}


def form_rows(
    account: Account, *, today: date, words: str = "", status: str = "", sort: str = "place"
) -> list[FormRow]:
    """Return an account's forms with their figures of the last DAYS.

    Without a status, those that are not archived. `sort` is a key of SORTS, with - in reverse.
    """
    forms = list(Form.objects.filter(account=account).order_by("priority", "pk"))
    live = [form for form in forms if form.status != FormStatus.ARCHIVED]
    places = {form.pk: place for place, form in enumerate(live, start=1)}
    figures = figures_of_forms(account, days_until(today, DAYS))
    rows = [
        FormRow(form, figures[form.pk], places.get(form.pk, 0), form is live[-1])
        for form in forms
        if form.pk in figures
        and words.casefold() in form.name.casefold()
        and (form.status == status if status else form.pk in places)
    ]
    return sorted(rows, key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))


@dataclass(frozen=True)
class VersionText:
    """A version in words."""

    version: FormVersion
    is_shown: bool
    """Whether visitors see it now."""
    heading: str
    texts: list[tuple[str, str]]
    """Name of the step, and each text in it, in the version's own language."""
    consents: list[tuple[str, str, str]]
    """Channel, language and wording of each consent."""


def versions_of(form: Form) -> list[VersionText]:
    """Return a form's versions, the latest first."""
    rows = form.versions.select_related("variant", "user").order_by("-created", "-pk")
    newest: set[int] = set()
    result = []
    for version in rows:
        is_newest = version.variant_id not in newest
        newest.add(version.variant_id)
        is_shown = is_newest and version.variant.is_active and form.status == FormStatus.LIVE
        result.append(_version_text(version, is_shown))
    return result


def _version_text(version: FormVersion, is_shown: bool) -> VersionText:
    try:
        content = read_content(version.content)
    except Invalid:  # a kind of block that is gone
        return VersionText(version, is_shown, "", [], [])
    texts = translatable_texts(content)
    steps = [
        (step.id, text)
        for step in content.steps
        for block in step.blocks
        for name, text in texts.items()
        if name.partition(".")[0] == block.id
    ]
    heading = next((b.values["text"] for b in content.of_type("heading")), "")
    return VersionText(version, is_shown, heading, steps, _consents(content))


def _consents(content: FormContent) -> list[tuple[str, str, str]]:
    consents = []
    for block in content.of_type("consent"):
        channel = next(a for a in block.kind.attributes if a.name == "channel")
        label = str(dict(channel.choices)[block.values["channel"]])
        consents.append((label, content.language, block.values["wording"]))
        for language, texts in content.translations.items():
            if wording := texts.get(f"{block.id}.wording"):
                consents.append((label, language, wording))
    return consents
