"""Pages about documents: what an organisation sets of them, and how they look."""

import uuid

from flask import Response, flash, g, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import documents, fields, services, tasks
from certify.certificates.document_forms import CASES, DocumentForm, document_form
from certify.certificates.queries.drawing import issuer_for, issuers, saved_versions
from certify.certificates.services import settings
from certify.core import files, web
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.organisations.models import Organisation

_PERMISSION = Permission.DOCUMENT_WRITE
_ISSUERS = ("certifying_body", "training_body")


@requires(_PERMISSION)
def own() -> ResponseReturnValue:
    """Go to the documents of the organisation one works for, or of the first one may set."""
    found = issuers(db.session, g.actor)
    wanted = next((one for one in found if one.kind.value in _ISSUERS), None)
    if wanted is None:
        raise NotFound()
    return redirect(url_for("certificates.documents", organisation_id=wanted.id), code=303)


@requires(_PERMISSION)
def index(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """List the documents an organisation issues, and which version of their fields is in force."""
    body = issuer_for(db.session, g.actor, organisation_id)
    rows = [
        (template, settings.last_settings(db.session, body.id, template.name))
        for template in map(fields.template, fields.TEMPLATES)
        if template.issuer == body.kind.value
    ]
    others = [one for one in issuers(db.session, g.actor) if one.kind.value in _ISSUERS]
    return render_template("certificates/documents/index.html", body=body, rows=rows, organisations_to_set=others)


@requires(_PERMISSION)
def edit(organisation_id: uuid.UUID, template: str) -> ResponseReturnValue:
    """Show the fields of a template, as they are in force."""
    body, found = _template_of(organisation_id, template)
    number, values = settings.in_force(db.session, body.id, found.name)
    return _page(body, found, document_form(found, values, number))


@requires(_PERMISSION)
def save(organisation_id: uuid.UUID, template: str) -> ResponseReturnValue:
    """Save the fields of a template as a new version."""
    body, found = _template_of(organisation_id, template)
    form = document_form(found, None, 0)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.save_document(
                db.session, g.actor, body, found.name, texts=form.texts(found), uploads=form.uploads(found),
                removed=form.removed(found), known=form.known_number,
            )  # fmt: skip
            flash(
                _("Le modèle est enregistré : les prochains documents le suivront, ceux délivrés ne changent pas."),
                "success",
            )
            return redirect(
                url_for("certificates.edit_document", organisation_id=body.id, template=found.name), code=303
            )
    return _page(body, found, form), form.status_of_refusal


def _page(body: Organisation, template: fields.Template, form: DocumentForm) -> Response:
    _number, values = settings.in_force(db.session, body.id, template.name)
    answer = make_response(
        render_template(
            "certificates/documents/edit.html",
            body=body,
            template=template,
            form=form,
            values=values,
            history=saved_versions(db.session, body.id, template.name),
            kinds=fields.FieldKind,
        )
    )
    # The preview is shown in a frame of this page, and of this page alone.
    policy = dict(web.headers_of((), (), is_secure=False, is_kept=False))["Content-Security-Policy"]
    answer.headers["Content-Security-Policy"] = f"{policy}; frame-src 'self'"
    return answer


@requires(_PERMISSION)
def preview(organisation_id: uuid.UUID, template: str) -> ResponseReturnValue:
    """Draw a made-up document with what is typed, by the very means that draw the real ones; nothing is kept."""
    body, found = _template_of(organisation_id, template)
    form = document_form(found, None, 0)
    if form.validate_on_submit():
        with form.showing_refusals():
            return _drawn(body, found, form)
    return _framed(render_template("certificates/documents/refused.html", form=form, template=found, body=body), 422)


def _drawn(body: Organisation, template: fields.Template, form: DocumentForm) -> Response:
    _number, values = settings.in_force(db.session, body.id, template.name)
    values |= settings.typed_values(template, form.texts(template)) | dict.fromkeys(form.removed(template))
    held: dict[str, bytes] = {}
    for key, upload in form.uploads(template).items():
        held[key], media_type = settings.drawn(key, upload)
        values[key] = {"key": key, "media_type": media_type}
    case = form.case.data if form.case.data in CASES else "usual"
    facts = documents.sample(template.name, case, body, values)
    content = tasks.render(facts, lambda key: held[key] if key in held else files.read(key))
    answer = _framed(content, 200)
    answer.mimetype = "application/pdf"
    return answer


def _framed(content: str | bytes, status: int) -> Response:
    answer = make_response(content, status)
    policy = dict(web.headers_of(("'self'",), (), is_secure=False, is_kept=False))["Content-Security-Policy"]
    answer.headers["Content-Security-Policy"] = policy.replace(
        "frame-ancestors 'self' 'self'", "frame-ancestors 'self'"
    )
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _template_of(organisation_id: uuid.UUID, name: str) -> tuple[Organisation, fields.Template]:
    body = issuer_for(db.session, g.actor, organisation_id)
    found = fields.template(name)
    if found.issuer != body.kind.value:
        raise NotFound()
    return body, found
