"""The factory: every wire of the application, in order, on one screen."""

from importlib import import_module

from flask import Flask

from certify.accounts import security, signing_in
from certify.core import db as database
from certify.core import files, health, i18n, jobs, logs, receipts, templating, web
from certify.core.resources import shipped
from certify.lti import door, launched
from certify.lti.views import wiring
from certify.pages import context
from certify.settings import Settings

ROOMS = (
    "accounts",
    "organisations",
    "frameworks",
    "cohorts",
    "anonymity",
    "logbook",
    "evidence",
    "groups",
    "fragility",
    "supervision",
    "observations",
    "practice",
    "field",
    "assessments",
    "revisions",
    "eligibility",
    "identities",
    "seals",
    "juries",
    "certificates",
    "badges",
    "declarations",
    "lti",
    "reports",
    "reminders",
    "retention",
    "pages",
)
"""Rooms with pages, in the order their tables stand on one another."""


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application from its settings; raises ValueError when they are not acceptable."""
    settings = settings or Settings()
    logs.configure(settings)
    app = Flask("certify", template_folder=str(shipped("templates")), static_folder="static")
    app.config.update(
        SETTINGS=settings,
        TESTING=settings.env == "test",
        SQLALCHEMY_DATABASE_URI=settings.effective_database_url,
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    load_rooms()
    database.init_app(app)
    i18n.init_app(app)
    templating.init_app(app)
    health.init_app(app)
    launched.init_app(app)
    door.init_app(app, settings)
    web.init_app(app, settings, launched.load_actor_with(signing_in.load_actor))
    security.init_app(app, settings)
    files.init_app(app, settings)
    jobs.init_app(app, settings)
    wiring.init_app(app)
    context.init_app(app)
    for room in ROOMS:
        if (routes := optional(f"certify.{room}.routes")) is not None:
            app.register_blueprint(routes.bp)
    database.wrap_views(app, receipts.note_answer)
    return app


def load_rooms() -> None:
    """Import the tables and the subscriptions of every room, so that they are known before they are asked for."""
    for name in ("audit", "keys", "mail", "outbox", "receipts", "waiting_files"):
        import_module(f"certify.core.{name}")
    for room in ROOMS:
        for name in ("models", "queries", "tasks", "reactions"):
            optional(f"certify.{room}.{name}")


def optional(name: str):  # type: ignore[no-untyped-def]
    """Return a module of a room, or nothing when the room has none."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None
