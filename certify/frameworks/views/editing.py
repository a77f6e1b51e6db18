"""Pages of a draft: begin one, write it part by part, see its faults while typing, give it up."""

import re
import uuid

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.frameworks import forms, policies, queries, services
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import documents, drafts
from certify.frameworks.queries.faults import part_of
from certify.frameworks.services import operations


@requires(Permission.FRAMEWORK_WRITE)
def new_draft() -> ResponseReturnValue:
    """Ask how a new framework begins, and open its editor."""
    bodies = {str(body.id): body for body in drafts.writable_bodies(db.session, g.actor)}
    form = forms.DraftForm()
    form.certifying_body.choices = [(key, body.name) for key, body in bodies.items()]
    if form.validate_on_submit():
        body = bodies[form.certifying_body.data]
        from_demo = form.source.data == "demo"
        with form.showing_refusals():
            draft = services.begin(
                db.session, g.actor, body, code=form.code.data or "", number=form.number.data or "", from_demo=from_demo
            )
            return redirect(url_for("frameworks.edit", version_id=draft.id), code=303)
    return render_template("frameworks/new.html", form=form, bodies=bodies), 422 if form.is_submitted() else 200


@requires(Permission.FRAMEWORK_WRITE)
def new_version(version_id: uuid.UUID) -> ResponseReturnValue:
    """Ask the number of the next version, and open its editor on a copy of the content."""
    version = drafts.writable_version(db.session, g.actor, version_id)
    form = forms.NumberForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            draft = services.new_version(db.session, g.actor, version, number=form.number.data or "")
            flash(_("La nouvelle version est prête à être modifiée : elle reprend tout le contenu."), "success")
            return redirect(url_for("frameworks.edit", version_id=draft.id), code=303)
    page = queries.version_for(db.session, g.actor, version_id)
    return render_template("frameworks/new_version.html", form=form, adopted=page), 422 if form.is_submitted() else 200


@requires(Permission.FRAMEWORK_WRITE)
def edit(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show a part of a draft with its faults."""
    version = drafts.writable_version(db.session, g.actor, version_id)
    if not policies.may_edit(g.actor, version):
        return redirect(url_for("frameworks.show", version_id=version_id), code=303)
    return _shown(version)


def _shown(version: FrameworkVersion) -> ResponseReturnValue:
    asked = {name: request.args.get(name, "")[:40] for name in ("part", "at", "focus")}
    page = drafts.editor_page(db.session, version, asked["part"], asked["at"], asked["focus"])
    return render_template("frameworks/edit.html", page=page, form=forms.RevisionForm(obj=version))


@requires(Permission.FRAMEWORK_WRITE)
def save(version_id: uuid.UUID) -> ResponseReturnValue:
    """Save a part with its faults, do what the button asked, and come back to the same place."""
    version = drafts.writable_version(db.session, g.actor, version_id, lock=True)
    typed, part, form = _typed(version)
    wish = request.form.get("do", "save")
    if policies.may_edit(g.actor, version) and form.revision.data != version.revision:
        page = drafts.editor_page(db.session, version, part)
        return render_template("frameworks/conflict.html", page=page, kept=drafts.clash(page, typed), form=form), 409
    target = request.form.get(f"{wish.partition(':')[2]}-to", "")
    done = None if wish == "save" else operations.carry_out(typed, wish, target)
    saved = services.save(
        db.session, g.actor, version, revision=form.revision.data or 0, document=done.document if done else typed,
        is_final=done is None,
    )  # fmt: skip
    if done is None:
        flash(_after_saving(saved), "success")
        return redirect(_address(saved, part, request.form.get("at", "")), code=303)
    if done.message:
        flash(str(done.message), "success")
    return redirect(_address(saved, part_of(done.at), done.at, done.focus), code=303)


def _address(version: FrameworkVersion, part: str, at: str = "", focus: str = "") -> str:
    known = at if re.fullmatch(r"[a-z0-9_-]{1,40}", at) else None
    return url_for("frameworks.edit", version_id=version.id, part=part, at=known, focus=focus or None)


def _typed(version: FrameworkVersion) -> tuple[documents.Document, str, forms.RevisionForm]:
    """Return the draft with what was typed in one of its parts."""
    document = documents.shaped(version.content)
    asked = request.args.get("part", "")
    part = asked if re.fullmatch(r"b[1-9]\d{0,2}", asked) else drafts.known_part(document, asked)
    typed = forms.typed_part(request.form, document, part)
    return operations.rename_levels(typed.document, typed.renamed), part, forms.RevisionForm()


def _after_saving(version: FrameworkVersion) -> str:
    count = len(drafts.editor_page(db.session, version, "").faults.all)
    if not count:
        return _("Le brouillon est enregistré. Il n’a plus de défaut : vous pouvez le mettre en vigueur.")
    return ngettext(
        "Le brouillon est enregistré. Il reste %(num)d point à corriger.",
        "Le brouillon est enregistré. Il reste %(num)d points à corriger.",
        count,
    )


@requires(Permission.FRAMEWORK_WRITE)
def autosave(version_id: uuid.UUID) -> ResponseReturnValue:
    """Save a part for the script of the page."""
    version = drafts.writable_version(db.session, g.actor, version_id, lock=True)
    typed, _part, form = _typed(version)
    saved = services.save(db.session, g.actor, version, revision=form.revision.data or 0, document=typed)
    return jsonify(saved_at=(saved.saved_at or saved.created_at).isoformat(), revision=saved.revision)


@requires(Permission.FRAMEWORK_WRITE)
def validate(version_id: uuid.UUID) -> ResponseReturnValue:
    """Tell the script of the page what is wrong in what is being typed; nothing is saved."""
    version = drafts.writable_version(db.session, g.actor, version_id)
    typed, part, _form = _typed(version)
    page = drafts.editor_page(db.session, version, part, document=typed)
    fields: dict[str, list[str]] = {}
    for fault in page.faults.of_part(page.part):
        fields.setdefault(fault.target, []).append(fault.message)
    counts = {branch.id: branch.faults for branch in page.branches}
    counts |= {part_: len(page.faults.of_part(part_)) for part_ in (drafts.GENERAL, drafts.SCALES)}
    html = render_template("frameworks/_faults.html", page=page)
    return jsonify(fields=fields, counts=counts, total=len(page.faults.all), summary=html, said=page.said)


@requires(Permission.FRAMEWORK_WRITE)
def discard(version_id: uuid.UUID) -> ResponseReturnValue:
    """Delete a draft given up."""
    version = drafts.writable_version(db.session, g.actor, version_id, lock=True)
    services.discard(db.session, g.actor, version)
    flash(_("Le brouillon est supprimé."), "success")
    return redirect(url_for("frameworks.index"), code=303)
