"""What the services say to each other: versioned, frozen, and free of any library but msgspec.

A body carries ids, keyed indexes, outcomes and dates. A name, a number or a phone travels only as a
sealed envelope. This package must not import a database, web or queue library.
"""

from shared.messages.alarms import AlarmRaised, AlarmReviewed, RecheckOrdered, ResampleOrdered
from shared.messages.appeals import AppealChanged
from shared.messages.base import Message, decode, encode, message_type
from shared.messages.batches import BatchPartReceived
from shared.messages.breaches import BreachedPerson, BreachedShare, WeekBreached, WeekJudged
from shared.messages.clocks import ClocksTold, StagesDigested
from shared.messages.display import DisplayFailed, StatusesNumbered, StatusesShown
from shared.messages.duties import DutiesChanged
from shared.messages.evaluations import EvaluationFinished, UnitEvaluated
from shared.messages.facts import NegativesApplied, ResultsApplied, ReviewRecorded, SamplesBound
from shared.messages.findings import FindingEnded, FindingRecorded, ShareMissed
from shared.messages.gaps import GapCount, GapsSent
from shared.messages.identities import ContactsChanged, IdentitiesChanged
from shared.messages.laboratories import LabOriginChanged, LabSilence
from shared.messages.orders import OrderChanged, OrderTimed
from shared.messages.organisation import ContactLapsed, DepartmentChanged, UnitChanged
from shared.messages.referrals import ReferralChanged
from shared.messages.rounds import (
    GridCoverage,
    IntakeCounted,
    LabVisible,
    RoundChanged,
    RoundCounted,
    RoundGrid,
    RoundVisible,
    SamplesUnexplained,
    SitesLate,
)
from shared.messages.teams import SamplingTeam, TeamsChanged
from shared.messages.things import ThingsResulted
from shared.messages.venues import VenueReported

__all__ = [
    "AlarmRaised",
    "AlarmReviewed",
    "AppealChanged",
    "BatchPartReceived",
    "BreachedPerson",
    "BreachedShare",
    "ClocksTold",
    "ContactLapsed",
    "ContactsChanged",
    "DepartmentChanged",
    "DisplayFailed",
    "DutiesChanged",
    "EvaluationFinished",
    "FindingEnded",
    "FindingRecorded",
    "GapCount",
    "GapsSent",
    "GridCoverage",
    "IdentitiesChanged",
    "IntakeCounted",
    "LabOriginChanged",
    "LabSilence",
    "LabVisible",
    "Message",
    "NegativesApplied",
    "OrderChanged",
    "OrderTimed",
    "RecheckOrdered",
    "ReferralChanged",
    "ResampleOrdered",
    "ResultsApplied",
    "ReviewRecorded",
    "RoundChanged",
    "RoundCounted",
    "RoundGrid",
    "RoundVisible",
    "SamplesBound",
    "SamplesUnexplained",
    "SamplingTeam",
    "ShareMissed",
    "SitesLate",
    "StagesDigested",
    "StatusesNumbered",
    "StatusesShown",
    "TeamsChanged",
    "ThingsResulted",
    "UnitChanged",
    "UnitEvaluated",
    "VenueReported",
    "WeekBreached",
    "WeekJudged",
    "decode",
    "encode",
    "message_type",
]
