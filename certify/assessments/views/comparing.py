"""Pages that put words side by side: a trainee's and their assessors', and all those behind one level."""

import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.assessments import policies, queries, services
from certify.assessments.forms import RetainForm
from certify.assessments.queries.comparing import Beside, ComparedIndicator, ComparePage
from certify.cohorts.models import Enrolment
from certify.cohorts.queries import enrolment_for, own_enrolment
from certify.core import listing
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.frameworks.programme_forms import AGGREGATIONS


@requires(Permission.ASSESSMENT_READ)
def compare(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show the staff what a trainee says of themself beside what each assessor said last."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.ASSESSMENT_READ)
    queries.require_no_open_double(db.session, g.actor, enrolment.id)
    return _compare(enrolment, is_own=False)


@requires(Permission.SELF_ASSESSMENT_WRITE)
def own_comparison() -> ResponseReturnValue:
    """Show a trainee the same, about themself."""
    g.menu_line = "assessments.own"
    return _compare(own_enrolment(db.session, g.actor), is_own=True)


def _compare(enrolment: Enrolment, *, is_own: bool) -> ResponseReturnValue:
    page = queries.compare_page(db.session, enrolment)
    if request.args.get("format") == "csv":
        return _csv(page)
    only_gaps = request.args.get("show") == "gaps"
    shown = page.both.only_gaps() if only_gaps else page.both.competencies
    return render_template(
        "assessments/compare.html", page=page, both=page.both, shown=shown, only_gaps=only_gaps, is_own=is_own
    )


class _CsvRow(NamedTuple):
    competency: str
    line: ComparedIndicator
    beside: Beside | None


def _csv_rows(page: ComparePage) -> Iterator[_CsvRow]:
    for part in page.both.competencies:
        for line in part.indicators:
            for beside in line.others or (None,):
                yield _CsvRow(part.competency.code, line, beside)


def _csv(page: ComparePage) -> Response:
    locale = current_locale()

    def given(rating: Any) -> str:
        return rating.given.label.to(locale) if rating and rating.given else ""

    text = listing.to_csv(_csv_rows(page), {
        _("Compétence"): lambda row: row.competency,
        _("Indicateur"): lambda row: row.line.indicator.code,
        _("Formulation"): lambda row: row.line.indicator.wording.to(locale),
        _("Auto-évaluation"): lambda row: given(row.line.own),
        _("Confiance"): lambda row: row.line.sureness or "",
        _("Évaluateur·rice"): lambda row: row.beside.rating.assessor if row.beside else "",
        _("Moment évalué"): lambda row: row.beside.rating.held_on.isoformat() if row.beside else "",
        _("Niveau"): lambda row: given(row.beside.rating) if row.beside else "",
        _("Écart"): lambda row: row.beside.gap.label if row.beside else "",
    })  # fmt: skip
    headers = {"Content-Disposition": "attachment; filename=comparaison.csv"}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@requires(SIGNED_IN)
def competency(enrolment_id: uuid.UUID, code: str) -> ResponseReturnValue:
    """Show the level of one competency with every rating behind it, to the staff or to the trainee themself."""
    enrolment = queries.readable_enrolment(db.session, g.actor, enrolment_id)
    queries.require_no_open_double(db.session, g.actor, enrolment.id)
    page = queries.competency_page(db.session, g.actor, enrolment, code)
    return _competency(page, _retain_form(page))


@requires(Permission.ASSESSMENT_RETAIN)
def retain(enrolment_id: uuid.UUID, code: str) -> ResponseReturnValue:
    """Retain a level in place of the proposed one, or give the competency back to its proposal."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.ASSESSMENT_RETAIN)
    page = queries.competency_page(db.session, g.actor, enrolment, code)
    back = redirect(url_for("assessments.competency", enrolment_id=enrolment.id, code=code), code=303)
    form = _retain_form(page)
    if not form.is_submitted():
        return back
    if not form.validate():
        return _competency(page, form), 422
    level = form.retained
    with form.showing_refusals():
        services.retain(db.session, g.actor, enrolment, code, level=level, comment=form.comment.data or "")
    if form.errors:
        return _competency(page, form), form.status_of_refusal
    flash(
        _("Le niveau retenu est enregistré.")
        if level
        else _("La compétence revient au niveau que proposent les évaluations."),
        "success",
    )
    return back


def _retain_form(page: queries.CompetencyPage) -> RetainForm:
    form = RetainForm()
    form.offer(page.framework.scale, is_retained=page.behind.proposal.is_retained, locale=current_locale())
    return form


def _competency(page: queries.CompetencyPage, form: RetainForm) -> str:
    is_own = page.trainee.id == g.actor.user_id
    if is_own:
        g.menu_line = "reports.own_progress"
    return render_template(
        "assessments/competency.html", page=page, form=form, is_own=is_own,
        rule=AGGREGATIONS[page.behind.programme.aggregation], confidences=policies.CONFIDENCES,
    )  # fmt: skip
