"""The teacher's page of grades: what was sent to the gradebook, what it answered, and sending again."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import current_locale, ngettext
from certify.core.i18n import gettext as _
from certify.core.listing import Wanted
from certify.core.templating import moment, number, own_address
from certify.lti import launched, wording
from certify.lti.marks import name_of
from certify.lti.models import Context, ScoreState
from certify.lti.queries import grades as queries
from certify.lti.queries.grades import Line, Summary
from certify.lti.services import grades as services

_FILTERS = ("state", "part")
_KEPT = ("q", "sort", "direction", "page", *_FILTERS)
_EVERYTHING = 100_000


def _course() -> Context:
    """Return the course of the visit, for somebody who teaches in it."""
    visit = launched.current()
    if visit.context is None:
        raise NotFound
    if visit.registration.organisation_id not in g.actor.organisations(Permission.LTI_COURSE_TEACH):
        raise NotFound
    return visit.context


@requires(Permission.LTI_COURSE_TEACH)
def index() -> ResponseReturnValue:
    """Show every grade of the course: what was sent, when, what the platform answered, when the next try is."""
    context = _course()
    summary = queries.summary(db.session, context)
    wanted = Wanted.from_args(own_address(), request.args, filters=_FILTERS)
    is_csv = request.args.get("format") == "csv"
    found, lines = queries.lines(
        db.session, context, summary.columns, wanted, per_page=_EVERYTHING if is_csv else listing.PER_PAGE
    )
    if is_csv:
        headers = {"Content-Disposition": "attachment; filename=notes.csv"}
        return Response(listing.to_csv(lines, _exported(summary)), mimetype="text/csv", headers=headers)
    now, names = clock.now(), _names(summary)
    return render_template(
        "lti/grades.html", summary=summary, listing=found, lines=lines, now=now, name_of=names, states=_states(),
        words_of=wording.of_score, parts={one.part: names(one.part) for one in summary.columns}.items(),
        is_running=any(line.is_under_way(now) for line in lines),
        kept=[(name, request.args[name]) for name in _KEPT if request.args.get(name)],
    )  # fmt: skip


def _names(summary: Summary) -> Callable[[str], Any]:
    return lambda part: name_of(summary.framework, part, current_locale())


def _states() -> Mapping[str, str]:
    return {
        ScoreState.SENT.value: _("envoyée"),
        ScoreState.WAITING.value: _("en attente"),
        ScoreState.REFUSED.value: _("refusée"),
        queries.NONE: _("rien à envoyer"),
    }


def _exported(summary: Summary) -> Mapping[str, Callable[[Line], Any]]:
    names, states = _names(summary), _states()
    return {
        _("Stagiaire"): lambda line: line.person.name,
        _("Colonne"): lambda line: names(line.column.part),
        _("État"): lambda line: states[line.score.state if line.score else queries.NONE],
        _("Note (sur 100)"): lambda line: number(line.score.value) if line.score else "",
        _("Note envoyée"): lambda line: number(line.score.sent_value) if line.score else "",
        _("Envoyée le"): lambda line: moment(line.score.sent_at) if line.score else "",
        _("Réponse de la plateforme"): lambda line: str(wording.of_score(line.code).title) if line.code else "",
        _("Prochain essai"): lambda line: moment(line.score.due_at) if line.score else "",
    }


@requires(Permission.LTI_COURSE_TEACH)
def make_columns() -> ResponseReturnValue:
    """Ask for the grade columns of the course."""
    services.make_columns(db.session, g.actor, _course())
    flash(_("Les colonnes sont demandées à la plateforme : elles apparaissent dans quelques instants."), "success")
    return redirect(url_for("lti.grades"), code=303)


@requires(Permission.LTI_COURSE_TEACH)
def send_again(score_id: uuid.UUID) -> ResponseReturnValue:
    """Send one grade again."""
    context = _course()
    score = queries.score_of(db.session, context, score_id)
    if services.send_again(db.session, g.actor, context, score):
        flash(_("La note part de nouveau vers la plateforme."), "success")
    else:
        flash(_("Cette note est déjà en route : rien n’a été envoyé deux fois."), "info")
    kept = {name: request.form[name][:100] for name in _KEPT if name in request.form}
    return redirect(f"{url_for('lti.grades')}?{urlencode(kept)}", code=303)


@requires(Permission.LTI_COURSE_TEACH)
def send_all_again() -> ResponseReturnValue:
    """Send every refused grade of the course again."""
    count = services.send_all_again(db.session, g.actor, _course())
    words = ngettext("%(num)d note part de nouveau.", "%(num)d notes partent de nouveau.", count)
    flash(
        words if count else _("Aucune note n’est refusée : il n’y a rien à renvoyer."), "success" if count else "info"
    )
    return redirect(url_for("lti.grades"), code=303)
