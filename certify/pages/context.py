"""What the layout of every page shows: who is signed in, for which organisation, in which language."""

from typing import Any

from flask import Flask, current_app, g, has_request_context, session

from certify.core.db import db
from certify.core.i18n import current_locale
from certify.organisations.models import Organisation
from certify.organisations.queries import organisations_of
from certify.pages.navigation import menu
from certify.settings import Settings


def init_app(app: Flask) -> None:
    """Give the layout its values."""
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    # A document or a mail made by a job has a language and nobody looking at it.
    if not has_request_context():
        return {"actor": None, "nav": [], "locale": current_locale()}
    if "layout" not in g:
        g.layout = _layout()
    return {**g.layout, "locale": current_locale()}


def _layout() -> dict[str, Any]:
    actor = g.get("actor")
    organisations = organisations_of(db.session, actor) if actor else []
    settings: Settings = current_app.config["SETTINGS"]
    chosen = _chosen(organisations)
    return {
        "actor": actor,
        "nav": menu(),
        "organisation": chosen,
        "organisations": organisations,
        "is_demo": chosen.is_demo if chosen else g.get("is_demo", False),
        "second_factor_relaxed": bool(actor and actor.needs_second_factor and not settings.require_second_factor),
        "shows_mailbox": settings.shows_mailbox,
    }


def _chosen(organisations: list[Organisation]) -> Organisation | None:
    wanted = session.get("organisation_id")
    return next((one for one in organisations if str(one.id) == wanted), organisations[0] if organisations else None)
