"""Is it alive, is it ready, and its figures for a monitoring system."""

import hmac
import time
from functools import lru_cache
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from certify.core import files
from certify.core.access import PUBLIC, requires
from certify.core.db import db
from certify.core.outbox import OutboxMessage
from certify.settings import Settings

log = structlog.get_logger(__name__)
bp = Blueprint("health", __name__)
registry = CollectorRegistry()
_requests = Counter("certify_requests", "Requests answered", ["endpoint", "status"], registry=registry)
_seconds = Histogram("certify_request_seconds", "Time to answer", ["endpoint"], registry=registry)
_waiting = Gauge("certify_jobs_waiting", "Messages of the outbox not yet done", registry=registry)
_failed = Gauge("certify_jobs_failed", "Messages of the outbox given up", registry=registry)


def note_answer(endpoint: str, status: int, seconds: float) -> None:
    """Count an answer and the time it took."""
    counter, histogram = _meters(endpoint, status)
    counter.inc()
    histogram.observe(seconds)


@lru_cache(maxsize=4096)
def _meters(endpoint: str, status: int) -> tuple[Counter, Histogram]:
    return _requests.labels(endpoint, str(status)), _seconds.labels(endpoint)


@bp.get("/healthz")
@requires(PUBLIC)
def alive() -> ResponseReturnValue:
    """Answer as long as the process does."""
    return jsonify(status="ok")


@bp.get("/readyz")
@requires(PUBLIC)
def ready() -> ResponseReturnValue:
    """Say whether the database and the file store answer."""
    answers = {"database": _database_answers(), "files": _files_answer()}
    fine = all(answers.values())
    return jsonify(status="ok" if fine else "unavailable", **answers), 200 if fine else 503


def _database_answers() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _files_answer() -> bool:
    try:
        next(iter(files.store().list(prefix="readyz")), None)
    except Exception as error:  # noqa: BLE001 - whatever the store's client raises, it is not ready
        log.warning("files.unavailable", error=type(error).__name__)
        return False
    return True


@bp.get("/metrics")
@requires(PUBLIC)
def metrics() -> ResponseReturnValue:
    """Give Prometheus its figures; a bearer token is asked when one is set."""
    settings: Settings = current_app.config["SETTINGS"]
    token = settings.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "")
    if token and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return Response("", 401, {"WWW-Authenticate": "Bearer"})
    undone = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.done_at.is_(None))
    _waiting.set(db.session.scalar(undone.where(OutboxMessage.failed_at.is_(None))) or 0)
    _failed.set(db.session.scalar(undone.where(OutboxMessage.failed_at.is_not(None))) or 0)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask) -> None:
    """Serve the three addresses and measure every request."""
    app.register_blueprint(bp)

    @app.before_request
    def start_watch() -> None:
        g.started_at = time.perf_counter()

    @app.after_request
    def stop_watch(response: Any) -> Any:
        spent = time.perf_counter() - g.get("started_at", time.perf_counter())
        note_answer(request.endpoint or "unknown", response.status_code, spent)
        return response
