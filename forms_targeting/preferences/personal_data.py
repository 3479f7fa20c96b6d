"""All that is stored about a person, as a JSON document for that person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from forms_targeting.models import ConsentProof, FormSubmission, OptIn
from profiles.models import (
    Consent,
    Event,
    ListMember,
    ListRemoval,
    Profile,
    ProfileMerge,
    Suppression,
)
from profiles.registries.person_attributes import person_attributes

_INTERNAL = frozenset({"id", "profile_id", "digest"})
"""Columns that say nothing about the person; so do references to other rows."""


def personal_data(person: Profile, *, at: datetime) -> dict[str, Any]:
    """Return what is stored about a person; values that JSON knows, or times and UUIDs.

    Segments are not in it: they are what the shop concludes from this, and named for itself.
    """
    account = person.account
    own = {"account": account, "profile_id": person.pk}
    events = Event.objects.filter(**own).select_related("metric").order_by("time", "pk")
    members = ListMember.objects.filter(**own).select_related("list").order_by("joined", "pk")
    removals = ListRemoval.objects.filter(**own).select_related("list").order_by("removed", "pk")
    submissions = FormSubmission.objects.filter(**own).select_related("form").order_by("at", "pk")
    return {
        "shop": account.name,
        "as_of": at,
        "profile": {**_columns(person), "id": person.pk},
        "earlier_ids": list(
            ProfileMerge.objects.filter(**own).values_list("old_id", flat=True).order_by("old_id")
        ),
        "consents": _rows(Consent.objects.filter(**own).order_by("channel")),
        "suppressions": _rows(Suppression.objects.filter(**own).order_by("channel", "reason")),
        "proofs_of_consent": _rows(ConsentProof.objects.filter(**own).order_by("at", "pk")),
        "confirmations": _rows(OptIn.objects.filter(**own).order_by("created", "pk")),
        "lists": [{"list": row.list.name, "joined": row.joined} for row in members],
        "earlier_lists": [
            {"list": row.list.name, "joined": row.joined, "removed": row.removed}
            for row in removals
        ],
        "form_submissions": [{"form": row.form.name, **_columns(row)} for row in submissions],
        "events": [{"metric": row.metric.name, **_columns(row)} for row in events],
        **{
            name: attribute(account, [person]).get(person.pk)
            for name, attribute in person_attributes.items()
        },
    }


def _rows(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return [_columns(row) for row in rows]


def _columns(row: Model) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.is_relation and field.attname not in _INTERNAL
    }
