"""Live forms on the status page: which of them cannot be shown to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.engine.live_forms import read_live_forms
from forms_targeting.models import Form
from segmenter.accounts.models import Account
from segmenter.accounts.status import Section, SectionContent, Trouble, sections


@dataclass(frozen=True)
class FormFault:
    """A live form that nobody sees, and why."""

    form: Form
    messages: tuple[str, ...]


def _live_forms(account: Account, at: datetime) -> SectionContent:
    live = read_live_forms(account)
    forms = Form.objects.filter(account=account, key__in=live.faults).order_by("priority", "pk")
    faults = [
        FormFault(form, tuple(dict.fromkeys(p.message for p in live.faults[form.key])))
        for form in forms
    ]
    troubles = []
    if faults:
        trouble = ngettext(
            "%(n)s live form cannot be shown to anybody.",
            "%(n)s live forms cannot be shown to anybody.",
            len(faults),
        )
        advice = gettext("The form says what is gone or cannot be read.")
        troubles.append(Trouble("warn", trouble % {"n": len(faults)}, advice))
    context = {"faults": faults, "n_forms": len(live.forms)}
    return SectionContent(context, tuple(troubles))


sections.add(
    "forms",
    Section(_("Forms"), "forms_targeting/decisions/_status.html", 49, _live_forms, width="half"),
)
