"""The models of segments: definitions, membership and its ledger, and the work on them."""

from segments.models.audience import (
    Audience,
    AudienceFile,
    AudienceFileKind,
    AudienceFileLine,
    AudienceFileState,
    AudienceMember,
)
from segments.models.audience_connection import (
    AudienceChange,
    AudienceConnection,
    AudienceSync,
)
from segments.models.campaign_report import CampaignReport
from segments.models.destination import (
    Destination,
    DestinationMember,
    DestinationRun,
    Schedule,
)
from segments.models.destination_file import (
    DestinationFile,
    DestinationFileBlock,
    DestinationLink,
)
from segments.models.export import (
    ColumnSet,
    Export,
    ExportBlock,
    ExportChunk,
    ExportStatus,
)
from segments.models.forecast import ForecastBlock, ForecastPlan, SegmentForecast
from segments.models.inactivity import InactivityRule
from segments.models.job import Job, JobStatus
from segments.models.membership import Membership, MembershipChange
from segments.models.outlet import Delivery, DeliveryState, Reason, Webhook
from segments.models.public_link import PublicLink
from segments.models.remote_connection import ConnectionState, RemoteConnection
from segments.models.sample import Sample, SampleGroup, SamplePart, SampleStatus
from segments.models.segment import Draft, Segment, SegmentStatus, SegmentVersion, Tag
from segments.models.work import AccountClock, Audit, Build, BuildPart, Heartbeat

__all__ = [
    "AccountClock",
    "Audience",
    "AudienceChange",
    "AudienceConnection",
    "AudienceFile",
    "AudienceFileKind",
    "AudienceFileLine",
    "AudienceFileState",
    "AudienceMember",
    "AudienceSync",
    "Audit",
    "Build",
    "BuildPart",
    "CampaignReport",
    "ColumnSet",
    "ConnectionState",
    "Delivery",
    "DeliveryState",
    "Destination",
    "DestinationFile",
    "DestinationFileBlock",
    "DestinationLink",
    "DestinationMember",
    "DestinationRun",
    "Draft",
    "Export",
    "ExportBlock",
    "ExportChunk",
    "ExportStatus",
    "ForecastBlock",
    "ForecastPlan",
    "Heartbeat",
    "InactivityRule",
    "Job",
    "JobStatus",
    "Membership",
    "MembershipChange",
    "PublicLink",
    "Reason",
    "RemoteConnection",
    "Sample",
    "SampleGroup",
    "SamplePart",
    "SampleStatus",
    "Schedule",
    "Segment",
    "SegmentForecast",
    "SegmentStatus",
    "SegmentVersion",
    "Tag",
    "Webhook",
]
