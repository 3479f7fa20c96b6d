"""Targeting and behavior of a form as its page has them: from what is stored, from what was sent.

Knows no kind of rule or trigger: all of them come from their registries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from forms_targeting.attributes import Attribute, Kind, Words
from forms_targeting.behavior import FREQUENCY, TRIGGERS, Behavior, read_behavior
from forms_targeting.engine.form_checks import ProblemList
from forms_targeting.engine.references import ReferenceNames, missing_references
from forms_targeting.models import Form
from forms_targeting.pages.inputs import (
    Choosable,
    InputRow,
    kind_of_row,
    make_inputs,
    make_row,
    new_row,
    read_inputs,
    row_names,
)
from forms_targeting.rules.rule import Rule, read_rules, rule_kinds
from profiles.models import List
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Problem
from segmenter.kernel.keys import new_key

BEHAVIOR = "behavior"
MOST_DIGITS = 7


@dataclass(frozen=True)
class RowKind:
    """A kind of rule or trigger, as far as the page needs it."""

    label: Words
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True)
class RowGroup:
    """Rules or triggers: rows of several kinds that are added and removed."""

    name: str
    word: str
    """The name of the kind in a stored record."""
    pointer: str
    """Where the problems of the rows are."""

    def kinds(self) -> dict[str, RowKind]:
        """Return the kinds by name, in the order of the menu."""
        if self.name == TRIGGER_ROWS:
            return {name: RowKind(kind.label, kind.attributes) for name, kind in TRIGGERS.items()}
        ranked = sorted(rule_kinds.items(), key=lambda item: (item[1].rank, item[0]))
        return {name: RowKind(kind.label, kind.attributes) for name, kind in ranked}


RULE_ROWS, TRIGGER_ROWS = "rules", "triggers"
GROUPS = {
    RULE_ROWS: RowGroup(RULE_ROWS, "rule", "/rules"),
    TRIGGER_ROWS: RowGroup(TRIGGER_ROWS, "trigger", "/behavior/triggers"),
}


@dataclass(frozen=True)
class TargetingDraft:
    """What the page holds, valid or not."""

    records: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]
    """Group to its rows: the row's name in the page, and its record as it would be stored."""
    behavior: Mapping[str, Any]
    """The values of FREQUENCY."""
    priority: str
    list_key: str
    double_opt_in: bool
    updated: str
    """The form's stamp when the page was opened."""

    @property
    def rules(self) -> list[Mapping[str, Any]]:
        return [record for _name, record in self.records[RULE_ROWS]]

    @property
    def whole_behavior(self) -> dict[str, Any]:
        """The behavior as it would be stored."""
        triggers = [record for _name, record in self.records[TRIGGER_ROWS]]
        return {**self.behavior, "triggers": triggers}

    @property
    def stamp(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.updated)
        except ValueError:
            return None

    def with_stamp(self, updated: datetime) -> TargetingDraft:
        """Return the same for a form that was changed meanwhile."""
        return replace(self, updated=updated.isoformat())


def draft_of(form: Form) -> TargetingDraft:
    """Return what is stored."""
    triggers = form.behavior.get("triggers") or []
    return TargetingDraft(
        records={
            RULE_ROWS: [(new_key(), record) for record in form.rules],
            TRIGGER_ROWS: [(new_key(), record) for record in triggers],
        },
        behavior=form.behavior,
        priority=str(form.priority),
        list_key=form.list.key if form.list else "",
        double_opt_in=form.double_opt_in,
        updated=form.updated.isoformat(),
    )


def read_draft(data: QueryDict) -> TargetingDraft:
    """Return what a page sent."""
    return TargetingDraft(
        records={name: _records(group, data) for name, group in GROUPS.items()},
        behavior=read_inputs(FREQUENCY, data, BEHAVIOR),
        priority=data.get("priority", "").strip(),
        list_key=data.get("list", ""),
        double_opt_in="double_opt_in" in data,
        updated=data.get("updated", ""),
    )


def _records(group: RowGroup, data: QueryDict) -> list[tuple[str, dict[str, Any]]]:
    kinds = group.kinds()
    records = []
    for name in row_names(data, group.name):
        kind = kind_of_row(data, group.name, name)
        values: dict[str, Any] = {}
        if kind in kinds:
            values = read_inputs(kinds[kind].attributes, data, f"{group.name}.{name}")
        records.append((name, {group.word: kind, **values}))
    return records


def draft_context(
    account: Account, draft: TargetingDraft, problems: Sequence[Problem] = ()
) -> dict[str, Any]:
    """Return the context of the page's inputs; each problem is at its input."""
    choosable = Choosable(account)
    general = [p for p in problems if _place(p) not in {"rules", BEHAVIOR, "priority", "list"}]
    habits = _below(problems, "/behavior")
    lists = List.objects.filter(account=account).order_by("name")
    return {
        "draft": draft,
        "groups": {
            name: {
                "rows": list(_rows(group, draft, problems, choosable)),
                "kinds": [(key, kind.label) for key, kind in group.kinds().items()],
                "errors": [p.message for p in problems if p.pointer == group.pointer],
            }
            for name, group in GROUPS.items()
        },
        "frequency": make_inputs(BEHAVIOR, FREQUENCY, draft.behavior, choosable, habits),
        "lists": list(lists.values_list("key", "name")),
        "priority_errors": [p.message for p in problems if _place(p) == "priority"],
        "list_errors": [p.message for p in problems if _place(p) == "list"],
        "errors": [p.message for p in general],
        "n_problems": len(problems),
    }


def _rows(
    group: RowGroup, draft: TargetingDraft, problems: Sequence[Problem], choosable: Choosable
) -> list[InputRow]:
    kinds = group.kinds()
    rows = []
    for index, (name, record) in enumerate(draft.records[group.name]):
        kind = str(record.get(group.word, ""))
        known = kinds.get(kind, RowKind(kind, ()))
        own = _below(problems, f"{group.pointer}/{index}")
        rows.append(
            make_row(group.name, name, kind, known.label, known.attributes, record, choosable, own)
        )
    return rows


def empty_row(account: Account, group: RowGroup, kind: str) -> InputRow:
    """Return a new row of a kind. Raises KeyError for an unknown one."""
    known = group.kinds()[kind]
    return new_row(group.name, kind, known.label, known.attributes, Choosable(account))


def _place(problem: Problem) -> str:
    return problem.pointer.strip("/").partition("/")[0]


def _below(problems: Sequence[Problem], prefix: str) -> list[Problem]:
    return [
        Problem(p.pointer.removeprefix(prefix), p.code, p.message)
        for p in problems
        if p.pointer == prefix or p.pointer.startswith(f"{prefix}/")
    ]


# --- in words ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TargetingWords:
    """Who sees a form and when, in sentences."""

    rules: list[str]
    triggers: list[str]
    needs_all: bool
    """Whether all triggers must have happened."""
    frequency: list[tuple[Words, str]]
    """Label and value of what else is stated."""


def words_of(account: Account, rules: Sequence[Rule], behavior: Behavior) -> TargetingWords:
    """Say what rules and behavior mean."""
    names = ReferenceNames(account, rules)
    return TargetingWords(
        rules=[rule.sentence(names) for rule in rules],
        triggers=[
            _with_values(TRIGGERS[trigger.name].label, TRIGGERS[trigger.name].attributes, trigger)
            for trigger in behavior.triggers
        ],
        needs_all=behavior.values["match"] == "all",
        frequency=[
            (attribute.label, _value_text(attribute, behavior.values[attribute.name]))
            for attribute in FREQUENCY
            if attribute.name != "match" and behavior.values[attribute.name] != ""
        ],
    )


def words_of_draft(account: Account, draft: TargetingDraft) -> tuple[TargetingWords | None, int]:
    """Return the words of a draft, or None and how many problems it has."""
    problems = ProblemList()
    rules = problems.result_of(lambda: read_rules(draft.rules), "/rules")
    problems.add(*missing_references(account, rules or (), "/rules"))
    behavior = problems.result_of(lambda: read_behavior(draft.whole_behavior))
    if len(problems) or rules is None or behavior is None:
        return None, len(problems)
    return words_of(account, rules, behavior), 0


def _with_values(label: Words, attributes: Sequence[Attribute], trigger: Any) -> str:
    values = [_value_text(each, trigger.values[each.name]) for each in attributes]
    return f"{label}: {', '.join(values)}" if values else str(label)


def _value_text(attribute: Attribute, value: Any) -> str:
    if attribute.kind is Kind.FLAG:
        return _("yes") if value else _("no")
    if attribute.kind is Kind.NUMBER:
        return f"{value:g}"
    choices = dict(attribute.choices)
    return str(choices.get(value, value))
