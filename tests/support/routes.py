"""What FastAPI works out about the routes of an app, kept for the next app of the same service.

The routes, at an app's first requests, take it a quarter of a second of a core for registry, and the OpenAPI
document more than one; a test has an app of its own, and there are two thousand such tests.
"""

from typing import Any, Final

from fastapi import FastAPI
from starlette.routing import BaseRoute

_ROUTES: Final[dict[str, list[BaseRoute]]] = {}
_DOCUMENTS: Final[dict[str, dict[str, Any]]] = {}


def kept_routes(service: str, app: FastAPI) -> FastAPI:
    """Give an app the included routers and the document of the first under this name; its pages stay its own."""
    own, work_out = app.router.routes, app.openapi
    first = _ROUTES.setdefault(service, list(own))
    app.router.routes = [old if _is_included(old) else new for old, new in zip(first, own, strict=True)]

    def document() -> dict[str, Any]:
        if service not in _DOCUMENTS:
            _DOCUMENTS[service] = work_out()
        return _DOCUMENTS[service]

    app.openapi = document  # type: ignore[method-assign] # as shared/web/openapi.py does
    return app


def _is_included(route: BaseRoute) -> bool:
    return hasattr(route, "original_router")
