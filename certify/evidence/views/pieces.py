"""Pages of one piece of the portfolio: add, change, hand in, replace, take back."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.models import Enrolment
from certify.cohorts.queries import own_enrolment
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.forms import BaseForm
from certify.core.i18n import gettext as _
from certify.evidence import policies, queries, services
from certify.evidence.forms import NewFileForm, NewLinkForm, NewTextForm, PieceForm, piece_form
from certify.evidence.models import EvidenceItem
from certify.evidence.views.words import KINDS, STATES
from certify.frameworks.queries import framework_of


@requires(Permission.EVIDENCE_WRITE)
def new() -> ResponseReturnValue:
    """Choose what to add."""
    enrolment = own_enrolment(db.session, g.actor)
    use = queries.storage_use(db.session, enrolment.id)
    return render_template("evidence/new.html", enrolment=enrolment, use=use)


@requires(Permission.EVIDENCE_WRITE)
def new_file() -> ResponseReturnValue:
    """Add a file: in one go here, or piece by piece by the script of the page."""
    enrolment = own_enrolment(db.session, g.actor)
    form = NewFileForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            upload = form.file.data
            item, is_new = services.add_file(
                db.session, g.actor, enrolment, stream=upload.stream, filename=upload.filename or "",
                title=form.title.data or "",
            )  # fmt: skip
            return _added(item, is_new=is_new)
    return _new(enrolment, form, "evidence/new_file.html")


@requires(Permission.EVIDENCE_WRITE)
def new_link() -> ResponseReturnValue:
    """Add an address."""
    enrolment = own_enrolment(db.session, g.actor)
    form = NewLinkForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            item = services.add_link(
                db.session, g.actor, enrolment, url=form.url.data or "", title=form.title.data or ""
            )
            return _added(item, is_new=True)
    return _new(enrolment, form, "evidence/new_link.html")


@requires(Permission.EVIDENCE_WRITE)
def new_text() -> ResponseReturnValue:
    """Add a text."""
    enrolment = own_enrolment(db.session, g.actor)
    form = NewTextForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            item = services.add_text(
                db.session, g.actor, enrolment, title=form.title.data or "", account=form.account.data or ""
            )
            return _added(item, is_new=True)
    return _new(enrolment, form, "evidence/new_text.html")


def _new(enrolment: Enrolment, form: BaseForm, template: str) -> ResponseReturnValue:
    use = queries.storage_use(db.session, enrolment.id)
    page = render_template(template, form=form, use=use, enrolment=enrolment, may_add=policies.may_add(enrolment.state))
    return page, form.status_of_refusal if form.is_submitted() else 200


def _added(item: EvidenceItem, *, is_new: bool) -> ResponseReturnValue:
    if not is_new:
        flash(_("Ce fichier est déjà dans vos preuves : le voici. Dites ici ce qu’il illustre de plus."), "info")
    elif queries.not_stored(db.session, [item]):
        flash(_("La preuve est gardée ; elle sera rangée dès que le stockage répond."), "info")
    else:
        flash(_("La preuve est gardée. Dites maintenant ce qu’elle illustre."), "success")
    return redirect(address_of(item), code=303)


def address_of(item: EvidenceItem) -> str:
    """Return the page where its author goes on with a piece."""
    if not policies.stands_alone(item):
        return url_for("logbook.show", entry_id=item.entry_id)
    if item.kind.value == "prior":
        return url_for("evidence.prior_piece", item_id=item.id)
    endpoint = "evidence.edit_piece" if policies.is_changeable(item) else "evidence.piece"
    return url_for(endpoint, item_id=item.id)


@requires(Permission.EVIDENCE_WRITE)
def edit(item_id: uuid.UUID) -> ResponseReturnValue:
    """Go on with a piece, then hand it in."""
    item = queries.own_piece(db.session, g.actor, item_id, lock=request.method == "POST")
    enrolment = db.session.get_one(Enrolment, item.enrolment_id)
    if request.method == "GET" and not policies.may_change(item, enrolment.state):
        return redirect(url_for("evidence.piece", item_id=item.id), code=303)
    form = piece_form(item, framework_of(db.session, enrolment.framework_version_id))
    if form.validate_on_submit():
        with form.showing_refusals():
            services.amend(db.session, g.actor, enrolment, item, **form.said())
            return _saved(enrolment, item)
    return _form(enrolment, form, item)


def _saved(enrolment: Enrolment, item: EvidenceItem) -> ResponseReturnValue:
    """Hand it in when that button was pressed; what was written stays whatever the answer."""
    # Committed by itself: the text and the file stay, whatever stands in the way of handing the piece in.
    db.session.commit()
    if request.form.get("then") != "submit":
        flash(_("La preuve est enregistrée. Vous seul·e la voyez tant que vous ne l’avez pas soumise."), "success")
        return redirect(url_for("evidence.edit_piece", item_id=item.id), code=303)
    item = queries.own_piece(db.session, g.actor, item.id, lock=True)
    form = piece_form(item, framework_of(db.session, enrolment.framework_version_id))
    with form.showing_refusals():
        services.submit(
            db.session, g.actor, enrolment, item, faces_checked="faces_checked" in form and form.faces_checked.data
        )
    if form.errors:
        return _form(enrolment, form, item)
    flash(_("La preuve est soumise : un·e formateur·rice va la lire."), "success")
    return redirect(url_for("evidence.piece", item_id=item.id), code=303)


def _form(enrolment: Enrolment, form: PieceForm, item: EvidenceItem) -> ResponseReturnValue:
    page = render_template(
        "evidence/edit.html", form=form, item=item, enrolment=enrolment, states=STATES, kinds=KINDS,
        framework=framework_of(db.session, enrolment.framework_version_id),
        shown=queries.as_it_stands(item), is_not_stored=bool(queries.not_stored(db.session, [item])),
    )  # fmt: skip
    return page, form.status_of_refusal if form.is_submitted() else 200


@requires(Permission.EVIDENCE_WRITE)
def replace(item_id: uuid.UUID) -> ResponseReturnValue:
    """Begin the piece that takes the place of an accepted one."""
    old = queries.own_piece(db.session, g.actor, item_id, lock=True)
    enrolment = db.session.get_one(Enrolment, old.enrolment_id)
    item = services.replace(db.session, g.actor, enrolment, old)
    flash(_("Changez ce qui doit l’être, puis soumettez : l’ancienne preuve compte jusqu’à la réponse."), "info")
    return redirect(url_for("evidence.edit_piece", item_id=item.id), code=303)


@requires(Permission.EVIDENCE_WRITE)
def remove(item_id: uuid.UUID) -> ResponseReturnValue:
    """Take back a piece nobody has accepted."""
    item = queries.own_piece(db.session, g.actor, item_id, lock=True)
    services.remove(db.session, g.actor, item)
    flash(_("La preuve est retirée."), "success")
    return redirect(url_for("evidence.index"), code=303)
