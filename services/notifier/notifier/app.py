"""The HTTP side of notifier: its routers, one list. `uvicorn --factory notifier.app:create`."""

from fastapi import FastAPI

from notifier.figures import routes as figures
from notifier.notices import routes as notices
from notifier.settings import NotifierSettings
from shared.web.app import OpenContext, create_app


def create(settings: NotifierSettings | None = None, *, opened: OpenContext | None = None) -> FastAPI:
    """Return the app; `opened` replaces the context (tests)."""
    return create_app(
        service="notifier",
        title="通知督办 Notifier",
        description="提醒、预警与任务的签发、签收和撤销。 "
        "Reminders, alerts and tasks: issued, acknowledged, revoked.",
        settings=settings or NotifierSettings(),
        routers=[notices.router, figures.router, figures.page],
        opened=opened,
    )
