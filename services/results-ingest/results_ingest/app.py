"""The HTTP side of results-ingest: its routers, one list. `uvicorn --factory results_ingest.app:create`."""

from fastapi import FastAPI

from results_ingest.batches import routes as batches
from results_ingest.chains import routes as chains
from results_ingest.changes import routes as changes
from results_ingest.clocks import routes as clocks
from results_ingest.display import routes as display
from results_ingest.figures import routes as figures
from results_ingest.handovers import routes as handovers
from results_ingest.intake import routes as intake
from results_ingest.labs import routes as labs
from results_ingest.league import routes as league
from results_ingest.lots import routes as lots
from results_ingest.manifests import routes as manifests
from results_ingest.orders import routes as orders
from results_ingest.originals import routes as originals
from results_ingest.outcomes import routes as outcomes
from results_ingest.packets import routes as packets
from results_ingest.quality import routes as quality
from results_ingest.reconciliation import routes as reconciliation
from results_ingest.retention import routes as retention
from results_ingest.reviews import routes as reviews
from results_ingest.settings import ResultsIngestSettings
from results_ingest.sheets import routes as sheets
from results_ingest.silences import routes as silences
from results_ingest.stamps import routes as stamps
from results_ingest.teams import routes as teams
from results_ingest.totals import routes as totals
from results_ingest.tubes import routes as tubes
from results_ingest.unmatched import routes as unmatched
from results_ingest.venues import routes as venues
from results_ingest.webhooks import routes as webhooks
from shared.web.app import OpenContext, create_app


def create(settings: ResultsIngestSettings | None = None, *, opened: OpenContext | None = None) -> FastAPI:
    """Return the app; `opened` replaces the context (tests)."""
    return create_app(
        service="results-ingest",
        title="结果接收 Results ingest",
        description="检测机构、采样管、批次、匹配与复核。 "
        "Laboratories, tubes, batches, matching and reviews.",
        settings=settings or ResultsIngestSettings(),
        routers=[
            labs.router,
            batches.router,
            outcomes.router,
            totals.router,
            changes.router,
            webhooks.router,
            originals.router,
            retention.router,
            sheets.router,
            tubes.router,
            packets.router,
            handovers.router,
            stamps.router,
            manifests.router,
            reconciliation.router,
            venues.router,
            lots.router,
            clocks.router,
            display.router,
            intake.router,
            teams.router,
            orders.router,
            unmatched.router,
            reviews.router,
            silences.router,
            quality.router,
            league.router,
            chains.router,
            figures.router,
            figures.page,
        ],
        opened=opened,
    )
