"""The rows of people, metrics, events, consents, lists and their changes."""

from profiles.consent_words import CAUTION, Channel, ConsentStatus, SuppressionReason
from profiles.models.change import Cause, ProfileChange
from profiles.models.consent import Consent, Suppression
from profiles.models.event import Event, Metric, Property
from profiles.models.imports import ImportChunk, ImportJob, ImportStatus
from profiles.models.list import List, ListMember, ListRemoval
from profiles.models.mirror import Mirror
from profiles.models.profile import IDENTIFIERS, Profile, ProfileMerge

__all__ = [
    "CAUTION",
    "IDENTIFIERS",
    "Cause",
    "Channel",
    "Consent",
    "ConsentStatus",
    "Event",
    "ImportChunk",
    "ImportJob",
    "ImportStatus",
    "List",
    "ListMember",
    "ListRemoval",
    "Metric",
    "Mirror",
    "Profile",
    "ProfileChange",
    "ProfileMerge",
    "Property",
    "Suppression",
    "SuppressionReason",
]
