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
    # One request renders its page and perhaps a mail in somebody else's language.
    locale = current_locale()
    rendered = g.setdefault("layout", {})
    if locale not in rendered:
        rendered[locale] = _layout()
    return {**rendered[locale], "locale": locale}


def _layout() -> dict[str, Any]:
    actor = g.get("actor")
    organisations = organisations_of(db.session, actor) if actor else []
    settings: Settings = current_app.config["SETTINGS"]
    chosen = _chosen(organisations)
    is_demo = g.get("is_demo", False)
    visit = g.get("launch")
    return {
        "actor": actor,
        "nav": menu(),
        "organisation": chosen,
        "organisations": organisations,
        "is_demo": is_demo or bool(chosen and chosen.is_demo),
        "second_factor_relaxed": bool(actor and actor.needs_second_factor and not settings.asks_second_factor(is_demo)),
        "shows_mailbox": settings.shows_mailbox,
        "visit": visit,
        "is_framed": visit is not None and visit.launch.is_framed,
    }


def _chosen(organisations: list[Organisation]) -> Organisation | None:
    wanted = session.get("organisation_id")
    return next((one for one in organisations if str(one.id) == wanted), organisations[0] if organisations else None)
