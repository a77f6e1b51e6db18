"""Pages of civil identities: one's own, the list of those to check, one person's."""

import uuid
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.cohorts.queries import own_enrolment
from certify.cohorts.views.lists import csv_answer, is_csv, page_size
from certify.core import audit, listing
from certify.core.access import Permission, requires
from certify.core.db import db, separate_session
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.identities import policies, queries, services
from certify.identities.forms import (
    CorrectionForm,
    IdentityForm,
    NumberForm,
    birth_in_words,
    place_in_words,
    version_number,
)

Found = tuple[Enrolment, Cohort, User]


@requires(Permission.OWN_IDENTITY_WRITE)
def own() -> ResponseReturnValue:
    """Show a trainee their identity: the form until somebody checked it, then what is kept."""
    return _own_page()


@requires(Permission.OWN_IDENTITY_WRITE)
def give() -> ResponseReturnValue:
    """Take a trainee's identity."""
    own_enrolment(db.session, g.actor)
    form = _form(IdentityForm, queries.known_of(db.session, g.actor.user_id))
    if form.validate_on_submit():
        with form.showing_refusals():
            services.give(db.session, g.actor, status=form.status(), proof=form.proof.data)
            flash(_("Votre identité est enregistrée. Elle sera comparée au document."), "success")
            return redirect(url_for("identities.own"), code=303)
    return _own_page(form=form), 422


@requires(Permission.OWN_IDENTITY_WRITE)
def keep_own_number() -> ResponseReturnValue:
    """Keep a trainee's registration number."""
    own_enrolment(db.session, g.actor)
    form = NumberForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.keep_number(db.session, g.actor, g.actor.user_id, number=form.number.data or "")
            flash(_("Le numéro est enregistré, chiffré. Aucune page ne le montre."), "success")
            return redirect(url_for("identities.own"), code=303)
    return _own_page(number_form=form.hide()), 422


@requires(Permission.OWN_IDENTITY_WRITE)
def remove_own_number() -> ResponseReturnValue:
    """Remove a trainee's registration number."""
    own_enrolment(db.session, g.actor)
    return _remove_number(g.actor.user_id, url_for("identities.own"))


def _own_page(form: IdentityForm | None = None, number_form: NumberForm | None = None) -> str:
    own_enrolment(db.session, g.actor)
    known = queries.known_of(db.session, g.actor.user_id)
    return render_template(
        "identities/own.html", form=form or _form(IdentityForm, known), number_form=number_form or NumberForm(),
        **_facts(known, g.actor.user_id),
    )  # fmt: skip


def _form(kind: type[IdentityForm], known: queries.Known) -> IdentityForm:
    last = known.versions[0].row.number if known.versions else 0
    return kind.showing(known.status, known.last.proof if known.last else None, last)


def _facts(known: queries.Known, user_id: uuid.UUID, enrolment_id: uuid.UUID | None = None) -> dict[str, Any]:
    status = known.status
    return {
        "known": known,
        "status": status,
        "birth": birth_in_words(status) if status else "",
        "place": place_in_words(status) if status else "",
        "asks_for_number": queries.asks_for_number(db.session, user_id, enrolment_id),
    }


@requires(Permission.IDENTITY_READ)
def index() -> ResponseReturnValue:
    """List the people whose identity the actor may check: where it stands, never what it says."""
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=("state",))
    found = queries.lines(db.session, g.actor, wanted, per_page=page_size())
    if is_csv():
        return _csv(found)
    return render_template("identities/index.html", listing=found, labels=_labels())


def _labels() -> dict[str, str]:
    return {"missing": _("à donner"), "to_check": _("à vérifier"), "checked": _("vérifiée")}


def _csv(found: listing.Listing[queries.Line]) -> ResponseReturnValue:
    labels = _labels()
    columns = {
        _("Stagiaire"): lambda line: line.person.name,
        _("Promotion"): lambda line: line.cohort.name,
        _("Identité"): lambda line: labels[line.state],
    }
    return csv_answer("identites", found.rows, columns)


@requires(Permission.IDENTITY_READ)
def show(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show somebody's identity to who may compare it with the document; each reading is traced."""
    found = queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.IDENTITY_READ)
    page = _page(found)
    _trace(found[0])
    return page


def _page(found: Found, number_form: NumberForm | None = None) -> str:
    enrolment, cohort, person = found
    known = queries.known_of(db.session, person.id)
    bodies = g.actor.organisations(Permission.IDENTITY_WRITE)
    is_writer = bool(bodies & {enrolment.training_body_id, cohort.certifying_body_id})
    return render_template(
        "identities/show.html", enrolment=enrolment, cohort=cohort, person=person,
        may_write=is_writer and not policies.is_own(g.actor, enrolment), number_form=number_form or NumberForm(),
        **_facts(known, person.id, enrolment.id),
    )  # fmt: skip


def _trace(enrolment: Enrolment) -> None:
    person, enrolment_id, body_id = enrolment.user_id, enrolment.id, enrolment.training_body_id
    # What was read is in hand: the request's own transaction must not keep the trace waiting.
    db.session.rollback()
    with separate_session() as session:
        audit.record(session, g.actor, queries.READ, person, organisation_id=body_id, enrolment_id=enrolment_id)
        session.commit()


@requires(Permission.IDENTITY_WRITE)
def check(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Say that an identity agrees with the document."""
    enrolment = _writable(enrolment_id)[0]
    services.check(db.session, g.actor, enrolment, version_number(request.form.get("number", "")))
    flash(_("L’identité est vérifiée : les documents à venir portent ce nom."), "success")
    return redirect(url_for("identities.show", enrolment_id=enrolment_id), code=303)


@requires(Permission.IDENTITY_WRITE)
def edit(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Write somebody's identity with the document in hand."""
    found = _writable(enrolment_id)
    enrolment = found[0]
    form = _form(CorrectionForm, queries.known_of(db.session, enrolment.user_id))
    if form.validate_on_submit():
        with form.showing_refusals():
            services.correct(
                db.session, g.actor, enrolment, status=form.status(), proof=form.proof.data, known=form.known_number()
            )
            flash(_("L’identité est enregistrée et vérifiée. La version d’avant est conservée."), "success")
            return redirect(url_for("identities.show", enrolment_id=enrolment_id), code=303)
    page = render_template("identities/edit.html", form=form, enrolment=enrolment, person=found[2])
    _trace(enrolment)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.IDENTITY_WRITE)
def keep_number(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Keep somebody's registration number."""
    found = _writable(enrolment_id)
    form = NumberForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.keep_number(
                db.session, g.actor, found[2].id, number=form.number.data or "", enrolment_id=enrolment_id
            )  # fmt: skip
            flash(_("Le numéro est enregistré, chiffré. Aucune page ne le montre."), "success")
            return redirect(url_for("identities.show", enrolment_id=enrolment_id), code=303)
    page = _page(found, number_form=form.hide())
    _trace(found[0])
    return page, 422


@requires(Permission.IDENTITY_WRITE)
def remove_number(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Remove somebody's registration number."""
    person = _writable(enrolment_id)[2]
    return _remove_number(person.id, url_for("identities.show", enrolment_id=enrolment_id))


def _writable(enrolment_id: uuid.UUID) -> Found:
    return queries.enrolment_for(db.session, g.actor, enrolment_id, Permission.IDENTITY_WRITE)


def _remove_number(user_id: uuid.UUID, address: str) -> ResponseReturnValue:
    number = queries.known_of(db.session, user_id).number
    if number is not None:
        services.forget_number(db.session, g.actor, number)
    flash(_("Le numéro est retiré."), "success")
    return redirect(address, code=303)
