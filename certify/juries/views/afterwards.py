"""After publication, for whoever keeps the session: its results, other decisions on a candidate, appeals."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.juries import candidates, dossiers, queries, reading, results, services
from certify.juries.deliberation_forms import (
    AnswerForm,
    BringingBackForm,
    LaterDecisionForm,
    LetterForm,
    ReinstatementForm,
    WithdrawalForm,
    decision_form,
    standing_values,
)
from certify.juries.forms import BLOCK_OUTCOMES, WHOLE_OUTCOMES
from certify.juries.models import DecisionKind
from certify.juries.results import Result
from certify.juries.services.afterwards import WITHDRAWING

_WORDS = {"block_outcomes": BLOCK_OUTCOMES, "whole_outcomes": WHOLE_OUTCOMES}


def _result(candidacy_id: uuid.UUID) -> Result:
    result = results.result_for(db.session, g.actor, candidacy_id)
    reading.require_impartial(db.session, result.candidacy, g.actor)
    return result


def _done(result: Result, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("juries.after", candidacy_id=result.candidacy.id), code=303)


@requires(Permission.JURY_WRITE)
def outcomes(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a session decided on each candidate, with the appeals received."""
    jury = queries.jury_for(db.session, g.actor, jury_id, Permission.JURY_WRITE)
    names = candidates.names_by_candidacy(db.session, jury.id)
    found = results.results_of(db.session, jury)
    return render_template("juries/outcomes.html", jury=jury, results=found, names=names, **_WORDS)


@requires(Permission.JURY_WRITE)
def show(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Show every decision on one candidate, its appeals, and what may be recorded now."""
    result = _result(candidacy_id)
    return render_template(
        "juries/after.html", result=result, jury=result.jury, person=_person(result),
        history=dossiers.decisions_of(db.session, result.candidacy),
        is_withdrawn=result.decision.kind in WITHDRAWING, **_WORDS,
    )  # fmt: skip


def _person(result: Result) -> str:
    return candidates.candidate_of(db.session, result.candidacy).name


@requires(Permission.JURY_WRITE)
def correct(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Record a correction of the decision that stands."""
    result = _result(candidacy_id)
    file = dossiers.file_of(db.session, result.candidacy)
    values = standing_values(result.decision) | {"reason": "", "decided_on": clock.today()}
    form = decision_form(file.framework, file.proposals, file.already_acquired, LaterDecisionForm, **values)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.decide_again(
                db.session, g.actor, result.candidacy, kind=DecisionKind.CORRECTION, expected=form.expected.data or 0,
                decided_on=form.decided_on.data or clock.today(), ruling=form.ruling,
            )  # fmt: skip
            return _done(result, _("La rectification est enregistrée : la personne candidate en est prévenue."))
    page = render_template(
        "juries/correct.html", result=result, jury=result.jury, file=file, form=form, person=_person(result), **_WORDS
    )
    return page, 422 if form.is_submitted() else 200


@requires(Permission.JURY_WRITE)
def withdraw(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Take a published decision back, for a fraud or by cancelling it."""
    result = _result(candidacy_id)
    form = WithdrawalForm(data={"expected": result.decision.number, "decided_on": clock.today()})
    if form.validate_on_submit():
        with form.showing_refusals():
            services.withdraw(
                db.session, g.actor, result.candidacy, kind=DecisionKind(form.kind.data),
                expected=form.expected.data or 0,
                decided_on=form.decided_on.data or clock.today(), reason=form.reason.data,
            )  # fmt: skip
            return _done(result, _("La décision est retirée : la personne candidate en est prévenue."))
    return _form_page(result, form, _("Retirer ou annuler la décision"), _("Retirer la décision"))


@requires(Permission.JURY_WRITE)
def reinstate(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Bring back a decision that was taken back."""
    result = _result(candidacy_id)
    form = ReinstatementForm(data={"expected": result.decision.number, "decided_on": clock.today()})
    if form.validate_on_submit():
        with form.showing_refusals():
            services.reinstate(
                db.session, g.actor, result.candidacy, expected=form.expected.data or 0,
                decided_on=form.decided_on.data or clock.today(), reason=form.reason.data,
            )  # fmt: skip
            return _done(result, _("La décision est rétablie : la personne candidate en est prévenue."))
    return _form_page(result, form, _("Rétablir la décision"), _("Rétablir la décision"))


@requires(Permission.JURY_WRITE)
def letter(candidacy_id: uuid.UUID) -> ResponseReturnValue:
    """Note an appeal received on paper."""
    result = _result(candidacy_id)
    form = LetterForm(data={"received_on": clock.today()})
    if form.validate_on_submit():
        with form.showing_refusals():
            services.lodge(
                db.session, g.actor, result.candidacy, grounds=form.grounds.data, received_on=form.received_on.data
            )
            return _done(result, _("Le recours est enregistré : la personne candidate en est prévenue."))
    return _form_page(result, form, _("Noter un recours reçu"), _("Enregistrer le recours"))


def _form_page(result: Result, form: object, title: str, action: str) -> ResponseReturnValue:
    page = render_template(
        "juries/after_form.html", result=result, jury=result.jury, form=form, title=title, action=action,
        person=_person(result), **_WORDS,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200  # type: ignore[attr-defined]


@requires(Permission.JURY_WRITE)
def answer(appeal_id: uuid.UUID) -> ResponseReturnValue:
    """Answer an appeal: refuse it, or uphold it with the decision that follows."""
    appeal, result = results.appeal_for(db.session, g.actor, appeal_id)
    reading.require_impartial(db.session, result.candidacy, g.actor)
    file = dossiers.file_of(db.session, result.candidacy)
    brings_back = appeal.contested_id == result.decision.id and result.decision.kind in WITHDRAWING
    values = standing_values(result.decision) | {"reason": "", "answered_on": clock.today()}
    base = BringingBackForm if brings_back else AnswerForm
    form = decision_form(file.framework, file.proposals, file.already_acquired, base, **values)
    if form.validate_on_submit():
        is_upheld = form.verdict.data == "upheld"
        with form.showing_refusals(decided_on="answered_on"):
            services.answer(
                db.session, g.actor, appeal, is_upheld=is_upheld, words=form.answer.data,
                answered_on=form.answered_on.data or clock.today(), expected=form.expected.data or 0,
                ruling=form.ruling if is_upheld and not brings_back else None,
            )  # fmt: skip
            return _done(result, _("La réponse est enregistrée : la personne candidate en est prévenue."))
    page = render_template(
        "juries/answer.html", result=result, jury=result.jury, file=file, form=form, appeal=appeal,
        brings_back=brings_back, person=_person(result), **_WORDS,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200
