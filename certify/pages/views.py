"""Pages that belong to no subject, for everybody: language, organisation, help, notices."""

import uuid

from flask import current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from certify.core.access import PUBLIC, SIGNED_IN, requires
from certify.core.db import db
from certify.core.i18n import LOCALES
from certify.groups import policies as fidelity_words
from certify.pages import queries
from certify.pages.home import home_of


@requires(SIGNED_IN)
def home() -> ResponseReturnValue:
    """Say what to do next."""
    words = {"verdicts": fidelity_words.verdicts_said(), "tones": fidelity_words.TONES}
    return render_template("pages/home.html", page=home_of(db.session, g.actor), **words)


@requires(PUBLIC)
def switch_language() -> ResponseReturnValue:
    """Keep the language chosen."""
    if request.form.get("locale") in LOCALES:
        session["locale"] = request.form["locale"]
    return redirect(_back(), code=303)


@requires(SIGNED_IN)
def switch_organisation() -> ResponseReturnValue:
    """Keep the organisation chosen, if the person belongs to it."""
    wanted = request.form.get("organisation_id", "")
    if any(str(grant.scope_id) == wanted for grant in g.actor.grants):
        session["organisation_id"] = str(uuid.UUID(wanted))
    return redirect(url_for("pages.home"), code=303)


@requires(PUBLIC)
def show_help() -> ResponseReturnValue:
    """Say what each role does here, and with which words."""
    return render_template("pages/help.html", roles=g.actor.roles if g.actor else frozenset(), contacts=_contacts())


@requires(PUBLIC)
def accessibility() -> ResponseReturnValue:
    """Declare how accessible the service is, as the law asks (loi n° 2005-102, article 47; décret n° 2019-768)."""
    return render_template(
        "pages/accessibility.html", publishers=queries.publishers(db.session), public_url=_public_url()
    )


@requires(PUBLIC)
def legal() -> ResponseReturnValue:
    """Name the publisher and the host; say what becomes of personal data (loi n° 2004-575, art. 1-1; RGPD, art. 13)."""
    return render_template("pages/legal.html", publishers=queries.publishers(db.session), public_url=_public_url())


def _contacts() -> list[queries.Contact]:
    return queries.contacts_of(db.session, g.actor) if g.actor else queries.publishers(db.session)


def _public_url() -> str:
    return str(current_app.config["SETTINGS"].public_url).rstrip("/")


def _back() -> str:
    """Return the page the visitor came from, if it is one of ours."""
    path = request.form.get("next", "")
    return path.rstrip("?") if path.startswith("/") and not path.startswith(("//", "/\\")) else url_for("pages.home")
