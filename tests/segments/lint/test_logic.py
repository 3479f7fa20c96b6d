"""What is called impossible is impossible: against the oracle, for drawn people and definitions."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings

from segments.definition.codec import decode, encode
from segments.definition.tree import All, Any, Node, walk
from segments.definition.windows import Moment
from segments.lint.logic.theory import Theory
from tests.draws import draws
from tests.oracle.oracle import members
from tests.oracle.strategies import Case, cases

LAW = settings(
    max_examples=draws(150, nightly=3_000),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


def who(case: Case, node: Node) -> set[int]:
    """Who meets a part of a definition, according to the oracle."""
    tree = (
        node if isinstance(node, All) else All((node if isinstance(node, Any) else Any((node,)),))
    )
    return members(encode(tree), case.world, case.at)


@LAW
@given(cases())
def test_nobody_meets_what_is_called_impossible_and_everyone_what_is_called_certain(
    case: Case,
) -> None:
    tree = decode(case.definition)
    theory = Theory(tree, Moment(case.at, ZoneInfo(case.world.zone)))
    everyone = set(range(len(case.world.people)))
    for _pointer, node in walk(tree):
        if theory.never(node):
            assert who(case, node) == set()
        if theory.always(node):
            assert who(case, node) == everyone
