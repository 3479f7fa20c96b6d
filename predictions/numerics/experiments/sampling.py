"""Random samples of people: how large, who, and split into groups. Exact, seeded, repeatable.

Whoever has the smallest hash of seed and id is drawn first. So a sample depends on the seed and on
who may be drawn, and on nothing else: not on the order of rows, the machine or the version of a
library.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np

from predictions.numerics.arrays import Ints
from predictions.numerics.experiments.hashing import hashes, mix

_SALT = 0x5A4D504C  # "SMPL": a sample has nothing in common with a condition of the same seed


def sample_size(
    people: int, *, number: int | None = None, percent: Fraction | None = None, least: int = 0
) -> int:
    """Return how many of some people are drawn: a number, or a percentage of them.

    `least` are drawn if a percentage is fewer; never more than there are. Halves round up.
    """
    if number is not None:
        size = number
    elif percent is not None:
        size = (2 * people * percent / 100 + 1).__floor__() // 2
    else:
        raise ValueError("A sample needs a number or a percentage.")
    return min(max(size, least), people)


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Return shares of a total in proportion to weights, by largest remainder (Hamilton).

    The shares add up to the total exactly, and each is its quota rounded down or up. Where
    remainders are equal, the larger weight comes first, then the earlier place. Integers alone, so
    nothing is lost to rounding. Raises ValueError where no weight is positive.
    """
    whole = sum(weights)
    if total and whole <= 0:
        raise ValueError("Nothing can be shared out: no weight is positive.")
    parts = [divmod(total * weight, whole) if whole else (0, 0) for weight in weights]
    shares = [quotient for quotient, _ in parts]
    places = sorted(range(len(parts)), key=lambda i: (-parts[i][1], -weights[i], i))
    for place in places[: total - sum(shares)]:
        shares[place] += 1
    return shares


def draw(ids: Ints, sizes: Sequence[int], *, seed: int, strata: Ints | None = None) -> list[Ints]:
    """Draw disjoint groups of these sizes; int64 each, ascending ids.

    `ids` int64[n] are different and in any order. With `strata` int64[n], the group of alike people
    that each belongs to, every drawn group holds each stratum in proportion, by largest remainder.
    Strata are told apart by who is in them, so their numbers do not matter. Raises ValueError if
    more are asked for than there are.
    """
    if sum(sizes) > len(ids):
        raise ValueError(f"{sum(sizes)} people cannot be drawn from {len(ids)}.")
    ranks = hashes(ids, int(mix(np.array([seed], dtype=np.uint64))[0] ^ np.uint64(_SALT)))
    order = np.argsort(ranks)
    queue = ids[order].astype(np.int64)
    if strata is None:
        edges = np.cumsum([0, *sizes]).tolist()
        return [np.sort(queue[first:last]) for first, last in pairwise(edges)]
    return _draw_stratified(queue, strata[order], sizes)


def _draw_stratified(queue: Ints, strata: Ints, sizes: Sequence[int]) -> list[Ints]:
    """Draw each group in turn from what the earlier ones have left of each stratum.

    `queue` holds the ids by their hash, so a stratum's first place is its place among strata.
    """
    _, first, numbers = np.unique(strata, return_index=True, return_inverse=True)
    by_first = np.argsort(np.argsort(first))
    numbers = by_first[numbers]  # stratum 0 holds the first of the queue, and so on
    order = np.argsort(numbers, kind="stable")
    queue, left = queue[order], np.bincount(numbers, minlength=len(first))
    starts = np.concatenate([[0], np.cumsum(left)])[:-1]
    groups = []
    for size in sizes:
        shares = np.array(apportion(size, left.tolist()), dtype=np.int64)
        places = np.repeat(starts - np.concatenate([[0], np.cumsum(shares)])[:-1], shares)
        groups.append(np.sort(queue[places + np.arange(size)]))
        starts, left = starts + shares, left - shares
    return groups
