"""Pages of the agreement between the assessors of a cohort."""

import uuid

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue

from certify.assessments import queries
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.listing import Wanted
from certify.core.templating import own_address


@requires(Permission.ASSESSMENT_READ)
def agreement(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Show how far assessors agree, indicator by indicator, and what to speak of in a calibration meeting."""
    cohort = queries.cohort_of_agreement(db.session, g.actor, cohort_id)
    sort = "framework" if request.args.get("sort") == "framework" else "dispute"
    page = queries.agreement_page(db.session, cohort, sort=sort)
    g.menu_line = "cohorts.index"
    if request.args.get("format") == "csv":
        return _csv(page)
    return render_template("assessments/agreement.html", page=page)


def _csv(page: queries.AgreementPage) -> Response:
    locale = current_locale()
    text = listing.to_csv(page.lines, {
        _("Bloc"): lambda line: line.block.code,
        _("Indicateur"): lambda line: line.indicator.code,
        _("Libellé"): lambda line: line.indicator.wording.to(locale),
        _("Stagiaires vus par au moins deux personnes"): lambda line: line.found.units,
        _("Évaluateur·rices"): lambda line: line.found.assessors,
        _("Comparaisons"): lambda line: line.found.pairs,
        _("Stagiaires vus différemment"): lambda line: line.found.disputed_units,
        _("Plus grand écart (en niveaux)"): lambda line: line.found.widest_gap,
        _("Accord exact"): lambda line: _figure(line.found.exact),
        _("Alpha de Krippendorff (ordinal)"): lambda line: _figure(line.found.alpha),
        _("Sans alpha parce que"): lambda line: _why(line.found.why_no_alpha),
    })  # fmt: skip
    return _attached(text, "accord.csv")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _why(reason: str | None) -> str:
    words = {"too_few": _("trop peu de stagiaires comparables"), "no_variation": _("aucune variation des niveaux")}
    return words.get(reason or "", "")


def _attached(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@requires(Permission.ASSESSMENT_READ)
def agreement_ratings(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Show the ratings behind the agreement on one indicator, trainee by trainee."""
    cohort = queries.cohort_of_agreement(db.session, g.actor, cohort_id)
    wanted = Wanted.from_args(own_address(), request.args, filters=("indicator", "only"))
    is_csv = request.args.get("format") == "csv"
    code = (wanted.filters or {}).get("indicator", "")
    page = queries.ratings_page(db.session, g.actor, cohort, code, wanted, whole=is_csv)
    g.menu_line = "cohorts.index"
    if is_csv:
        return _ratings_csv(page)
    return render_template("assessments/agreement_ratings.html", page=page, listing=page.listing)


def _ratings_csv(page: queries.RatingsPage) -> Response:
    locale = current_locale()
    rows = [(one, view) for one in page.listing.rows for view in one.views]
    text = listing.to_csv(rows, {
        _("Indicateur"): lambda _row: page.line.indicator.code,
        _("Stagiaire"): lambda row: row[0].trainee,
        _("Évaluateur·rice"): lambda row: row[1].assessor,
        _("Niveau"): lambda row: row[1].level.label.to(locale),
        _("Moment évalué"): lambda row: row[1].held.held_on.isoformat(),
        _("Écart (en niveaux)"): lambda row: row[0].gap,
    })  # fmt: skip
    return _attached(text, "accord-notes.csv")
