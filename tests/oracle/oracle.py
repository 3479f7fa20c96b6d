"""The tree: AND between groups, OR inside them, a true complement for "not".

Start here: `members` says who is in. Must stay slow and obvious.
"""

from __future__ import annotations

from datetime import datetime

from . import consent_kinds, event_kinds, places, profile_kinds
from .world import Json, World


def members(definition: Json, world: World, at: datetime) -> set[int]:
    """Return the indices into `world.people` of those who meet the definition at aware `at`."""
    return {
        person
        for person in range(len(world.people))
        if meets_definition(definition, world, person, at)
    }


def meets_definition(definition: Json, world: World, person: int, at: datetime) -> bool:
    """Tell whether one person meets every group of a definition."""
    return all(
        any(_meets(member, world, person, at) for member in group["conditions"])
        for group in definition["condition_groups"]
    )


def _meets(member: Json, world: World, person: int, at: datetime) -> bool:
    if "condition_groups" in member:
        return meets_definition(member, world, person, at)
    if "not" in member:
        return not _meets(member["not"], world, person, at)
    kind = member["type"]
    if kind == "profile-metric":
        return event_kinds.metric(member, world, person, at)
    if kind == "profile-metric-funnel":
        return event_kinds.funnel(member, world, person, at)
    if kind == "profile-metric-ratio":
        return event_kinds.ratio(member, world, person, at)
    if kind == "profile-property":
        return profile_kinds.profile_property(member, world, person, at)
    if kind == "profile-group-membership":
        return profile_kinds.group_membership(
            member,
            world,
            person,
            at,
            lambda definition, someone: meets_definition(definition, world, someone, at),
        )
    if kind == "profile-marketing-consent":
        return consent_kinds.marketing_consent(member, world, person, at)
    if kind == "profile-permissions":
        return consent_kinds.permissions(member, world, person, at)
    if kind == "profile-region":
        return places.region(member, world, person)
    if kind == "profile-postal-code-distance":
        return places.postal_code_distance(member, world, person)
    if kind == "profile-location-distance":
        return places.location_distance(member, world, person)
    if kind == "profile-predictive-analytics":
        return profile_kinds.predictive_analytics(member, world, person, at)
    if kind == "profile-sample":
        return profile_kinds.sample(member, world, person)
    raise ValueError(f"not a condition that can be evaluated: {kind!r}")
