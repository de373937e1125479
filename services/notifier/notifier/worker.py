"""The notifier's worker: what it hears, what comes round, and its senders."""

from datetime import timedelta
from typing import Final

from notifier.alarms.jobs import on_alarm_raised, on_alarm_reviewed
from notifier.answers.jobs import on_contact_lapsed, on_gaps_sent
from notifier.appeals.jobs import on_appeal_changed
from notifier.arrivals.jobs import confirm, on_contacts_changed, on_department_changed, on_unit_changed
from notifier.bulletins import service as bulletins
from notifier.caps.service import tell_together
from notifier.clocks.jobs import on_clocks_told, on_stages_digested
from notifier.digests.jobs import (
    on_intake_counted,
    on_round_counted,
    on_round_visible,
    on_samples_unexplained,
    on_sites_late,
)
from notifier.duties.jobs import on_duties_changed
from notifier.events.watching import watch
from notifier.findings.jobs import on_finding_ended, on_finding_recorded, on_share_missed
from notifier.issue_ledger.jobs import push_ledger
from notifier.laboratories.jobs import on_lab_silence
from notifier.ladder.deadlines import chase
from notifier.ladder.jobs import on_evaluation_finished, on_week_breached, on_week_judged
from notifier.missing.service import come_round
from notifier.problems.jobs import chase_late, chase_rechecks, recall_listed
from notifier.referrals.jobs import on_referral_changed
from notifier.reminders.jobs import on_unit_evaluated
from notifier.rosters.service import look_ahead
from notifier.sealed import SEALED
from notifier.sending.repeats import repeat_due
from notifier.sending.service import send_ordinary, send_urgent
from notifier.settings import NotifierSettings
from notifier.tasks.jobs import on_recheck_ordered, on_resample_ordered
from notifier.venues.jobs import on_venue_reported
from notifier.watch.canary import send_canaries
from notifier.work_lists.chasing import chase as chase_leads
from shared.bus import Handlers, Schedule
from shared.bus.runner import run_worker
from shared.messages import (
    AlarmRaised,
    AlarmReviewed,
    AppealChanged,
    ClocksTold,
    ContactLapsed,
    ContactsChanged,
    DepartmentChanged,
    DutiesChanged,
    EvaluationFinished,
    FindingEnded,
    FindingRecorded,
    GapsSent,
    IntakeCounted,
    LabSilence,
    RecheckOrdered,
    ReferralChanged,
    ResampleOrdered,
    RoundCounted,
    RoundVisible,
    SamplesUnexplained,
    ShareMissed,
    SitesLate,
    StagesDigested,
    UnitChanged,
    UnitEvaluated,
    VenueReported,
    WeekBreached,
    WeekJudged,
)
from shared.resealing.service import keep_resealing

HANDLERS: Final[Handlers] = {
    AlarmRaised: on_alarm_raised,
    AlarmReviewed: on_alarm_reviewed,
    RecheckOrdered: on_recheck_ordered,
    ResampleOrdered: on_resample_ordered,
    ContactsChanged: on_contacts_changed,
    UnitChanged: on_unit_changed,
    DepartmentChanged: on_department_changed,
    UnitEvaluated: on_unit_evaluated,
    EvaluationFinished: on_evaluation_finished,
    FindingRecorded: on_finding_recorded,
    ShareMissed: on_share_missed,
    AppealChanged: on_appeal_changed,
    ReferralChanged: on_referral_changed,
    FindingEnded: on_finding_ended,
    GapsSent: on_gaps_sent,
    ContactLapsed: on_contact_lapsed,
    DutiesChanged: on_duties_changed,
    VenueReported: on_venue_reported,
    ClocksTold: on_clocks_told,
    StagesDigested: on_stages_digested,
    LabSilence: on_lab_silence,
    SamplesUnexplained: on_samples_unexplained,
    SitesLate: on_sites_late,
    RoundCounted: on_round_counted,
    RoundVisible: on_round_visible,
    IntakeCounted: on_intake_counted,
    WeekBreached: on_week_breached,
    WeekJudged: on_week_judged,
}
SCHEDULES: Final = (
    Schedule("notifier.repeats", timedelta(seconds=5), repeat_due),
    Schedule("notifier.confirm", timedelta(seconds=1), confirm),
    Schedule("notifier.rectification-chase", timedelta(seconds=10), chase_late),
    Schedule("notifier.recheck-chase", timedelta(seconds=10), chase_rechecks),
    Schedule("notifier.supervision-review", timedelta(seconds=10), recall_listed),
    Schedule("notifier.issue-ledger", timedelta(seconds=10), push_ledger),
    Schedule("notifier.ladder", timedelta(seconds=10), chase),
    Schedule("notifier.reports", timedelta(seconds=10), come_round),
    Schedule("notifier.events", timedelta(seconds=10), watch),
    Schedule("notifier.rosters", timedelta(seconds=10), look_ahead),
    Schedule("notifier.work_lists", timedelta(seconds=10), chase_leads),
    Schedule("notifier.bulletins", timedelta(seconds=10), bulletins.tell),
    Schedule("notifier.digests", timedelta(seconds=10), tell_together),
)
# Shorter than CONFIRM_SECONDS, which waits for whatever was under way beside an alarm.
HANDLER_SECONDS: Final = 6.0
ROUTINES: Final = (send_urgent, send_ordinary, send_canaries, keep_resealing(SEALED))


def main() -> None:
    """Run the worker process."""
    run_worker(
        service="notifier",
        settings=NotifierSettings(),
        handlers=HANDLERS,
        schedules=SCHEDULES,
        routines=ROUTINES,
        handler_seconds=HANDLER_SECONDS,
    )


if __name__ == "__main__":
    main()
