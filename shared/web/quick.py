"""Routes whose plain case is answered before dependency injection: `@quick(answer)` under `@router.get(…)`.

FastAPI's way through its dependencies costs more than the reading of one status. `answer` gets the
request and returns None for whatever is not plain, which then goes the whole way; signing in, limits
and refusals are those of every route, for `authorise` is what `needs` calls too.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from typing_extensions import override

Answer = Callable[[Request], Awaitable[Response | None]]
F = TypeVar("F", bound=Callable[..., Any])
_MARK: Final = "answered_quickly_by"


def quick(answer: Answer) -> Callable[[F], F]:
    """Let `answer` try first; the router needs `route_class=QuickRoute`."""

    def mark(endpoint: F) -> F:
        setattr(endpoint, _MARK, answer)
        return endpoint

    return mark


class QuickRoute(APIRoute):
    """A route that asks its quick answer first, if its endpoint has one."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler."""
        whole = super().get_route_handler()
        answer: Answer | None = getattr(self.endpoint, _MARK, None)
        if answer is None:
            return whole
        first = answer

        async def handle(request: Request) -> Response:
            return await first(request) or await whole(request)

        return handle
