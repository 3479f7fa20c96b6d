"""Reach: exactly the people for whom the rules hold, one by one."""

from __future__ import annotations

import random

import pytest

from forms_targeting.engine.reach import count_reach
from forms_targeting.engine.references import references_of
from forms_targeting.engine.visitors import read_person
from forms_targeting.rules.rule import Rule, read_rules
from forms_targeting.visit import Visit
from profiles.lists.editing import create_list, fill_list
from profiles.models import Consent, Profile
from segmenter.accounts.models import Account
from tests.builders.shops import new_segment
from tests.draws import draws
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db


def test_people_are_counted_as_they_are_decided_one_by_one(
    account: Account, other_account: Account
) -> None:
    draw = random.Random(14)
    Profile.objects.create(account=other_account, email="x@y.z", created=AT, updated=AT)
    ids = [
        Profile.objects.create(account=account, external_id=str(n), created=AT, updated=AT).pk
        for n in range(60)
    ]
    segments = [new_segment(account, f"S{n}", *draw.sample(ids, 20)).key for n in range(3)]
    lists = [create_list(account=account, name=f"L{n}", at=AT).key for n in range(2)]
    for key in lists:
        fill_list(account=account, key=key, profile_ids=draw.sample(ids, 30), at=AT)
    for id_ in draw.sample(ids, 40):
        Consent.objects.create(
            account=account,
            profile_id=id_,
            channel=draw.choice(["email", "sms", "push"]),
            status=draw.choice(["subscribed", "unsubscribed"]),
            status_date=draw.choice([None, AT, AT.replace(year=2999)]),
            recorded=AT,
        )
    pool = [
        {"rule": "segments", "segments": segments[:2]},
        {"rule": "segments", "segments": segments[2:]},
        {"rule": "segments", "operator": "none", "segments": segments[1:]},
        {"rule": "lists", "lists": lists},
        {"rule": "lists", "operator": "none", "lists": lists[:1]},
        {"rule": "subscription"},
        {"rule": "subscription", "operator": "subscribed", "channel": "sms"},
        {"rule": "identity"},
        {"rule": "identity", "visitors": "unknown"},
        {"rule": "url", "texts": ["/sale"]},
    ]
    for _case in range(draws(15, nightly=400)):
        rules = read_rules(draw.sample(pool, draw.randint(0, 4)))
        reach = count_reach(account, rules, at=AT)
        about_people = [rule for rule in rules if rule.kind.about_people]
        visits = {id_: visit_of(account, id_, rules) for id_ in ids}
        assert reach.everyone == len(ids)
        assert reach.matches == sum(
            all(rule.holds(visit) for rule in about_people) for visit in visits.values()
        )
        assert reach.by_rule == tuple(
            (rule, sum(rule.holds(visit) for visit in visits.values())) for rule in about_people
        )


def visit_of(account: Account, profile_id: int, rules: tuple[Rule, ...]) -> Visit:
    references = references_of(account, rules)
    return Visit(person=read_person(account, profile_id, references, at=AT))
