"""The HTTP side of notifier: its routers, one list. `uvicorn --factory notifier.app:create`."""

from fastapi import FastAPI

from notifier.addresses import routes as addresses
from notifier.checklists import routes as checklists
from notifier.documents import routes as documents
from notifier.events import routes as events
from notifier.feedback import routes as feedback
from notifier.figures import routes as figures
from notifier.filings import routes as filings
from notifier.hooks import routes as hooks
from notifier.inspection_draws import routes as inspection_draws
from notifier.inspections import routes as inspections
from notifier.issue_ledger import routes as issue_ledger
from notifier.ladder import routes as ladder
from notifier.notices import routes as notices
from notifier.problems import routes as problems
from notifier.proof import routes as proof
from notifier.reach import routes as reach
from notifier.receipts import routes as receipts
from notifier.reports import routes as reports
from notifier.revocations import routes as revocations
from notifier.rosters import routes as rosters
from notifier.settings import NotifierSettings
from notifier.summaries import routes as summaries
from notifier.templates import routes as templates
from notifier.watch import routes as watch
from notifier.watch.service import gauge
from notifier.work_lists import routes as work_lists
from shared.web.app import OpenContext, create_app


def create(settings: NotifierSettings | None = None, *, opened: OpenContext | None = None) -> FastAPI:
    """Return the app; `opened` replaces the context (tests)."""
    return create_app(
        service="notifier",
        title="通知督办 Notifier",
        description="提醒、预警、任务与通报的签发、签收和撤销,督办案件。 "
        "Reminders, alerts, tasks and bulletins: issued, acknowledged, revoked; the cases of the ladder.",
        settings=settings or NotifierSettings(),
        routers=[
            notices.router,
            revocations.router,
            ladder.router,
            figures.router,
            figures.page,
            checklists.router,
            inspection_draws.router,
            inspections.router,
            problems.router,
            issue_ledger.router,
            reports.router,
            filings.router,
            summaries.router,
            events.router,
            rosters.router,
            documents.router,
            templates.router,
            proof.router,
            feedback.router,
            feedback.list_router,
            work_lists.router,
            work_lists.items_router,
            work_lists.names_router,
            hooks.router,
            addresses.router,
            reach.router,
            receipts.router,
            watch.router,
        ],
        gauges=[gauge],
        opened=opened,
    )
