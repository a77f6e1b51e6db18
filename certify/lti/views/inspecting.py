"""Pages that show what goes on: the launches of a platform, the test of its connection, the keys of certify."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.templating import moment
from certify.lti import keys as own_keys
from certify.lti import tool, wording
from certify.lti.models import Launch, Registration, Verdict
from certify.lti.protocol.errors import RULES
from certify.lti.queries import registrations as queries
from certify.lti.services import diagnosis
from certify.lti.views.administration import show_registration
from certify.settings import Settings

_READ, _WRITE = Permission.LTI_REGISTRATION_READ, Permission.LTI_REGISTRATION_WRITE
_WHOLE_LIST = 100_000


@requires(_WRITE)
def test_registration(registration_id: uuid.UUID) -> ResponseReturnValue:
    """Try everything a platform needs, and show each step."""
    queries.registration_for(db.session, g.actor, registration_id, _WRITE)
    # Nothing is held in the database while the platform is waited for.
    db.session.rollback()
    steps = diagnosis.examine(_settings(), registration_id)
    row, organisation = queries.registration_for(db.session, g.actor, registration_id, _WRITE)
    return show_registration(row, organisation, steps=steps)


@requires(_READ)
def launches(registration_id: uuid.UUID) -> ResponseReturnValue:
    """List the launches of a platform with their verdict, and what their messages said."""
    row, _organisation = queries.registration_for(db.session, g.actor, registration_id, _READ)
    path = url_for("lti.launches", registration_id=row.id)
    wanted = listing.Wanted.from_args(path, request.args, filters=("verdict",))
    wanted = wanted if "direction" in request.args else replace(wanted, direction="desc")
    if request.args.get("format") == "csv":
        return _as_csv(row, wanted)
    verdicts = {
        Verdict.ACCEPTED.value: _("Acceptées"),
        Verdict.REFUSED.value: _("Refusées"),
        Verdict.PENDING.value: _("Mises en attente"),
    }
    return render_template(
        "lti/administration/launches.html",
        registration=row,
        launches=queries.launches(db.session, row, wanted),
        verdicts=verdicts,
        words=wording.of_launch,
        rules=RULES,
    )


@requires(_READ)
def keys() -> ResponseReturnValue:
    """Show the keys certify signs with."""
    return render_template(
        "lti/administration/keys.html",
        keys=own_keys.state_of(db.session),
        tool=tool.tool(_settings()),
        manages=g.actor.may(_WRITE),
    )


@requires(_WRITE)
def rotate() -> ResponseReturnValue:
    """Make the key that takes over."""
    at_once = request.form.get("at_once") == "1"
    own_keys.rotate(db.session, _settings(), g.actor, at_once=at_once)
    flash(
        _("La nouvelle clé est en usage.")
        if at_once
        else _("La nouvelle clé est publiée ; elle servira dans un jour, quand les plateformes l’auront lue."),
        "success",
    )
    return redirect(url_for("lti.keys"), code=303)


def _as_csv(registration: Registration, wanted: listing.Wanted) -> Response:
    rows = queries.launches(db.session, registration, wanted, per_page=_WHOLE_LIST).rows
    columns: dict[str, Callable[[Launch], Any]] = {
        _("Date"): lambda launch: moment(launch.at),
        _("Verdict"): lambda launch: launch.verdict.value,
        _("Règle"): lambda launch: launch.reason,
        _("Explication"): lambda launch: wording.of_launch(launch.reason).title if launch.reason else "",
        _("Norme"): lambda launch: RULES[launch.reason].spec if launch.reason in RULES else "",
        _("Détail"): lambda launch: launch.detail,
        _("Message"): lambda launch: launch.message_type,
        _("Demande"): lambda launch: launch.request_id,
    }
    headers = {"Content-Disposition": f'attachment; filename="{_("ouvertures")}.csv"'}
    return Response(listing.to_csv(rows, columns), content_type="text/csv; charset=utf-8", headers=headers)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
