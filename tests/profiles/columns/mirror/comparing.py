"""The answers of a mirror compared with those of the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np

from profiles.columns import gather
from profiles.columns.column import Column
from profiles.columns.events import Events
from profiles.columns.mirror import snapshot, upkeep
from profiles.columns.population import Population
from profiles.columns.rows import Rows
from profiles.models import Channel, List, Metric, Mirror, SuppressionReason
from segmenter.accounts.models import Account
from tests.profiles.columns.mirror.shop import NOON


def mirror_of(account: Account, at: datetime = NOON) -> Mirror:
    mirror = upkeep.build(account, at)
    assert mirror is not None
    return mirror


def rows_of(column: Column) -> list[tuple[str, Any]]:
    values = (column.get(row) for row in range(len(column)))
    return [(type(value).__name__ if value is not None else "", value) for value in values]


def told_events(events: Events, ids: np.ndarray[Any, Any], names: list[str]) -> list[Any]:
    whose = ids[events.who].tolist()
    values = np.nan_to_num(events.values[events.rows], nan=-999.25).tolist()
    columns = [rows_of(events.column(name)) for name in names]
    rows = zip(whose, events.when.tolist(), values, *columns, strict=True)
    return sorted(rows, key=repr)


def everything(people: Population) -> dict[str, Any]:
    """All columns of people, in a form that can be compared."""
    account_id = people.account_id
    answers: dict[str, Any] = {"ids": people.ids.tolist()}
    for name in snapshot.ATTRIBUTES:
        answers[name] = rows_of(people.attribute(name))
    for name in snapshot.types_of(account_id, None):
        answers[f"property {name}"] = rows_of(people.profile_property(name))
    for channel in Channel.values:
        for name in snapshot.CONSENT_FIELDS:
            answers[f"{channel} {name}"] = rows_of(people.consent(channel, name))
        for reason in SuppressionReason.values:
            answers[f"{channel} {reason}"] = rows_of(people.suppression(channel, reason))
    for row in List.objects.filter(account_id=account_id):
        group = people.group(row.key)
        answers[row.name] = (people.ids[group.profiles].tolist(), group.since.tolist())
    answers["points"] = [np.nan_to_num(axis, nan=-999).tolist() for axis in people.coordinates()]
    for metric in Metric.objects.filter(account_id=account_id):
        events = people.events(metric.key)
        assert (np.diff(events.when) >= 0).all()
        names = sorted(snapshot.types_of(account_id, metric))
        answers[f"events {metric.name}"] = told_events(events, people.ids, names)
        answers[f"count {metric.name}"] = events.count().tolist()
    return answers


def expect_the_same(account: Account, ids: list[int] | None = None) -> None:
    rows = everything(Population(Rows(account.pk, account.zone, ids, NOON)))
    from_mirror = gather.all_of(account) if ids is None else gather.some(account, ids)
    assert "Rows" not in type(from_mirror._source).__name__, "the mirror was not used"
    mirrored = everything(from_mirror)
    for key, value in rows.items():
        assert mirrored[key] == value, key


def expect_the_answers(account: Account) -> None:
    """Everyone's answers, put together from the mirror and who has changed, are those of rows."""
    rows = Population(Rows(account.pk, account.zone, None, NOON))
    people = gather.everyone(account)
    assert people.ids.tolist() == rows.ids.tolist()
    questions: list[Callable[[Population], Any]] = [
        lambda part: part.attribute("email").is_set,
        lambda part: part.consent("email", "status").is_set,
        lambda part: part.profile_property("Colour").is_set,
        *(
            lambda part, key=metric.key: part.events(key).count() > 1
            for metric in Metric.objects.filter(account=account)
        ),
    ]
    for question in questions:
        assert people.answer(question).tolist() == question(rows).tolist()
