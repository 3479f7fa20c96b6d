"""The rows of segments: definitions, membership and its ledger, and the work on them."""

from segments.models.membership import Membership, MembershipChange
from segments.models.segment import Draft, Segment, SegmentStatus, SegmentVersion, Tag
from segments.models.work import AccountClock, Audit, Build, BuildPart, Heartbeat

__all__ = [
    "AccountClock",
    "Audit",
    "Build",
    "BuildPart",
    "Draft",
    "Heartbeat",
    "Membership",
    "MembershipChange",
    "Segment",
    "SegmentStatus",
    "SegmentVersion",
    "Tag",
]
