"""RFM scores of customers (recency, frequency, monetary value), and the groups by score."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from predictions.numerics.arrays import Floats

RECENT_DAYS = 180
LAPSED_DAYS = 365

Scores = npt.NDArray[np.int8]


class Group(StrEnum):
    """A group of customers, from the best to the least."""

    CHAMPIONS = "champions"
    LOYAL = "loyal"
    RECENT = "recent"
    NEEDS_ATTENTION = "needs_attention"
    AT_RISK = "at_risk"
    INACTIVE = "inactive"


GROUPS = tuple(Group)
CODES = {
    Group.CHAMPIONS: (333, 332, 323),
    Group.LOYAL: (321, 322, 331, 232, 233),
    Group.RECENT: (312, 313, 311, 222, 223),
    Group.NEEDS_ATTENTION: (213, 221, 123, 132, 133),
    Group.AT_RISK: (231, 212, 122, 131, 211),
    Group.INACTIVE: (111, 112, 113, 121),
}
"""Three digits: recency, frequency, monetary value; 3 is the best."""


def score(days_since: Floats, orders: Floats, spend: Floats) -> Scores:
    """Return recency, frequency and monetary value as 1, 2 or 3; int8[k, 3].

    `days_since`: days since the last order, float64[k]: 3 up to 180, 2 up to 365. `orders` and
    `spend` by terciles of these customers. Equal values score alike: if two thirds ordered once,
    nobody scores 2 for frequency.
    """
    recency = 1 + (days_since <= RECENT_DAYS) + (days_since <= LAPSED_DAYS).astype(np.int8)
    return np.column_stack((recency, _terciles(orders), _terciles(spend))).astype(np.int8)


def group(scores: Scores) -> npt.NDArray[np.int8]:
    """Return each customer's group as its position in GROUPS, int8[k]."""
    places = np.zeros(334, np.int8)
    for place, name in enumerate(GROUPS):
        places[list(CODES[name])] = place
    return places[scores @ np.array([100, 10, 1])]


def _terciles(values: Floats) -> npt.NDArray[np.int8]:
    if not len(values):
        return np.zeros(0, np.int8)
    low, high = np.quantile(values, (1 / 3, 2 / 3), method="inverted_cdf")
    return 1 + (values > low).astype(np.int8) + (values > high).astype(np.int8)
