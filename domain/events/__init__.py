"""The journey's events: what may be recorded of a client's care."""

from domain.events.agenda import (
    AppointmentCancelled as AppointmentCancelled,
    AppointmentRescheduled as AppointmentRescheduled,
    AppointmentScheduled as AppointmentScheduled,
    ArrivalPlanned as ArrivalPlanned,
    GroupJoined as GroupJoined,
    GroupLeft as GroupLeft,
)
from domain.events.base import (
    Event as Event,
    Personal as Personal,
)
from domain.events.care import (
    AlumniContacted as AlumniContacted,
    AlumniEnrolled as AlumniEnrolled,
    AssessmentCompleted as AssessmentCompleted,
    CommunityReferralMade as CommunityReferralMade,
    FollowUpCompleted as FollowUpCompleted,
    FollowUpMissed as FollowUpMissed,
    Goal as Goal,
    GoalProgressed as GoalProgressed,
    LeaveEnded as LeaveEnded,
    LeaveStarted as LeaveStarted,
    LevelOfCareEnded as LevelOfCareEnded,
    LevelOfCareStarted as LevelOfCareStarted,
    RelapsePreventionPlanSet as RelapsePreventionPlanSet,
    SessionAttended as SessionAttended,
    SessionMissed as SessionMissed,
    SoberLivingEntered as SoberLivingEntered,
    SoberLivingLeft as SoberLivingLeft,
    TreatmentPlanSet as TreatmentPlanSet,
)
from domain.events.catalogue import (
    CATALOGUE as CATALOGUE,
    Catalogue as Catalogue,
    InvalidDataError as InvalidDataError,
    UnknownEventTypeError as UnknownEventTypeError,
    topic as topic,
)
from domain.events.clinical import (
    AbstinenceReported as AbstinenceReported,
    ClientDied as ClientDied,
    DrugScreenMissed as DrugScreenMissed,
    DrugScreenResulted as DrugScreenResulted,
    IncidentRecorded as IncidentRecorded,
    InstrumentScored as InstrumentScored,
    LapseRecorded as LapseRecorded,
    MedicationGiven as MedicationGiven,
    MedicationStarted as MedicationStarted,
    MedicationStopped as MedicationStopped,
    RelapseRecorded as RelapseRecorded,
    UseReported as UseReported,
)
from domain.events.handoffs import (
    FlagAssigned as FlagAssigned,
    FlagDone as FlagDone,
    FlagSnoozed as FlagSnoozed,
    HandoffAssigned as HandoffAssigned,
    HandoffClosed as HandoffClosed,
)
from domain.events.people import (
    ClientDetailsUpdated as ClientDetailsUpdated,
    ClientRegistered as ClientRegistered,
    ConsentGiven as ConsentGiven,
    ConsentRevoked as ConsentRevoked,
    CoverageDenied as CoverageDenied,
    CoverageVerified as CoverageVerified,
    DiagnosisRecorded as DiagnosisRecorded,
    ReferralReceived as ReferralReceived,
)
from domain.events.provider import (
    CodeListAdopted as CodeListAdopted,
    ConsentFormDefined as ConsentFormDefined,
    ConsentFormWithdrawn as ConsentFormWithdrawn,
    GroupClosed as GroupClosed,
    GroupDefined as GroupDefined,
    ProgramDefined as ProgramDefined,
    ProviderEvent as ProviderEvent,
    SiteDefined as SiteDefined,
    StaffDefined as StaffDefined,
    VersionsLeftOver as VersionsLeftOver,
)
from domain.events.record import (
    ChartClosed as ChartClosed,
    ChartsMerged as ChartsMerged,
    ClientErased as ClientErased,
    EntryCorrected as EntryCorrected,
    EntryRetracted as EntryRetracted,
    EntrySetAside as EntrySetAside,
    EntryTakenUp as EntryTakenUp,
    ErasureRequested as ErasureRequested,
    MergedChartContinued as MergedChartContinued,
    NoteAdded as NoteAdded,
    NotSamePerson as NotSamePerson,
    OverlapResolved as OverlapResolved,
    Replacement as Replacement,
)
