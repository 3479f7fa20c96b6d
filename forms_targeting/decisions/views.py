"""Pages for marketers: why a visitor sees a form or not, and how many people would see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from forms_targeting.attributes import Kind
from forms_targeting.decisions.trial import INPUTS, read_trial
from forms_targeting.engine.decide import matching_forms, outcomes
from forms_targeting.engine.form_page import form_context, form_or_404
from forms_targeting.engine.live_forms import LiveForms, read_live_forms
from forms_targeting.engine.reach import count_reach
from forms_targeting.engine.references import (
    ReferenceNames,
    keys_of,
    missing_references,
    references_of,
)
from forms_targeting.engine.visitors import read_person
from forms_targeting.models import Form
from forms_targeting.rules.rule import Rule, read_rules
from forms_targeting.visit import Visit
from profiles.models import Profile
from profiles.page import profile_or_404
from profiles.queries import search_people
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import search_words
from segmenter.accounts.models import Account, Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid, Problem
from segments.page import segment_or_404

MOST_RESULTS = 20


@dataclass(frozen=True)
class GroupLink:
    """A segment or list that a rule names."""

    name: str
    url: str


@dataclass(frozen=True)
class RuleLine:
    """One rule on a page."""

    sentence: str
    links: tuple[GroupLink, ...]
    holds: bool = False
    people: int = 0
    is_explained: bool = False
    """Whether the links say why a person is inside or not."""


@require_GET
@page()
def why(request: SeatRequest, key: str) -> HttpResponse:
    """Each rule for one visit: of a person or of an unknown visitor, on a page that is entered."""
    form, account, at = form_or_404(request, key), request.seat.account, now()
    words, person_id = search_words(request), request.GET.get("person", "")
    profile = profile_or_404(request, person_id) if person_id else None
    rules, problems = _rules_of(account, form)
    live = read_live_forms(account)
    person = None
    if profile is not None:
        references = references_of(account, rules).united_with(live.references)
        person = read_person(account, profile.pk, references, at=at)
    trial = read_trial(request.GET.dict(), person)
    people = search_people(account, words).order_by("-created", "-pk")[:MOST_RESULTS]
    context = form_context(request, form, "why") | {
        "words": words,
        "people": people if words else [],
        "profile": profile,
        "trial": trial,
        "visit_query": _visit_query(request),
        "problems": problems or live.faults.get(form.key, ()),
        "lines": [],
    }
    if trial.visit is not None:
        names = ReferenceNames(account, rules)
        lines = [
            _line(each.rule, names, holds=each.holds, profile=profile)
            for each in outcomes(rules, trial.visit)
        ]
        context["lines"] = lines
        context["is_met"] = all(line.holds for line in lines)
        context["winners"] = _winners(form, trial.visit, live)
    return render_page_or_part(request, "forms_targeting/decisions/why.html", context)


@require_GET
@page()
def reach(request: SeatRequest, key: str) -> HttpResponse:
    """For how many people the rules about people hold, by rule and together."""
    form, account, at = form_or_404(request, key), request.seat.account, now()
    rules, problems = _rules_of(account, form)
    names = ReferenceNames(account, rules)
    numbers = None if problems else count_reach(account, rules, at=at)
    by_rule = numbers.by_rule if numbers else ()
    context = form_context(request, form, "reach") | {
        "numbers": numbers,
        "lines": [_line(rule, names, people=people) for rule, people in by_rule],
        "page_lines": [_line(rule, names) for rule in rules if not rule.kind.about_people],
        "problems": problems,
        "at": at,
    }
    return render(request, "forms_targeting/decisions/reach.html", context)


@require_GET
@page(Role.MARKETER)
def for_segment(request: SeatRequest, key: str) -> HttpResponseBase:
    """Begin a form for the members of a segment."""
    segment = segment_or_404(request, key)
    return redirect(f"{reverse('forms_targeting:new')}?{urlencode({'segment': segment.key})}")


def _rules_of(account: Account, form: Form) -> tuple[tuple[Rule, ...], Sequence[Problem]]:
    """The rules of a form, and why it cannot be shown to anybody with them."""
    try:
        rules = read_rules(form.rules, "/rules")
    except Invalid as error:
        return (), error.problems
    return rules, missing_references(account, rules, "/rules")


def _visit_query(request: SeatRequest) -> str:
    """The visit that was entered, for links that choose another visitor."""
    fields = {each.name: request.GET.get(each.name, "") for each in INPUTS}
    return urlencode({name: text for name, text in fields.items() if text})


def _winners(form: Form, visit: Visit, live: LiveForms) -> list[GroupLink]:
    """The live forms that the visit fits and that go before a live form."""
    keys = [each.key for each in live.forms]
    if form.key not in keys:
        return []
    return [
        GroupLink(each.name, reverse("forms_targeting:form", args=[each.key]))
        for each in matching_forms(live.forms[: keys.index(form.key)], visit)
    ]


def _line(
    rule: Rule,
    names: ReferenceNames,
    *,
    holds: bool = False,
    people: int = 0,
    profile: Profile | None = None,
) -> RuleLine:
    links = []
    segments = sorted(keys_of([rule], Kind.SEGMENTS), key=names.segment)
    for key in segments:
        where = ("segments:explain", [key, profile.pk]) if profile else ("segments:detail", [key])
        links.append(GroupLink(names.segment(key), reverse(where[0], args=where[1])))
    for key in sorted(keys_of([rule], Kind.LISTS), key=names.list):
        links.append(GroupLink(names.list(key), reverse("profiles:list", args=[key])))
    is_explained = bool(segments) and profile is not None
    return RuleLine(rule.sentence(names), tuple(links), holds, people, is_explained)
