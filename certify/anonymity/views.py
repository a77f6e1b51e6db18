"""Pages of the guard: declared first names, flagged passages."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.anonymity import queries, services
from certify.anonymity.forms import FlagForm, NamesForm
from certify.anonymity.policies import masked
from certify.cohorts.queries import own_enrolment
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext


@requires(Permission.LOGBOOK_WRITE)
def names() -> ResponseReturnValue:
    """Let a trainee declare first names of their groups, and see how many are known."""
    form = NamesForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            enrolment = own_enrolment(db.session, g.actor)
            made = services.declare_names(db.session, g.actor, enrolment, names=form.typed())
            flash(
                ngettext("%(num)d prénom est ajouté.", "%(num)d prénoms sont ajoutés.", made)
                if made
                else _("Ces prénoms étaient déjà déclarés."),
                "success",
            )
            return redirect(url_for("anonymity.names"), code=303)
    return _names_page(form), form.status_of_refusal if form.is_submitted() else 200


@requires(Permission.LOGBOOK_WRITE)
def withdraw_names() -> ResponseReturnValue:
    """Forget some declared first names, or all of them."""
    form = NamesForm(prefix="gone-")
    everything = bool(request.form.get("everything"))
    if everything or form.validate_on_submit():
        with form.showing_refusals():
            enrolment = own_enrolment(db.session, g.actor)
            wanted = None if everything else form.typed()
            gone = services.withdraw_names(db.session, g.actor, enrolment, names=wanted)
            flash(
                ngettext("%(num)d prénom est retiré.", "%(num)d prénoms sont retirés.", gone)
                if gone
                else _("Aucun de ces prénoms n’était déclaré."),
                "success" if gone else "info",
            )
            return redirect(url_for("anonymity.names"), code=303)
    return _names_page(NamesForm(formdata=None), form), form.status_of_refusal


def _names_page(form: NamesForm, gone: NamesForm | None = None) -> str:
    enrolment = own_enrolment(db.session, g.actor)
    return render_template(
        "anonymity/names.html",
        form=form,
        gone=gone or NamesForm(formdata=None, prefix="gone-"),
        refused=gone or form,
        declared=queries.count_declared(db.session, enrolment.id),
    )


@requires(SIGNED_IN)
def flags() -> ResponseReturnValue:
    """List what a person has to rewrite, and for staff what was flagged in their training bodies."""
    return render_template(
        "anonymity/flags.html",
        own=queries.flags_to_rewrite(db.session, g.actor),
        others=queries.flags_in_bodies(db.session, g.actor),
        is_staff=g.actor.may(Permission.TEXT_FLAG),
    )


@requires(Permission.TEXT_FLAG)
def flag(kind: str, subject_id: uuid.UUID) -> ResponseReturnValue:
    """Choose passages that let somebody be recognised: they are masked, and their author is asked to rewrite."""
    subject = queries.subject_for(db.session, g.actor, kind, subject_id)
    masks = queries.masks_of(db.session, [subject.id]).get(subject.id, ())
    shown = {
        field: masked(text, [mask for mask in masks if mask.field == field]) for field, _label, text in subject.texts
    }
    form = FlagForm.on(subject, shown)
    if form.validate_on_submit():
        passages = form.chosen(subject)
        with form.showing_refusals():
            if not form.errors:
                made = services.flag(db.session, g.actor, subject, passages=passages)
                flash(
                    ngettext(
                        "%(num)d passage est masqué ; son auteur·rice est prévenu·e.",
                        "%(num)d passages sont masqués ; leur auteur·rice est prévenu·e.",
                        len(made),
                    ),
                    "success",
                )
                return redirect(subject.address, code=303)
    title = shown.get("title", str(subject.title))
    page = render_template("anonymity/flag.html", form=form, subject=subject, title=title)
    return page, form.status_of_refusal if form.is_submitted() else 200


@requires(Permission.TEXT_FLAG)
def withdraw(flag_id: uuid.UUID) -> ResponseReturnValue:
    """Take back a flag made by mistake."""
    services.withdraw(db.session, g.actor, queries.flag_for(db.session, g.actor, flag_id))
    flash(_("Le signalement est retiré : le passage se lit de nouveau."), "success")
    return redirect(url_for("anonymity.flags"), code=303)
