"""Structured logs: JSON in production, readable lines elsewhere, and never a person's data."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from certify.settings import Settings

_PRIVATE = frozenset(
    {"email", "name", "password", "token", "code", "text", "comment", "secret", "authorization", "cookie"}
)
_ADDRESS = re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+")


def _drop_private(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in _PRIVATE & event.keys():
        event[key] = "…"
    return event


def _mask_addresses(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # What a mail server or a database answers, and the account of a crash, may quote somebody's address.
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _ADDRESS.sub("…", value)
    return event


def configure(settings: Settings) -> None:
    """Set up logging for this process."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.env == "production"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _drop_private,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, _mask_addresses, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=settings.env != "test",
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
