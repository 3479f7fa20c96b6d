"""Anything that can happen to an account, in any order: live membership stays what it should be.

Every fact comes in through the product's doors and is committed; what is expected is worked out by
the oracle from the rows. `make test` runs a few lives, `make nightly` (SEGMENTER_NIGHTLY=1) many.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from profiles.erase import erase
from profiles.identity import merge
from profiles.lists import remove_from_list
from profiles.models import List, Metric, Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid
from segments.definition.codec import decode
from segments.definition.validate import groups_of
from segments.engine import build as building
from segments.engine.audit import audit
from segments.engine.build import delete_segment, run_build, save_segment
from segments.engine.edges import advance
from segments.engine.evaluate import Evaluation
from segments.engine.live import handle_changes
from segments.models import Build, Segment
from segments.switches import set_active
from tests.live.judge import expect_right
from tests.live.steps import (
    DAY,
    HOUR,
    MINUTE,
    defined,
    events,
    new_account,
    people,
    run_builds,
    settle,
)
from tests.oracle import draw_conditions, draw_facts, pools
from tests.oracle.dice import Dice
from tests.oracle.focus import focus_on
from tests.oracle.windows import midnight

NIGHTLY = os.environ.get("SEGMENTER_NIGHTLY") == "1"
LIVES = settings(
    max_examples=400 if NIGHTLY else 12,
    stateful_step_count=60 if NIGHTLY else 25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
KINDS = (
    *("profile-metric", "profile-metric", "profile-metric", "profile-metric-funnel"),
    *("profile-metric-ratio", "profile-property", "profile-property"),
    *("profile-group-membership", "profile-group-membership"),
    *("profile-marketing-consent", "profile-permissions", "profile-region"),
)
"""Those whose answer is the same whatever ids people get, and that need no outside knowledge."""
MOST_SEGMENTS = 5
STRIDES = [MINUTE, 7 * MINUTE, HOUR, 11 * HOUR, DAY, 3 * DAY, 8 * DAY, 33 * DAY]

_numbers = itertools.count()


class Stopped(BaseException):
    """What a build meets whose worker is killed."""


class Life(RuleBasedStateMachine):
    """One account: `at` moves on, facts and definitions change, `follow` is held to the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self.at = datetime(2026, 3, 1, tzinfo=UTC)
        self.zone = "UTC"
        self.crowd = 0
        self.drawn: dict[str, Any] = {}
        """Definitions as drawn, by segment key: facts fall on their edges."""

    # --- choices ---

    def dice(self, data: st.DataObject) -> Dice:
        dice = Dice(data.draw)
        dice.focus = focus_on(self.drawn.values(), self.zone)
        return dice

    def definition(self, dice: Dice, but: str = "") -> tuple[Any, Any]:
        """A tree as drawn, and the same with keys for the names of metrics and lists."""
        keys = dict(Metric.objects.filter(account=self.account).values_list("name", "key"))
        keys |= dict(List.objects.filter(account=self.account).values_list("name", "key"))
        segments = [key for key in self.drawn if key != but]

        def member() -> Any:
            made = draw_conditions.KINDS[dice.one(KINDS)](dice, self.at, self.zone, segments)
            return {"not": made} if dice.chance(5) else made

        sizes = dice.one([[1], [1, 1], [2], [1, 2]])
        drawn = {"condition_groups": [{"conditions": [member() for _ in range(n)]} for n in sizes]}
        return drawn, _with_keys(drawn, keys)

    def somebody(self, dice: Dice) -> int:
        ids = list(Profile.objects.filter(account=self.account).order_by("pk").values("pk"))
        return int(dice.one(ids)["pk"])

    def segment(self, dice: Dice) -> Segment:
        key = dice.one(list(self.drawn))
        return Segment.objects.get(account=self.account, key=key)

    # --- what happens ---

    @initialize(data=st.data())
    def open(self, data: st.DataObject) -> None:
        dice = Dice(data.draw)
        self.zone = dice.one([*pools.ZONES, "Pacific/Apia"])
        anchors = pools.anchors(self.zone) if self.zone in pools.DAYS else pools.CALENDAR_DAYS
        start = midnight(dice.one(anchors) - timedelta(days=dice.one([1, 0, 2, 9])), _tz(self.zone))
        self.at = start + dice.one([timedelta(0), 9 * HOUR, 23 * HOUR + 59 * MINUTE])
        self.account = new_account(
            self.zone,
            self.at,
            slug=f"life-{next(_numbers)}",
            metrics=pools.METRICS,
            lists=pools.LISTS,
        )
        self.new_people(data)
        self.new_people(data)
        self.new_segment(data)
        self.new_segment(data)

    @rule(data=st.data())
    def new_people(self, data: st.DataObject) -> None:
        self._say(self.dice(data), range(self.crowd, self.crowd + 2))
        self.crowd += 2

    @rule(data=st.data())
    def people_change(self, data: st.DataObject) -> None:
        dice = self.dice(data)
        self._say(dice, [dice.up_to(self.crowd - 1)])

    def _say(self, dice: Dice, indices: Any) -> None:
        for index in indices:
            record = draw_facts.person(
                dice, index % len(pools.PHONES), self.at, self.zone, draw_facts.EVERYTHING
            )
            record |= {"external_id": f"p{index}"}
            if index >= len(pools.PHONES):
                record.pop("phone_number", None)
            if "email" in record:
                record["email"] = f"p{index}@{record['email'].partition('@')[2]}"
            people(self.account, self.at, record)

    @rule(data=st.data())
    def properties_go(self, data: st.DataObject) -> None:
        dice = self.dice(data)
        gone: dict[str, None] = dict.fromkeys(dice.some(pools.PROPERTIES, 1, 3))
        people(self.account, self.at, {"id": str(self.somebody(dice)), "properties": gone})

    @rule(data=st.data())
    def things_are_done(self, data: st.DataObject) -> None:
        """Just now, late or in the future; sometimes said twice, sometimes by somebody new."""
        dice = self.dice(data)
        said = []
        for _ in range(1 + dice.up_to(4)):
            who = dice.up_to(self.crowd)
            self.crowd = max(self.crowd, who + 1)
            when = self.at if dice.chance(3) else draw_facts.instant_near(dice, self.at, self.zone)
            event = {
                "metric": dice.one([*pools.METRICS, *dice.focus.metrics * 3]),
                "time": when.isoformat(),
                "unique_id": f"{when.isoformat()} {dice.up_to(2)}",
                "value": None if dice.chance(4) else draw_facts.number(dice),
                "properties": draw_facts.properties(
                    dice, pools.EVENT_PROPERTIES, self.at, self.zone
                ),
                "profile": {"external_id": f"p{who}"},
            }
            said += [event] * (2 if dice.chance(4) else 1)
        events(self.account, self.at, *said)

    @rule(data=st.data())
    def list_is_joined(self, data: st.DataObject) -> None:
        dice = self.dice(data)
        joined = draw_facts.instant_near(dice, self.at, self.zone)
        on = [{"name": dice.one(pools.LISTS), "joined": joined.isoformat()}]
        people(self.account, self.at, {"id": str(self.somebody(dice)), "lists": on})

    @rule(data=st.data())
    def list_is_left(self, data: st.DataObject) -> None:
        dice = self.dice(data)
        key = List.objects.get(account=self.account, name=dice.one(pools.LISTS)).key
        gone = [self.somebody(dice), self.somebody(dice)]
        remove_from_list(account=self.account, key=key, profile_ids=gone, at=self.at)

    @precondition(lambda self: self.crowd > 3)
    @rule(data=st.data())
    def two_become_one(self, data: st.DataObject) -> None:
        dice = self.dice(data)
        keep, drop = self.somebody(dice), self.somebody(dice)
        assume(keep != drop)
        merge(account=self.account, keep_id=keep, drop_id=drop, at=self.at)

    @precondition(lambda self: Profile.objects.filter(account=self.account).count() > 2)
    @rule(data=st.data())
    def somebody_is_erased(self, data: st.DataObject) -> None:
        gone = self.somebody(self.dice(data))
        erase(account=self.account, profile_id=gone, at=self.at)

    # --- definitions ---

    @precondition(lambda self: len(self.drawn) < MOST_SEGMENTS)
    @rule(data=st.data())
    def new_segment(self, data: st.DataObject) -> None:
        drawn, definition = self.definition(self.dice(data))
        made = self._save(f"Segment {next(_numbers)}", definition)
        self.drawn[made.key] = drawn

    @precondition(lambda self: self.drawn)
    @rule(data=st.data(), at_once=st.booleans())
    def a_definition_changes(self, data: st.DataObject, at_once: bool) -> None:
        dice = self.dice(data)
        held = self.segment(dice)
        drawn, definition = self.definition(dice, but=held.key)
        try:
            if at_once:
                defined(self.account, self.at, held.name, definition, held)
            else:
                self._save(held.name, definition, held)
        except Invalid as error:
            if error.problems[0].code != "circle":
                raise
        else:
            self.drawn[held.key] = drawn

    def _save(self, name: str, definition: Any, held: Segment | None = None) -> Segment:
        return save_segment(
            account=self.account,
            user=None,
            name=name,
            definition=definition,
            at=self.at,
            segment=held,
        )

    @precondition(lambda self: self.drawn)
    @rule(data=st.data())
    def a_segment_is_paused_or_goes_on(self, data: st.DataObject) -> None:
        held = self.segment(self.dice(data))
        set_active(held, on=not held.is_active, at=self.at)

    @precondition(lambda self: len(self.drawn) > 2)
    @rule(data=st.data())
    def a_segment_is_deleted(self, data: st.DataObject) -> None:
        held = self.segment(self.dice(data))
        others = Segment.objects.filter(account=self.account).exclude(pk=held.pk)
        in_use = any(held.key in groups_of(decode(other.definition)) for other in others)
        try:
            delete_segment(account=self.account, segment=held)
        except Conflict:
            assert in_use
        else:
            assert not in_use
            del self.drawn[held.key]

    # --- time, and work left half done ---

    @rule(stride=st.sampled_from(STRIDES))
    def time_passes(self, stride: timedelta) -> None:
        self.at += stride

    @rule(late=st.sampled_from([timedelta(0), timedelta(0), MINUTE]))
    def the_day_turns(self, late: timedelta) -> None:
        today = self.at.astimezone(_tz(self.zone)).date()
        self.at = midnight(today + DAY, _tz(self.zone)) + late

    @rule(zone=st.sampled_from([*pools.ZONES, "Pacific/Apia"]))
    def the_account_moves(self, zone: str) -> None:
        self.zone = zone
        Account.objects.filter(pk=self.account.pk).update(time_zone=zone)
        self.account.time_zone = zone

    @rule()
    def some_changes_are_handled(self) -> None:
        handle_changes(self.account, self.at)

    @rule()
    def only_the_clock_goes_on(self) -> None:
        advance(self.account, self.at)

    @rule(places=st.integers(0, 3))
    def a_build_is_stopped_half_way(self, places: int) -> None:
        waiting = Build.objects.filter(account=self.account, finished=None, heartbeat=None).first()
        if waiting is not None:
            with _stopping_after(places):
                run_build(waiting.pk, self.at)
            self.at += 2 * MINUTE  # until another worker may take over

    @rule()
    def builds_run(self) -> None:
        run_builds(self.account, self.at)

    # --- what must hold ---

    @rule(audited=st.booleans())
    def all_is_followed(self, audited: bool) -> None:
        settle(self.account, self.at)
        expect_right(self.account, self.at)
        if audited:
            assert audit(self.account, self.at).differences == 0
            expect_right(self.account, self.at)

    def teardown(self) -> None:
        if hasattr(self, "account"):
            self.all_is_followed(audited=True)


def _tz(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


def _with_keys(value: Any, keys: dict[str, str]) -> Any:
    """A definition with keys for the names of metrics and groups."""
    if isinstance(value, list):
        return [_with_keys(item, keys) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: _with_keys(item, keys) for name, item in value.items()}
    if "metric_id" in found:
        found["metric_id"] = keys[found["metric_id"]]
    if "group_ids" in found:
        found["group_ids"] = [keys.get(group, group) for group in found["group_ids"]]
    return found


class _stopping_after:
    """Kill the evaluation after so many answers about nodes of a tree."""

    def __init__(self, answers: int) -> None:
        self.left = answers

    def __enter__(self) -> None:
        self.patch = pytest.MonkeyPatch()
        answer: Callable[[Evaluation, Any], Any] = Evaluation.mask

        def mask(evaluation: Evaluation, node: Any) -> Any:
            if not self.left:
                raise Stopped
            self.left -= 1
            return answer(evaluation, node)

        self.patch.setattr(Evaluation, "mask", mask)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        self.patch.undo()
        return kind is Stopped


@pytest.mark.django_db(transaction=True)
def test_any_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "queue_build", [])  # builds run when the machine says so
    monkeypatch.setattr(building, "SHARD", 3)
    run_state_machine_as_test(Life, settings=LIVES)
