"""Logs: one JSON object a line (or readable lines), ids only.

Only the listed keys pass, so a name or number cannot slip in with a new field.
"""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Final, Literal, TextIO, cast

import structlog

ALLOWED: Final = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "logger",
        "service",
        "request_id",
        "method",
        "route",
        "status",
        "seconds",
        "code",
        "message_id",
        "delivery_id",
        "name",
        "version",
        "consumer",
        "queue",
        "attempt",
        "error_type",
        "hook",
        "exception",
        "count",
        "rows",
        "batch_id",
        "schedule",
        "routine",
        "notice_id",
        "channel",
        "evaluation_id",
        "day",
        "client_id",
        "lab_code",
        "sqlstate",
        "part",
        "port",
        "pid",
        "urgent",
        "state",
        "reason_code",
        "epoch",
        "lag_seconds",
        "audit_head",
    ]
)


def _allow(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in ALLOWED}


def _plain_exception(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # A driver's message may quote a value ("Key (id)=(…) already exists"); type and place never do.
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info
    if isinstance(error, BaseException):
        event["error_type"] = type(error).__name__
        event["exception"] = " < ".join(_frames(error))
        state = getattr(getattr(error, "orig", error), "sqlstate", None)
        if state:
            event["sqlstate"] = state
    return event


def _frames(error: BaseException) -> list[str]:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return frames[::-1][:12]


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info = record.exc_text = None
    return True


class Unbreakable:
    """A stream whose troubles are nobody else's: a full disk or a closed pipe costs lines, not requests."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError, ValueError):
            return self._stream.write(text)
        return 0

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(OSError, ValueError):
            self._stream.flush()


def configure_logging(*, service: str, level: str, form: Literal["json", "console"]) -> None:
    """Set up structlog and quiet every library that would print request lines or arguments."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            _plain_exception,
            _allow,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Unbreakable(sys.stdout))),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s", force=True)
    # Uvicorn prints the traceback, and with it the text, of what a handler has already logged as it should.
    logging.getLogger("uvicorn.error").addFilter(_without_traceback)
    for noisy in ("httpx", "httpcore", "arq", "asyncio", "sqlalchemy", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
