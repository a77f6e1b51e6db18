"""Pages of those who may assess: the list, a new habilitation, its end; and what to read without one."""

import uuid
from collections.abc import Sequence

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.assessments import queries, services
from certify.assessments.quality_forms import HabilitationForm
from certify.assessments.queries import Grantable, HabilitationLine
from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.listing import Wanted
from certify.core.templating import day, own_address

_FILTERS = ("state", "framework")


@requires(Permission.ASSESSOR_HABILITATE)
def habilitations() -> ResponseReturnValue:
    """List who may assess what, and until when."""
    wanted = Wanted.from_args(own_address(), request.args, filters=_FILTERS)
    is_csv = request.args.get("format") == "csv"
    page = queries.habilitations_page(db.session, g.actor, wanted, whole=is_csv)
    if is_csv:
        return _csv(page.listing.rows)
    return render_template("assessments/habilitations.html", page=page, listing=page.listing)


def _csv(rows: Sequence[HabilitationLine]) -> Response:
    states = {"current": _("en vigueur"), "upcoming": _("à venir"), "past": _("terminée")}
    text = listing.to_csv(rows, {
        _("Nom"): lambda line: line.person.family_name,
        _("Prénom"): lambda line: line.person.given_name,
        _("Organisme de formation"): lambda line: line.training_body,
        _("Référentiel"): lambda line: line.row.framework_code,
        _("Bloc"): lambda line: line.row.block or _("tous"),
        _("À partir du"): lambda line: line.row.starts_on.isoformat(),
        _("Jusqu’au"): lambda line: line.row.ends_on.isoformat() if line.row.ends_on else "",
        _("État"): lambda line: states[line.state],
        _("Accordée par"): lambda line: line.granted_by,
        _("Accordée le"): lambda line: day(line.row.granted_at),
        _("Fin décidée par"): lambda line: line.ended_by,
        _("Fin décidée le"): lambda line: day(line.row.ended_at) if line.row.ended_at else "",
    })  # fmt: skip
    headers = {"Content-Disposition": "attachment; filename=habilitations.csv"}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@requires(Permission.ASSESSOR_HABILITATE)
def new_habilitation() -> ResponseReturnValue:
    """Choose what to habilitate for where there is a choice, then whom, on which blocks and between which days."""
    choices = queries.grantable(db.session, g.actor)
    chosen = _chosen(choices)
    if chosen is None:
        return render_template("assessments/habilitation_choice.html", choices=choices)
    page = queries.grant_page(db.session, chosen)
    form = HabilitationForm(page)
    if form.validate_on_submit():
        with form.showing_refusals(user_id="person"):
            services.habilitate(
                db.session,
                g.actor,
                chosen,
                user_id=uuid.UUID(form.person.data),
                blocks=form.chosen_blocks,
                starts_on=form.starts_on.data or clock.today(),
                ends_on=form.ends_on.data,
            )
            flash(
                _("L’habilitation est accordée : cette personne peut signer des évaluations de ces blocs."), "success"
            )
            return redirect(url_for("assessments.habilitations"), code=303)
    status = form.status_of_refusal if form.is_submitted() else 200
    return render_template("assessments/habilitation_new.html", page=page, form=form, choices=choices), status


def _chosen(choices: Sequence[Grantable]) -> Grantable | None:
    """Return what the address names, or the only thing there is to choose."""
    body, version = request.args.get("body"), request.args.get("version")
    if body or version:
        for one in choices:
            if (str(one.training_body.id), str(one.version.id)) == (body, version):
                return one
        raise NotFound
    return choices[0] if len(choices) == 1 else None


@requires(Permission.ASSESSOR_HABILITATE)
def end_habilitation(habilitation_id: uuid.UUID) -> ResponseReturnValue:
    """End a habilitation from now on."""
    habilitation = queries.habilitation_for(db.session, g.actor, habilitation_id)
    services.end_habilitation(db.session, g.actor, habilitation)
    flash(_("L’habilitation a pris fin. Ce qui a été signé reste valable."), "success")
    return redirect(url_for("assessments.habilitations"), code=303)
