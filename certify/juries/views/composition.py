"""Who sits and who is presented, until the session opens: called, described, declared, set aside."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.core.listing import Wanted
from certify.core.templating import own_address
from certify.eligibility.queries import files_of
from certify.juries import candidates, policies, queries, services
from certify.juries.composition import composition_of, named_in_declarations, presented
from certify.juries.forms import CandidatesForm, SeatFactsForm, SeatForm
from certify.juries.models import JurySeat, JurySession
from certify.juries.preparing_forms import DerogationForm, NeedsForm, declaration_form
from certify.juries.rules import rules_of
from certify.juries.services.declaring import TEXT, last_declaration
from certify.juries.views.sessions import page_of


def _jury(jury_id: uuid.UUID, *permissions: Permission) -> JurySession:
    return queries.jury_for(db.session, g.actor, jury_id, *permissions)


def _back(jury: JurySession, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("juries.show", jury_id=jury.id, _anchor=anchor), code=303)


@requires(Permission.JURY_WRITE)
def add_seat(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Call somebody to sit."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    form = SeatForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.add_seat(db.session, g.actor, jury, **form.person, **form.facts)
            flash(_("La personne est ajoutée au jury : elle reçoit un message."), "success")
            return _back(jury, "members")
    return page_of(jury, seat_form=form, status=422)


@requires(Permission.JURY_WRITE)
def edit_seat(jury_id: uuid.UUID, seat_id: uuid.UUID) -> ResponseReturnValue:
    """Say in what quality somebody sits."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    seat = _seat(jury, seat_id)
    form = SeatFactsForm.of(seat)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.change_seat(db.session, g.actor, jury, seat_id, **form.facts)
            flash(_("Le siège est enregistré."), "success")
            return _back(jury, "members")
    page = render_template("juries/seat.html", jury=jury, form=form, person=db.session.get_one(User, seat.user_id))
    return page, 422 if form.is_submitted() else 200


def _seat(jury: JurySession, seat_id: uuid.UUID) -> JurySeat:
    found = next((one for one in jury.seats if one.id == seat_id), None)
    if found is None:
        raise NotFound()
    return found


@requires(Permission.JURY_WRITE)
def remove_seat(jury_id: uuid.UUID, seat_id: uuid.UUID) -> ResponseReturnValue:
    """Take somebody off the jury."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    services.remove_seat(db.session, g.actor, jury, seat_id)
    flash(_("Ce siège est retiré de la session."), "success")
    return _back(jury, "members")


@requires(Permission.JURY_WRITE)
def choose_candidates(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Choose whom to present, those assessed first; a page of people at a time."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    wanted = Wanted.from_args(own_address(), request.args)
    words = listing.matches(wanted.query, Enrolment.sort_name, User.given_name, User.family_name, Cohort.name)
    rules = rules_of(db.session, jury)
    found = listing.paginate(
        db.session, candidates.eligible(jury, rules).where(*words), wanted, sorts=candidates.ELIGIBLE_SORTS,
        default="ready", tie=Enrolment.id, as_rows=True,
    )  # fmt: skip
    form = CandidatesForm()
    form.offer({str(row[0].id): row[1].name for row in found.rows})
    if form.validate_on_submit():
        chosen = [uuid.UUID(one) for one in form.enrolments.data or []]
        added = services.add_candidates(db.session, g.actor, jury, chosen)
        words_ = ngettext("%(num)d candidature est ajoutée.", "%(num)d candidatures sont ajoutées.", len(added))
        flash(words_, "success")
        return _back(jury, "candidates")
    people = [row[0] for row in found.rows]
    page = render_template(
        "juries/candidates.html", jury=jury, listing=found, files=files_of(db.session, people), form=form,
        acquired=candidates.acquired_before(db.session, [one.id for one in people], rules),
        held_back=candidates.held_back(db.session, jury, rules),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@requires(Permission.JURY_WRITE)
def edit_candidate(jury_id: uuid.UUID, candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Say when a candidate is expected, and what is to be arranged."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    candidacy = queries.candidacy_for(db.session, g.actor, candidacy_id)
    if candidacy.session_id != jury.id:
        raise NotFound()
    form = NeedsForm(obj=candidacy)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.set_needs(
                db.session, g.actor, jury, candidacy_id, passes_at=form.passes_at.data,
                extra_time_percent=form.extra_time_percent.data or 0, arrangements=form.arrangements.data or "",
            )  # fmt: skip
            flash(_("Les besoins de cette candidature sont enregistrés."), "success")
            return _back(jury, "candidates")
    name = candidates.names_of(db.session, [candidacy.enrolment_id])[candidacy.enrolment_id]
    page = render_template("juries/needs.html", jury=jury, form=form, name=name)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.JURY_WRITE)
def remove_candidate(jury_id: uuid.UUID, candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Take a candidate off the session."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    services.remove_candidate(db.session, g.actor, jury, candidacy_id)
    flash(_("Cette candidature est retirée de la session."), "success")
    return _back(jury, "candidates")


@requires(Permission.JURY_READ)
def declare(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Read who is presented, declare one's links with each, sign."""
    jury = _jury(jury_id, Permission.JURY_READ)
    seat = policies.seat_of(jury, g.actor)
    if seat is None:
        raise NotFound()
    people, last = presented(db.session, jury.id), last_declaration(db.session, seat.id)
    form = declaration_form(people, last)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.declare(db.session, g.actor, jury, links=form.links)
            flash(_("Votre déclaration est signée."), "success")
            return _back(jury)
    page = render_template(
        "juries/declaration.html", jury=jury, seat=seat, people=people, last=last, form=form, text=TEXT,
        is_open=policies.may_declare(
            jury, seat, people, named_in_declarations(db.session, jury.id).get(seat.id, frozenset())
        ),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@requires(Permission.JURY_WRITE)
def derogate(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Set a rule aside, for one member and some candidates or for the whole session, with the reason."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    composition = composition_of(db.session, jury)
    about = request.args.get("violation", ""), request.args.get("member", "")
    group = next((one for one in composition.groups if one.key == about), None)
    if group is None or not group.first.may_be_waived:
        raise NotFound()
    people = {str(one.enrolment_id): one.candidate or "" for one in group.findings if one.enrolment_id}
    form = DerogationForm(enrolments=list(people))
    form.offer(people)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.grant_derogation(
                db.session, g.actor, jury, violation=group.first.violation.code, user_id=group.first.user_id,
                enrolment_ids=form.chosen, reason=form.reason.data or "",
            )  # fmt: skip
            flash(_("La dérogation est enregistrée. Elle figurera au procès-verbal."), "success")
            return _back(jury, "preparation")
    page = render_template("juries/derogation.html", jury=jury, group=group, people=people, form=form)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.JURY_WRITE)
def withdraw_derogation(jury_id: uuid.UUID, derogation_id: uuid.UUID) -> ResponseReturnValue:
    """Take a derogation back."""
    jury = _jury(jury_id, Permission.JURY_WRITE)
    services.withdraw_derogation(db.session, g.actor, jury, derogation_id)
    flash(_("La dérogation est retirée."), "success")
    return _back(jury, "derogations")
