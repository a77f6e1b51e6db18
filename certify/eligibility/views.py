"""Pages of files before a jury: one's own, a trainee's, a cohort's."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.cohorts.queries import cohort_for, enrolment_for, own_enrolment
from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.eligibility import policies, queries, services
from certify.eligibility.forms import DocumentForm, WaiverForm
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of, rules_history
from competencies import eligibility

_EVERYBODY = 100_000


@requires(Permission.OWN_PATH_READ)
def own_file() -> ResponseReturnValue:
    """Show a trainee what their file holds and what it still lacks before a jury."""
    enrolment = own_enrolment(db.session, g.actor)
    return render_template("eligibility/own.html", **_facts(enrolment))


@requires(Permission.PROGRESS_READ)
def file(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show a trainee's file to the staff of their training body."""
    return _page(enrolment_for(db.session, g.actor, enrolment_id, Permission.PROGRESS_READ))


@requires(Permission.COHORT_READ)
def cohort(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """List the files of a cohort: who is ready, who is held back, who was exempted from something."""
    row = cohort_for(db.session, g.actor, cohort_id, Permission.COHORT_READ)
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=("situation",))
    is_csv = request.args.get("format") == "csv"
    per_page = _EVERYBODY if is_csv else listing.PER_PAGE
    found = queries.lines_of(db.session, row, wanted, per_page=per_page)
    if is_csv:
        return _csv(found.rows)
    return render_template("eligibility/cohort.html", cohort=row, listing=found, has_rules=_has_rules(row))


def _csv(lines: Any) -> Response:
    """Give every requirement two columns: what is there, what is asked."""
    columns: dict[str, Callable[[queries.Line], Any]] = {_("Stagiaire"): lambda line: line.name}
    asked = {one.code: one.label.to(current_locale()) for line in lines for one in line.file.asked}
    for code, label in asked.items():
        columns |= _pair(code, label)
    columns |= {
        _("Peut être présenté·e"): lambda line: _("oui") if line.file.is_eligible else _("non"),
        _("Dossier prêt"): lambda line: _("oui") if line.file.is_ready else _("non"),
        _("Dérogations"): lambda line: len(line.file.waived),
    }
    headers = {"Content-Disposition": "attachment; filename=dossiers.csv"}
    return Response(listing.to_csv(lines, columns), mimetype="text/csv", headers=headers)


def _pair(code: str, label: str) -> Mapping[str, Callable[[queries.Line], Any]]:
    def done(line: queries.Line) -> Any:
        one = line.file.of(code)
        return one.done if one else ""

    def total(line: queries.Line) -> Any:
        one = line.file.of(code)
        return one.total if one else ""

    return {label: done, _("%(requirement)s, demandé", requirement=label): total}


@requires(Permission.ELIGIBILITY_WAIVE)
def waive(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Exempt a trainee from one requirement."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.ELIGIBILITY_WAIVE)
    form = WaiverForm()
    form.offer(_waivable(queries.file_of(db.session, enrolment)))
    if form.validate_on_submit():
        with form.showing_refusals():
            services.waive(
                db.session, g.actor, enrolment, requirement=form.requirement.data, reason=form.reason.data or ""
            )
            flash(_("La dérogation est accordée. Le jury lira son motif."), "success")
            return _back(enrolment, "derogations")
    return _page(enrolment, waiver=form)


@requires(Permission.ELIGIBILITY_WAIVE)
def withdraw(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Withdraw an exemption."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.ELIGIBILITY_WAIVE)
    services.withdraw(db.session, g.actor, enrolment, request.form.get("requirement", ""))
    flash(_("La dérogation est retirée. Elle reste au journal du dossier."), "success")
    return _back(enrolment, "derogations")


@requires(Permission.ENROLMENT_WRITE)
def receive(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Record that a document was received."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.ENROLMENT_WRITE)
    form = DocumentForm()
    programme = queries.file_of(db.session, enrolment).programme
    form.offer([(one.code, one.label.to(current_locale())) for one in programme.documents])
    if form.validate_on_submit():
        with form.showing_refusals():
            services.receive(
                db.session, g.actor, enrolment, document=form.document.data,
                received_on=form.received_on.data or clock.today(),
            )  # fmt: skip
            flash(_("La pièce est enregistrée."), "success")
            return _back(enrolment, "documents")
    return _page(enrolment, document=form)


@requires(Permission.ENROLMENT_WRITE)
def strike_out(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Strike out a document recorded by mistake."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.ENROLMENT_WRITE)
    services.strike_out(db.session, g.actor, enrolment, request.form.get("document", ""))
    flash(_("La pièce n’est plus comptée. La trace de ce qui avait été enregistré reste."), "success")
    return _back(enrolment, "documents")


def _back(enrolment: Enrolment, anchor: str) -> ResponseReturnValue:
    return redirect(url_for("eligibility.file", enrolment_id=enrolment.id, _anchor=anchor), code=303)


def _page(
    enrolment: Enrolment, *, waiver: WaiverForm | None = None, document: DocumentForm | None = None
) -> ResponseReturnValue:
    """Render the staff's page of a file, with the form that was refused as it was sent."""
    facts = _facts(enrolment)
    refused = waiver or document
    waiver = waiver or WaiverForm(formdata=None)
    waiver.offer(_waivable(facts["file"]))
    document = document or DocumentForm(formdata=None, received_on=clock.today())
    awaited = [one.document for one in facts["documents"] if one.standing is None]
    document.offer([(one.code, one.label.to(current_locale())) for one in awaited])
    page = render_template(
        "eligibility/file.html", **facts, waiver_form=waiver, document_form=document,
        may_waive=policies.may_waive(g.actor, enrolment), refused=refused,
        may_record=policies.may_record_documents(g.actor, enrolment),
        may_assess=enrolment.training_body_id in g.actor.organisations(Permission.ASSESSMENT_WRITE),
        may_attend=enrolment.training_body_id in g.actor.organisations(Permission.ATTENDANCE_WRITE),
    )  # fmt: skip
    return page, 422 if refused else 200


def _facts(enrolment: Enrolment) -> dict[str, Any]:
    """Return what both pages of a file show."""
    session = db.session
    found = queries.file_of(session, enrolment)
    labels = {code: label.to(current_locale()) for code, label in eligibility.codes(found.programme)}
    return {
        "enrolment": enrolment,
        "person": session.get_one(User, enrolment.user_id),
        "cohort": session.get_one(Cohort, enrolment.cohort_id),
        "framework": framework_of(session, enrolment.framework_version_id),
        "file": found,
        "labels": labels,
        "has_rules": _has_rules(enrolment),
        "derogations": queries.derogations_of(session, enrolment.id),
        "documents": queries.documents_of(session, enrolment.id, found.programme),
        "coverage": queries.coverage_of(session, enrolment),
    }


def _has_rules(on: Cohort | Enrolment) -> bool:
    """Whether the certifying body set rules of its own."""
    version = db.session.get_one(FrameworkVersion, on.framework_version_id)
    return bool(rules_history(db.session, version.certifying_body_id, version.code))


def _waivable(found: queries.File) -> list[tuple[str, str]]:
    return [(one.code, one.label.to(current_locale())) for one in found.lacking]
