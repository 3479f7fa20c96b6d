"""Every kind of condition is built from the empty box to a right count, as a person would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from profiles.columns.gather import everyone
from profiles.models import List, Metric, Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.definition.codec import decode
from segments.definition.tree import kinds
from segments.engine.evaluate import Evaluation
from tests.browser.builder_page import Builder, small_shop
from tests.builders.definitions import ALL_TIME, number
from tests.fixtures.browser import OpenBrowser

pytestmark = pytest.mark.django_db(transaction=True)

Build = Callable[[Builder], None]
Condition = Callable[[Account], dict[str, Any]]

builds: dict[str, tuple[Build, Condition, int]] = {}
"""Kind to (how to build it, the condition that results, how many people of the shop match)."""


def metric(account: Account, name: str) -> str:
    return str(Metric.objects.get(account=account, name=name).key)


def builds_kind(kind: str, count: int, condition: Condition) -> Callable[[Build], Build]:
    def register(build: Build) -> Build:
        builds[kind] = (build, condition, count)
        return build

    return register


@builds_kind(
    "profile-metric",
    9,
    lambda account: {
        "metric_id": metric(account, "Clicked Email"),
        "measurement": "count",
        "measurement_filter": number("greater-than-or-equal", 1),
        "timeframe_filter": ALL_TIME,
    },
)
def done(builder: Builder) -> None:
    builder.choose("What someone has done (or not done)")
    builder.still()
    builder.pick("Metric", "Clicked Email")


@builds_kind(
    "profile-metric-funnel",
    9,
    lambda account: {
        "timeframe_filter": ALL_TIME,
        "completion_window_seconds": 14 * 86_400,
        "steps": [
            {"metric_exists": True, "metric_id": metric(account, "Opened Email")},
            {"metric_exists": True, "metric_id": metric(account, "Clicked Email")},
        ],
    },
)
def done_then(builder: Builder) -> None:
    builder.choose("after another thing")
    builder.still()
    builder.pick("Metric", "Opened Email", 0)
    builder.pick("Metric", "Clicked Email", 1)


@builds_kind(
    "profile-metric-ratio",
    10,
    lambda account: {
        "numerator": {"metric_id": metric(account, "Opened Email")},
        "denominator": {"metric_id": metric(account, "Received Email")},
        "timeframe_filter": ALL_TIME,
        "filter": number("greater-than-or-equal", 0.25),
    },
)
def share(builder: Builder) -> None:
    builder.choose("What share of one thing")
    builder.still()
    builder.pick("Metric", "Opened Email", 0)
    builder.pick("Metric", "Received Email", 1)
    builder.fill("Number in percent", "25")


@builds_kind(
    "profile-property",
    4,
    lambda account: {
        "property": "properties['Points']",
        "filter": number("greater-than-or-equal", 8),
    },
)
def known(builder: Builder) -> None:
    builder.choose("Properties about someone")
    builder.still()
    builder.pick("Property", "Points")
    builder.fill("Number", "8")


@builds_kind(
    "profile-group-membership",
    5,
    lambda account: {
        "is_member": True,
        "group_ids": [List.objects.get(account=account, name="Newsletter").key],
    },
)
def inside(builder: Builder) -> None:
    builder.choose(str(kinds["profile-group-membership"].title))
    builder.still()
    builder.pick("Lists or segments", "Newsletter")


@builds_kind(
    "profile-region",
    4,
    lambda account: {"in_region": True, "region": "european_union"},
)
def in_the_union(builder: Builder) -> None:
    builder.choose(str(kinds["profile-region"].title))


@builds_kind(
    "profile-location-distance",
    4,
    lambda account: {
        "label": "Falun, Sweden",
        "latitude": 60.6036,
        "longitude": 15.626,
        "unit": "kilometers",
        "filter": number("less-than", 50),
    },
)
def near(builder: Builder) -> None:
    builder.choose(str(kinds["profile-location-distance"].title))
    builder.still()
    builder.pick("Place", "Falun")


@builds_kind(
    "profile-postal-code-distance",
    4,
    lambda account: {
        "postal_code": "79130",
        "country_code": "SWE",
        "unit": "kilometers",
        "filter": number("less-than", 50),
    },
)
def near_a_postcode(builder: Builder) -> None:
    builder.choose(str(kinds["profile-postal-code-distance"].title))
    builder.still()
    builder.fill("Postcode", "79130")
    builder.pick("Country", "Sweden")


@builds_kind(
    "profile-marketing-consent",
    3,
    lambda account: {
        "consent": {
            "channel": "email",
            "can_receive_marketing": True,
            "consent_status": {"subscription": "subscribed"},
        }
    },
)
def agreed(builder: Builder) -> None:
    builder.choose("can or cannot receive")
    builder.still()
    builder.select("Status", "and are subscribed")


@builds_kind(
    "profile-permissions",
    3,
    lambda account: {
        "channel": "whatsapp_marketing",
        "permission": {"reachable_status": "explicitly_reachable"},
    },
)
def reachable(builder: Builder) -> None:
    builder.choose("WhatsApp")
    builder.still()
    builder.select("Status", "explicitly reachable")


@builds_kind(
    "profile-predictive-analytics",
    3,
    lambda account: {
        "dimension": "churn_probability",
        "filter": number("greater-than-or-equal", 0.75),
    },
)
def likely_to_leave(builder: Builder) -> None:
    builder.choose("churn risk")
    builder.still()
    builder.fill("Number in percent", "75")


@builds_kind("profile-sample", 12, lambda account: {"percentage": 100})
def at_random(builder: Builder) -> None:
    builder.choose("random")
    builder.still()
    builder.fill("Percent", "100")


@pytest.fixture(autouse=True)
def people(account: Account) -> list[Profile]:
    return small_shop(account)


@pytest.mark.parametrize("kind", [name for name, cls in kinds.items() if not cls.unsupported])
def test_every_kind_is_built_to_a_right_count(
    kind: str, account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    assert kind in builds, f"nobody builds {kind} here: add how a person does it"
    build, condition_of, count = builds[kind]
    builder = Builder(open_browser(marketer, width=1440)).open()
    build(builder)
    builder.still()
    condition = {"type": kind, **condition_of(account)}
    assert builder.members == [condition]
    tree = decode({"condition_groups": [{"conditions": [condition]}]})
    members = int(np.count_nonzero(Evaluation(everyone(account), now()).mask(tree)))
    assert members == count
    builder.total(str(count))
    builder.counts(str(count))


def test_a_kind_that_is_not_supported_cannot_be_chosen(
    marketer: User, open_browser: OpenBrowser
) -> None:
    builder = Builder(open_browser(marketer, width=1440)).open()
    box = builder.page.get_by_role("combobox", name="New condition")
    for _name, cls in kinds.items():
        if cls.unsupported:
            box.fill(str(cls.title))
            builder.still()
            expect(builder.page.get_by_role("option").first).to_be_visible()
            expect(builder.page.get_by_role("option", name=str(cls.title))).to_have_count(0)
