"""Anything that can happen to an account, in any order: live membership stays what it should be.

Every fact is written through the product's functions and committed; the expected members come from
the oracle over the rows. `make test` runs a few lives, `make nightly` (SEGMENTER_NIGHTLY=1) many.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from pytest_django import Settings

from profiles.columns import gather
from profiles.columns.mirror import compaction, upkeep
from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_profiles
from profiles.lists.editing import remove_from_list
from profiles.models import List, Metric, Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid
from segments.definition.codec import decode
from segments.definition.validate import groups_of
from segments.engine import build as building
from segments.engine import build_queue, edges
from segments.engine.audit import audit
from segments.engine.build import run_build
from segments.engine.deletion import delete_segment
from segments.engine.edges import advance
from segments.engine.editing import save_segment, set_active
from segments.engine.live import follow, handle_changes
from segments.models import AccountClock, Build, Segment
from tests.draws import draws
from tests.live.judge import expect_right, last_flip
from tests.live.life_choices import Thrown, stopping_after, window, with_keys
from tests.live.steps import DAY, HOUR, MINUTE, events, new_account, people, run_builds, settle
from tests.live.stored import stored_world
from tests.oracle import draw_facts, kinds, pools
from tests.oracle.dice import Dice
from tests.oracle.focus import focus_on
from tests.oracle.oracle import members
from tests.oracle.windows import midnight

LIVES = settings(
    max_examples=draws(5, nightly=400),
    stateful_step_count=draws(25, nightly=50),
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
FACTS = (
    *("things_are_done", "things_are_done", "things_are_done", "new_people", "people_change"),
    *("properties_go", "list_is_joined", "list_is_left", "two_become_one", "somebody_is_erased"),
)
DEFINITIONS = (
    *("new_segment", "new_segment", "a_definition_changes", "a_definition_changes"),
    *("a_segment_is_paused_or_goes_on", "a_segment_is_deleted"),
)
BUILDS = ("done", "left", "killed")
ZONES = (*pools.ZONES, "Pacific/Apia")
MOST_SEGMENTS = 6
JUMPS = [timedelta(seconds=20), -HOUR, 6 * HOUR, -6 * HOUR, 3 * DAY, -3 * DAY, 400 * DAY]
FOLLOWED = ("all", "all", "a build", "the clock", "nothing")
STRIDES = [MINUTE, 7 * MINUTE, HOUR, 11 * HOUR, DAY, 3 * DAY, 8 * DAY, 33 * DAY]

_numbers = itertools.count()
SEEDS = st.integers(0, 2**32)


class Life(RuleBasedStateMachine):
    """One account over time: facts and definitions change, `follow` is compared with the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self.at = datetime(2026, 3, 1, tzinfo=UTC)
        self.zone = "UTC"
        self.crowd = 0
        self.drawn: dict[str, Any] = {}
        """Definitions as drawn, by segment key: facts fall on their edges."""

    @initialize(seed=SEEDS)
    def open(self, seed: int) -> None:
        dice = Thrown(seed)
        self.zone = dice.one(ZONES)
        anchors = pools.anchors(self.zone) if self.zone in pools.DAYS else pools.CALENDAR_DAYS
        start = midnight(dice.one(anchors) - timedelta(days=dice.one([1, 0, 2, 9])), self.tz)
        self.at = start + dice.one([timedelta(0), 9 * HOUR, 23 * HOUR + 59 * MINUTE])
        self.account = new_account(
            self.zone,
            self.at,
            slug=f"life-{next(_numbers)}",
            metrics=pools.METRICS,
            lists=pools.LISTS,
        )
        self._say(dice, range(5))
        self.crowd = 5
        for _ in range(4):
            self.new_segment(dice)
            dice.focus = self.dice(seed).focus
            self.things_are_done(dice)
        settle(self.account, self.at)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    # --- choices ---

    def dice(self, seed: int) -> Dice:
        dice = Thrown(seed)
        dice.focus = focus_on(self.drawn.values(), self.zone)
        return dice

    def definition(self, dice: Dice, but: str = "") -> tuple[Any, Any]:
        """A tree as drawn, and the same with keys for the names of metrics and lists.

        One that some people match and others do not, if a few draws find one.
        """
        keys = dict(Metric.objects.filter(account=self.account).values_list("name", "key"))
        keys |= dict(List.objects.filter(account=self.account).values_list("name", "key"))
        world = stored_world(self.account, self.at)
        for _try in range(6):
            tree = self._tree(dice, [key for key in self.drawn if key != but])
            definition = with_keys(tree, keys)
            if 0 < len(members(definition, world, self.at)) < len(world.people):
                break
        return tree, definition

    def _tree(self, dice: Dice, segments: Sequence[str]) -> Any:
        def member() -> Any:
            if dice.chance(3):
                return window(dice, segments)
            condition = kinds.KINDS[dice.one(KINDS)].draw(dice, self.at, self.zone, segments)
            return {"not": condition} if dice.chance(6) else condition

        sizes = dice.one([[1], [1], [1, 1], [2], [1, 2]])
        return {"condition_groups": [{"conditions": [member() for _ in range(n)]} for n in sizes]}

    def somebody(self, dice: Dice) -> int:
        ids = list(Profile.objects.filter(account=self.account).order_by("pk").values("pk"))
        return int(dice.one(ids)["pk"])

    def segment(self, dice: Dice) -> Segment:
        return Segment.objects.get(account=self.account, key=dice.one(list(self.drawn)))

    # --- facts ---

    @rule(what=st.lists(st.sampled_from(FACTS), min_size=2, max_size=6), seed=SEEDS)
    def facts_change(self, what: list[str], seed: int) -> None:
        dice = self.dice(seed)
        for each in what:
            getattr(self, each)(dice)

    def new_people(self, dice: Dice) -> None:
        self._say(dice, [self.crowd])
        self.crowd += 1

    def people_change(self, dice: Dice) -> None:
        self._say(dice, [dice.up_to(self.crowd - 1), dice.up_to(self.crowd - 1)])

    def _say(self, dice: Dice, indices: Iterable[int]) -> None:
        for index in indices:
            record = draw_facts.person(
                dice, index % len(pools.PHONES), self.at, self.zone, draw_facts.EVERYTHING
            )
            record |= {"external_id": f"p{index}"}
            if index >= len(pools.PHONES):
                record.pop("phone_number", None)
            if "email" in record:
                record["email"] = f"p{index}@{record['email'].partition('@')[2]}"
            result = ingest_profiles(account=self.account, records=[record], at=self.at)
            # After a merge the two people are one.
            assert {refused.problem.code for refused in result.rejected} <= {"duplicate_profile"}

    def properties_go(self, dice: Dice) -> None:
        properties: dict[str, None] = dict.fromkeys(dice.some(pools.PROPERTIES, 1, 3))
        people(self.account, self.at, {"id": str(self.somebody(dice)), "properties": properties})

    def things_are_done(self, dice: Dice) -> None:
        """Just now, late or in the future; sometimes sent twice, sometimes of a new person."""
        properties = []
        for _ in range(2 + dice.up_to(4)):
            who = dice.up_to(self.crowd)
            self.crowd = max(self.crowd, who + 1)
            when = self.at if dice.chance(4) else draw_facts.instant_near(dice, self.at, self.zone)
            if dice.chance(4):
                when = self.at + dice.one([MINUTE, HOUR, DAY, 3 * DAY]) - dice.one([MINUTE, HOUR])
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
            properties += [event] * (2 if dice.chance(4) else 1)
        events(self.account, self.at, *properties)

    def list_is_joined(self, dice: Dice) -> None:
        batch = draw_facts.instant_near(dice, self.at, self.zone)
        on = [{"name": dice.one(pools.LISTS), "joined": batch.isoformat()}]
        people(self.account, self.at, {"id": str(self.somebody(dice)), "lists": on})

    def list_is_left(self, dice: Dice) -> None:
        key = List.objects.get(account=self.account, name=dice.one(pools.LISTS)).key
        since = [self.somebody(dice), self.somebody(dice)]
        remove_from_list(account=self.account, key=key, profile_ids=since, at=self.at)

    def two_become_one(self, dice: Dice) -> None:
        keep, drop = self.somebody(dice), self.somebody(dice)
        if keep != drop:
            merge(account=self.account, keep_id=keep, drop_id=drop, at=self.at)

    def somebody_is_erased(self, dice: Dice) -> None:
        if Profile.objects.filter(account=self.account).count() > 2:
            erase(account=self.account, profile_id=self.somebody(dice), at=self.at)

    # --- definitions ---

    @rule(what=st.sampled_from(DEFINITIONS), then=st.sampled_from(BUILDS), seed=SEEDS)
    def definitions_change(self, what: str, then: str, seed: int) -> None:
        dice = self.dice(seed)
        getattr(self, what)(dice)
        self.builds_go_on(then, dice)

    def new_segment(self, dice: Dice) -> None:
        if len(self.drawn) < MOST_SEGMENTS:
            tree, definition = self.definition(dice)
            segment = self._save(f"Segment {next(_numbers)}", definition)
            self.drawn[segment.key] = tree

    def a_definition_changes(self, dice: Dice) -> None:
        segment = self.segment(dice)
        others = Segment.objects.filter(account=self.account).exclude(pk=segment.pk)
        referred = sorted(set().union(*(groups_of(decode(o.definition)) for o in others)))
        referred = [key for key in referred if key in self.drawn]
        if referred and dice.chance(2):
            segment = Segment.objects.get(account=self.account, key=dice.one(referred))
        tree, definition = self.definition(dice, but=segment.key)
        try:
            self._save(segment.name, definition, segment)
        except Invalid as error:
            if error.problems[0].code != "circle":
                raise
        else:
            self.drawn[segment.key] = tree

    def _save(self, name: str, definition: Any, segment: Segment | None = None) -> Segment:
        return save_segment(
            account=self.account,
            user=None,
            name=name,
            definition=definition,
            at=self.at,
            segment=segment,
        )

    def a_segment_is_paused_or_goes_on(self, dice: Dice) -> None:
        segment = self.segment(dice)
        set_active(segment, on=not segment.is_active, at=self.at)

    def a_segment_is_deleted(self, dice: Dice) -> None:
        if len(self.drawn) < 3:
            return
        segment = self.segment(dice)
        others = Segment.objects.filter(account=self.account).exclude(pk=segment.pk)
        in_use = any(segment.key in groups_of(decode(other.definition)) for other in others)
        try:
            delete_segment(account=self.account, segment=segment, at=self.at)
        except Conflict:
            assert in_use
        else:
            assert not in_use
            del self.drawn[segment.key]

    def builds_go_on(self, then: str, dice: Dice) -> None:
        """Run the builds that wait, leave them, or kill the worker at some point of the first."""
        unfinished_build = Build.objects.filter(
            account=self.account, finished=None, heartbeat=None
        ).first()
        if then == "done":
            run_builds(self.account, self.at)
        elif then == "killed" and unfinished_build is not None:
            with stopping_after(1 + dice.up_to(8)):
                run_build(unfinished_build.pk, self.at)
            self.at += dice.one([2 * MINUTE, HOUR, DAY])  # until another worker may take over

    # --- time, and work left half done ---

    @rule(stride=st.sampled_from(STRIDES))
    def time_passes(self, stride: timedelta) -> None:
        self.at += stride

    @rule(jump=st.sampled_from(JUMPS), meanwhile=st.sampled_from(FOLLOWED), seed=SEEDS)
    def the_clock_jumps_and_is_put_right(self, jump: timedelta, meanwhile: str, seed: int) -> None:
        """The database's clock is wrong for a while, in which things happen and are followed."""
        true = self.at
        self.at += jump
        self.facts_change(["things_are_done", "people_change"], seed)
        if meanwhile == "all":
            self.all_is_followed(audited=False)
        elif meanwhile == "a build":
            self.definitions_change("a_definition_changes", "done", seed)
        elif meanwhile == "the clock":
            follow(self.account, self.at, clock=lambda: self.at)
        self.at = true + MINUTE

    @rule(jump=st.sampled_from(JUMPS[1:]), what=st.sampled_from(["follows", "stores"]), seed=SEEDS)
    def one_process_has_another_time(self, jump: timedelta, what: str, seed: int) -> None:
        """It asked for the time before the clock was corrected, and does one more thing."""
        true = self.at
        if what == "follows":
            follow(self.account, true + jump, clock=lambda: true)
            return
        self.at = true + jump
        self.facts_change(["things_are_done"], seed)
        self.at = true

    @rule(age=st.sampled_from([HOUR, DAY, 8 * DAY]))
    def an_older_clock_is_restored(self, age: timedelta) -> None:
        AccountClock.objects.filter(account=self.account).update(until=F("until") - age)

    @rule(seed=SEEDS)
    def an_edge_comes(self, seed: int) -> None:
        """Go on to the minute at which, the oracle says, somebody enters or leaves."""
        world, dice = stored_world(self.account, self.at), Thrown(seed)
        for _try in range(12):
            person = dice.up_to(len(world.people) - 1)
            definition = dice.one(list(world.segments.values()) or [None])
            ahead = self.at + dice.one([2 * HOUR, DAY, 2 * DAY, 8 * DAY])
            edge = definition and last_flip(definition, world, person, self.at, ahead)
            if edge:
                minute = edge.replace(second=0, microsecond=0)
                self.at = minute if minute == edge else minute + MINUTE
                return

    @rule(late=st.sampled_from([timedelta(0), timedelta(0), MINUTE]))
    def the_day_turns(self, late: timedelta) -> None:
        self.at = midnight(self.at.astimezone(self.tz).date() + DAY, self.tz) + late

    @rule(zone=st.sampled_from(ZONES))
    def the_account_moves(self, zone: str) -> None:
        self.zone = zone
        Account.objects.filter(pk=self.account.pk).update(time_zone=zone)
        self.account.time_zone = zone

    @rule(how=st.sampled_from(["one batch", "only the clock", *BUILDS]), seed=SEEDS)
    def some_work_is_done(self, how: str, seed: int) -> None:
        if how == "one batch":
            handle_changes(self.account, self.at)
        elif how == "only the clock":
            advance(self.account, self.at)
        else:
            self.builds_go_on(how, self.dice(seed))

    @rule(make=st.sampled_from([upkeep.build, compaction.compact, compaction.compact]))
    def people_are_mirrored(self, make: Callable[[Account, datetime], object]) -> None:
        make(self.account, self.at)

    # --- what must hold ---

    @rule(audited=st.booleans())
    def all_is_followed(self, audited: bool) -> None:
        settle(self.account, self.at)
        expect_right(self.account, self.at)
        if audited:
            assert audit(self.account, self.at, clock=lambda: self.at).differences == 0

    def teardown(self) -> None:
        if hasattr(self, "account"):
            self.all_is_followed(audited=True)


@pytest.mark.django_db(transaction=True)
def test_any_life(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    settings.SEGMENTER_MIRROR = tmp_path
    monkeypatch.setattr(gather, "FEW", 2)  # some batches by the mirror, some by rows
    # Builds run when the machine says so.
    monkeypatch.setattr(build_queue.new_build, "subscribers", [])
    monkeypatch.setattr(building, "SHARD", 3)
    monkeypatch.setattr(edges, "MOST_MIDNIGHTS", 40)  # a catch-up of 400 days takes its time
    run_state_machine_as_test(Life, settings=LIVES)
