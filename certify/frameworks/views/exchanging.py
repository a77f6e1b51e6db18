"""Pages of framework files: read one and make it a draft, or take a version away in a format of other tools."""

import uuid

from flask import Response, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.frameworks import exchange, exchange_forms, services
from certify.frameworks.queries import drafts, exported
from competencies.exchange import Reading

_SHOWN = 100
"""Faults of a file shown in full; the others are counted."""


@requires(Permission.FRAMEWORK_WRITE)
def import_file() -> ResponseReturnValue:
    """Ask for a file, read it, and show what would come of it; nothing is kept yet."""
    form = exchange_forms.ImportForm()
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("frameworks/import.html", form=form, formats=exchange.FORMATS), status
    content, filename = form.content(), form.file.data.filename
    chosen = form.format.data
    name = exchange.guess(filename, content) if chosen == exchange_forms.GUESS else chosen
    if name is None:
        form.refuse("format", _l("Ce fichier n’est d’aucun format connu d’après son contenu : choisissez son format."))
        return render_template("frameworks/import.html", form=form, formats=exchange.FORMATS), 422
    reading = exchange.read(name, content)
    if reading.framework is None:
        return _report(name, reading, filename), 422
    confirm = _confirmation()
    confirm.carry(reading.framework)
    return _report(name, reading, filename, confirm)


def _confirmation(*, is_sent: bool = False) -> exchange_forms.ConfirmForm:
    form = exchange_forms.ConfirmForm() if is_sent else exchange_forms.ConfirmForm(formdata=None)
    bodies = drafts.writable_bodies(db.session, g.actor)
    form.certifying_body.choices = [(str(body.id), body.name) for body in bodies]
    return form


def _report(
    name: str,
    reading: Reading,
    filename: str,
    form: exchange_forms.ConfirmForm | None = None,
    *,
    is_again: bool = False,
) -> str:
    return render_template(
        "frameworks/import_report.html", reading=reading, framework=reading.framework, form=form, shown=_SHOWN,
        filename=filename[:200], format=exchange.FORMATS.get(name), is_again=is_again,
    )  # fmt: skip


@requires(Permission.FRAMEWORK_WRITE)
def import_confirm() -> ResponseReturnValue:
    """Make a draft of what was shown."""
    form = _confirmation(is_sent=True)
    framework = form.framework()
    if framework is None:
        flash(_("Ce qui avait été lu n’est plus là : choisissez de nouveau le fichier."), "error")
        return redirect(url_for("frameworks.import_file"), code=303)
    if form.validate_on_submit():
        bodies = {str(body.id): body for body in drafts.writable_bodies(db.session, g.actor)}
        with form.showing_refusals():
            draft = services.import_framework(db.session, g.actor, bodies[form.certifying_body.data], framework)
            flash(_("Le référentiel est importé comme brouillon : relisez-le, puis mettez-le en vigueur."), "success")
            return redirect(url_for("frameworks.edit", version_id=draft.id), code=303)
    return _report("", Reading(framework), "", form, is_again=True), 422


@requires(Permission.FRAMEWORK_READ)
def export(version_id: uuid.UUID) -> ResponseReturnValue:
    """List the formats a version may be taken away in, with what each cannot hold; or answer with one of them."""
    taken = exported.exported(db.session, g.actor, version_id)
    asked, locale = request.args.get("format"), current_locale()
    if asked:
        language = request.args.get("language", "")
        return _download(taken, asked, language if language in ("fr", "en") else locale)
    losses = {name: one.losses(taken.framework, locale) for name, one in exchange.FORMATS.items()}
    return render_template("frameworks/export.html", taken=taken, formats=exchange.FORMATS, losses=losses)


def _download(taken: exported.Exported, name: str, locale: str) -> Response:
    chosen = exchange.FORMATS.get(name)
    if chosen is None:
        abort(404)
    version = taken.adopted.version
    site = current_app.config["SETTINGS"].public_url
    origin = exchange.origin(site, version.certifying_body_id, taken.adopted.certifying_body, taken.changed)
    filename = f"{taken.framework.code}-{chosen.name}{chosen.suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(chosen.write(taken.framework, locale, origin), mimetype=chosen.media_type, headers=headers)
