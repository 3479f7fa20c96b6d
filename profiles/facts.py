"""The names of facts about people: what a change touched and what a condition reads.

A fact is a short text: `metric:12`, `property:Favourite colour`, `attribute:city`, `list:3`,
`consent:email`, `segment:7`, `place`, `prediction:churn_probability`. Segments that read none of
the facts a change touched need no second look.
"""

from __future__ import annotations

PLACE = "place"
"""Where the person is: coordinates, and what they are worked out from."""
EXISTS = "exists"
"""The profile was made, merged or erased: every segment looks."""


def metric(metric_key: str) -> str:
    return f"metric:{metric_key}"


def attribute(name: str) -> str:
    return f"attribute:{name}"


def profile_property(name: str) -> str:
    return f"property:{name}"


def group(key: str) -> str:
    """A list or a segment: definitions do not tell them apart."""
    return f"group:{key}"


def consent(channel: str) -> str:
    return f"consent:{channel}"


def prediction(dimension: str) -> str:
    return f"prediction:{dimension}"


SUPPRESSION_REASONS = (
    "hard_bounce",
    "invalid_email",
    "spam_complaint",
    "unsubscribe",
    "user_suppressed",
)
"""Why someone may not be written to, whatever they agreed to."""
