"""The worker process of results-ingest: what it hears and what comes round."""

from typing import Any, Final

from results_ingest.batches.copies import FORGET_SHEETS
from results_ingest.batches.forgetting import FORGET_FINGERPRINTS
from results_ingest.changes.service import FORGET_CHANGES
from results_ingest.display import jobs as display
from results_ingest.figures import counting as figures
from results_ingest.identities import jobs as identities
from results_ingest.intake import telling as intake
from results_ingest.lateness import jobs as lateness
from results_ingest.lateness.digests import DIGEST
from results_ingest.league import counting as league
from results_ingest.matching import anchors
from results_ingest.matching import jobs as matching
from results_ingest.orders import jobs as orders
from results_ingest.quality import counting as quality
from results_ingest.reconciliation import telling as reconciliation
from results_ingest.retention.service import DROPPING
from results_ingest.sealed import SEALED
from results_ingest.settings import ResultsIngestSettings
from results_ingest.silences.looking import LOOK
from results_ingest.teams import jobs as teams
from results_ingest.webhooks.sending import send_webhooks
from shared.bus.runner import run_worker
from shared.bus.types import Handler, Schedule
from shared.messages import (
    BatchPartReceived,
    DepartmentChanged,
    IdentitiesChanged,
    Message,
    OrderChanged,
    RoundChanged,
    RoundCounted,
    StatusesNumbered,
    StatusesShown,
    TeamsChanged,
    UnitChanged,
)
from shared.resealing.service import keep_resealing

HANDLERS: Final[dict[type[Message], Handler]] = {
    BatchPartReceived: matching.on_part_received,
    IdentitiesChanged: identities.on_identities_changed,
    UnitChanged: identities.on_unit_changed,
    DepartmentChanged: identities.on_department_changed,
    RoundChanged: identities.on_round_changed,
    RoundCounted: identities.on_round_counted,
    TeamsChanged: teams.on_teams_changed,
    StatusesNumbered: display.on_statuses_numbered,
    StatusesShown: display.on_statuses_shown,
    OrderChanged: orders.on_order_changed,
}
SCHEDULES: Final[list[Schedule]] = [
    matching.PARTITIONS,
    anchors.FORGET_ANCHORS,
    FORGET_FINGERPRINTS,
    figures.COUNT,
    quality.COUNT,
    league.COUNT,
    LOOK,
    FORGET_SHEETS,
    lateness.LOOK,
    lateness.FORGET,
    DIGEST,
    FORGET_CHANGES,
    *intake.SCHEDULES,
    *reconciliation.SCHEDULES,
    *DROPPING,
]
ROUTINES: Final[list[Any]] = [keep_resealing(SEALED), send_webhooks]


def main() -> None:
    """Run until told to stop."""
    run_worker(
        service="results-ingest",
        settings=ResultsIngestSettings(),  # type: ignore[call-arg, unused-ignore] # from the environment
        handlers=HANDLERS,
        schedules=SCHEDULES,
        routines=ROUTINES,
    )


if __name__ == "__main__":
    main()
