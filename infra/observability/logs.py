"""Logs on stderr: one JSON object (or one line of text) per occurrence, without any personal data.

What other libraries log through ``logging`` comes out in the same form. A traceback quotes the values it failed on, so
none is ever written: an error is its type and the place where it was raised.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, Literal

import structlog

Form = Literal["json", "text"]

# Libraries whose messages name brokers, hosts and files only. Of others only the place in their code is kept.
_PLAIN = ("kafka", "uvicorn", "psycopg")
_LOG = structlog.get_logger("process")


def log_to_stderr(form: Form, level: int) -> None:
    """Log from ``level`` on; errors that nobody catches are logged as well, in every thread."""
    renderer: Any = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(handlers=[_Bridge()], level=logging.WARNING, force=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def place_of_error(error: BaseException) -> str:
    """Where an error came from, as file.py:12; its message may hold personal data and is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "unknown"


def tell_recorded(position: int) -> None:
    """Log that the request at hand was recorded, under its correlation id; nothing where there is no request."""
    if "correlation_id" in structlog.contextvars.get_contextvars():
        _LOG.info("recorded", position=position)


class _Bridge(logging.Handler):
    """What libraries log, in our form."""

    def emit(self, record: logging.LogRecord) -> None:
        plain = record.name.startswith(_PLAIN)
        seen: dict[str, Any] = {"logger": record.name, "from": f"{record.filename}:{record.lineno}"}
        seen |= {"message": record.getMessage()} if plain else {}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            seen |= {"error": type(error).__name__, "at": place_of_error(error)}
        _LOG.log(record.levelno, "library", **seen)


def _uncaught(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _LOG.critical("stopped by an error", error=kind.__name__, at=place_of_error(error))


def _uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None and not issubclass(given.exc_type, SystemExit):
        _uncaught(given.exc_type, given.exc_value, None)
