"""Which variant is better: never said too early, said in the end, whatever the number of looks."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_targeting.figures.experiment import (
    VariantFinding,
    compare_variants,
)
from forms_targeting.figures.wording import result_text
from predictions.numerics.experiments.proportions import Proportion
from tests.draws import draws

TALLIES = st.integers(0, 5_000).flatmap(
    lambda of: st.integers(0, of).map(lambda count: Proportion(count, of))
)


def test_nothing_is_compared_before_two_variants_were_seen() -> None:
    assert compare_variants({}) is None
    assert compare_variants({"A": Proportion(1, 10)}) is None
    assert compare_variants({"A": Proportion(1, 10), "B": Proportion(0, 0)}) is None


def test_a_clear_difference_is_said_with_its_range() -> None:
    result = compare_variants({"A": Proportion(300, 10_000), "B": Proportion(450, 10_000)})
    assert result is not None
    assert (result.best, result.finding) == ("B", VariantFinding.BETTER)
    low, high = result.contrasts[0].valid
    assert 0 < low < 0.015 < high
    verdict = result_text(result)
    assert (verdict.level, verdict.title) == ("good", "B is better")
    assert "4.5%" in verdict.text
    assert "3.0%" in verdict.text


def test_few_submissions_decide_nothing() -> None:
    result = compare_variants({"A": Proportion(0, 30), "B": Proportion(3, 30)})
    assert result is not None
    assert result.finding is VariantFinding.TOO_FEW
    assert result_text(result).title == "Nothing is decided yet"


def test_what_is_needed_is_what_decides() -> None:
    tallies = {"A": Proportion(30, 1_000), "B": Proportion(40, 1_000)}
    result = compare_variants(tallies)
    assert result is not None
    assert result.finding is VariantFinding.WAIT
    assert result.more_views is not None
    factor = 1 + result.more_views / 2_000
    for share, finding in ((1.02, VariantFinding.BETTER), (0.9, VariantFinding.WAIT)):
        grown = {
            letter: Proportion(round(t.count * factor * share), round(t.of * factor * share))
            for letter, t in tallies.items()
        }
        later = compare_variants(grown)
        assert later is not None
        assert later.finding is finding


def test_equal_rates_are_never_decided_by_more_views() -> None:
    result = compare_variants({"A": Proportion(50, 1_000), "B": Proportion(50, 1_000)})
    assert result is not None
    assert result.more_views is None
    assert "no number of views" in result_text(result).text


def test_one_of_three_must_be_better_than_both_others() -> None:
    tallies = {
        "A": Proportion(300, 10_000),
        "B": Proportion(450, 10_000),
        "C": Proportion(455, 10_000),
    }
    result = compare_variants(tallies)
    assert result is not None
    assert (result.best, result.finding) == ("C", VariantFinding.WAIT)
    assert [(each.letter, each.is_certain) for each in result.contrasts] == [
        *(("B", False), ("A", True)),
    ]


def test_daily_looks_at_equal_variants_find_few_differences() -> None:
    """200 tests of 60 days each, looked at every day: at most 5 % may find a difference."""
    chance = random.Random(37)
    alarms = 0
    for _test in range(200):
        counts = {"A": [0, 0], "B": [0, 0]}
        for _day in range(60):
            for tally in counts.values():
                tally[0] += sum(chance.random() < 0.1 for _view in range(20))
                tally[1] += 20
            result = compare_variants({name: Proportion(*tally) for name, tally in counts.items()})
            assert result is not None
            if result.finding is VariantFinding.BETTER:
                alarms += 1
                break
    assert alarms <= 10


@settings(max_examples=draws(60, nightly=2_000), deadline=None)
@given(tallies=st.dictionaries(st.sampled_from("ABCDEF"), TALLIES, max_size=6))
def test_any_counts_have_a_result_in_words(tallies: dict[str, Proportion]) -> None:
    result = compare_variants(tallies)
    if result is None:
        assert sum(tally.of > 0 for tally in tallies.values()) < 2
        return
    assert all(contrast.value >= 0 for contrast in result.contrasts)
    assert result_text(result).text
    if result.finding is not VariantFinding.BETTER:
        assert result.more_views is None or result.more_views > 0


@pytest.mark.parametrize(("count", "of"), [(0, 0), (0, 1), (1, 1), (7, 9)])
def test_a_variant_s_interval_includes_its_rate(count: int, of: int) -> None:
    result = compare_variants({"A": Proportion(count, of), "B": Proportion(1, 2)})
    if of:
        assert result is not None
        assert result.interval("A").holds(count / of)
    else:
        assert result is None
