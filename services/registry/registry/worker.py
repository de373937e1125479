"""Registry's worker: what it hears, what comes round, what runs all the time; one list each."""

from datetime import timedelta
from typing import Final

from registry.appeals import service as appeals
from registry.categories import jobs as categories
from registry.evaluations import service as evaluations
from registry.feed import service as feed
from registry.feed import showing
from registry.figures import counting as figures
from registry.findings import service as findings
from registry.hospital_departments import jobs as hospital_departments
from registry.identity import jobs as identity
from registry.ledger import jobs as ledger
from registry.orders import service as orders
from registry.plans import jobs as plans
from registry.rechecks import jobs as rechecks
from registry.referrals import service as referrals
from registry.responsibility import jobs as responsibility
from registry.rounds import counting as rounds
from registry.sealed import SEALED
from registry.sequencer.service import keep_sequencing
from registry.settings import RegistrySettings
from registry.shares import missed as shares
from registry.sheets import jobs as sheets
from registry.statuses import service as statuses
from registry.units import jobs as units
from shared.bus import Handlers, Routine, Schedule
from shared.bus.runner import run_worker
from shared.messages import (
    LabOriginChanged,
    NegativesApplied,
    OrderTimed,
    ResultsApplied,
    ReviewRecorded,
    SamplesBound,
    ThingsResulted,
)
from shared.resealing.service import keep_resealing

HANDLERS: Final[Handlers] = {
    SamplesBound: ledger.samples_bound,
    NegativesApplied: ledger.negatives_applied,
    ResultsApplied: ledger.results_applied,
    ReviewRecorded: ledger.review_recorded,
    ThingsResulted: plans.things_resulted,
    OrderTimed: rechecks.order_timed,
    LabOriginChanged: ledger.lab_origin_changed,
}

SCHEDULES: Final[list[Schedule]] = [
    Schedule("statuses.timer", timedelta(seconds=1), statuses.run_timer),
    Schedule("evaluations", timedelta(seconds=1), evaluations.run),
    Schedule("appeals.look", timedelta(seconds=10), appeals.look),
    Schedule("referrals.look", timedelta(seconds=10), referrals.look),
    orders.LOOK,
    Schedule("findings.look", timedelta(seconds=5), findings.look_again),
    Schedule("shares.look", timedelta(seconds=10), shares.look),
    Schedule("shares.look_again", timedelta(seconds=5), shares.look_again),
    Schedule("feed.retention", timedelta(minutes=10), feed.forget),
    *showing.SCHEDULES,
    *categories.SCHEDULES,
    *units.SCHEDULES,
    *hospital_departments.SCHEDULES,
    *responsibility.SCHEDULES,
    *identity.SCHEDULES,
    *rounds.SCHEDULES,
    *figures.SCHEDULES,
    *sheets.SCHEDULES,
]

ROUTINES: Final[list[Routine]] = [keep_sequencing, keep_resealing(SEALED)]


def main() -> None:
    """Run until SIGTERM."""
    run_worker(
        service="registry",
        settings=RegistrySettings(),
        handlers=HANDLERS,
        schedules=SCHEDULES,
        routines=ROUTINES,
    )


if __name__ == "__main__":
    main()
