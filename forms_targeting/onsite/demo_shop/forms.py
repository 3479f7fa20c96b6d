"""The forms of the demo's shop, and the segments that they are shown to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forms_targeting.engine.publishing import create_form, publish
from forms_targeting.engine.sites import note_change, site_of
from forms_targeting.models import Form
from segmenter.accounts.models import Account
from segments.engine.editing import save_segment
from segments.models import Segment


@dataclass(frozen=True)
class DemoForm:
    """A form of the demo: a ready-made one for the people of a segment."""

    name: str
    ready: str
    """Name of the ready-made form."""
    definition: Mapping[str, Any] | None
    """What its segment says; None: the ready-made form's own rules choose whom it is for."""
    query: str = ""
    """Of the link by which its people come to the shop."""

    @property
    def segment(self) -> str:
        """Name of its segment."""
        return self.name


def _prediction(dimension: str, **filter_: Any) -> dict[str, Any]:
    return {"type": "profile-predictive-analytics", "dimension": dimension, "filter": filter_}


FORMS: Sequence[DemoForm] = (
    DemoForm(
        "Expected to order soon",
        "next_order",
        _prediction(
            "expected_date_of_next_order",
            type="date",
            operator="in-the-next",
            quantity=14,
            unit="day",
        ),
    ),
    DemoForm(
        "Low lifetime value",
        "quiz",
        _prediction("predicted_clv", type="numeric", operator="less-than-or-equal", value=5),
    ),
    DemoForm(
        "Near the shop in Falun",
        "event_nearby",
        {
            "type": "profile-postal-code-distance",
            "country_code": "SE",
            "postal_code": "79130",
            "unit": "kilometers",
            "filter": {"type": "numeric", "operator": "less-than", "value": 50},
        },
    ),
    DemoForm(
        "Win-back campaign",
        "win_back",
        None,
        "utm_source=mail&utm_medium=email&utm_campaign=win-back",
    ),
    DemoForm("Newsletter", "newsletter", None),
)
"""Those first that go first."""
BEHAVIOR = {"triggers": [{"trigger": "delay", "seconds": 2}], "again_after_days": 1}


def load_forms(
    account: Account, contents: Mapping[str, Mapping[str, Any]], *, at: datetime
) -> list[Form]:
    """Save the segments that the account lacks, and the forms if it has none; return the new ones.

    `contents` are the ready-made forms by name: {"content", "rules"}.
    """
    if Form.objects.filter(account=account).exists():
        return []
    forms = []
    for each in FORMS:
        ready = contents[each.ready]
        form = create_form(
            account=account,
            user=None,
            name=each.name,
            content={**ready["content"], "style": {**ready["content"]["style"], "from_page": True}},
            rules=[*ready["rules"], *_segment_rule(account, each, at)],
            behavior=BEHAVIOR,
            at=at,
        )
        publish(form=form, user=None, at=at)
        forms.append(form)
    return forms


def add_domains(account: Account, domains: Sequence[str], *, at: datetime) -> None:
    """Let the pages of these domains use the script, beside those that may already."""
    site = site_of(account, at=at)
    if missing := [domain for domain in domains if domain not in site.domains]:
        site.domains = [*site.domains, *missing]
        site.save(update_fields=["domains"])
        note_change(account, at=at)


def _segment_rule(account: Account, form: DemoForm, at: datetime) -> list[dict[str, Any]]:
    if form.definition is None:
        return []
    segment = Segment.objects.filter(account=account, name=form.segment).first()
    if segment is None:
        definition = {"condition_groups": [{"conditions": [form.definition]}]}
        segment = save_segment(
            account=account, user=None, name=form.segment, definition=definition, at=at
        )
    return [{"rule": "segments", "segments": [segment.key]}]
