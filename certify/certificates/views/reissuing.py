"""Pages that give a document again: duplicates with their sheet, and corrections that replace."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import queries, services
from certify.certificates.document_forms import CorrectionForm, DuplicateForm
from certify.certificates.models import Certificate
from certify.certificates.services import correcting, duplicating
from certify.certificates.views.kept import as_answer
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _


@requires(Permission.CERTIFICATE_ISSUE)
def duplicates(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Show the duplicates of a certificate, and let another one be given."""
    return _duplicates(_issued(certificate_id), DuplicateForm(formdata=None))


@requires(Permission.CERTIFICATE_ISSUE)
def duplicate(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Record a duplicate and have its sheet made."""
    certificate = _issued(certificate_id)
    form = DuplicateForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            event = services.duplicate(db.session, g.actor, certificate, reason=form.reason.data or "")
            flash(_("Le duplicata n° %(number)s est délivré : sa feuille se prépare.", number=event.number), "success")
            return redirect(url_for("certificates.duplicates", certificate_id=certificate_id), code=303)
    return _duplicates(certificate, form), 422


def _duplicates(certificate: Certificate, form: DuplicateForm) -> str:
    return render_template(
        "certificates/duplicates.html", certificate=certificate, form=form, sheets=duplicating.sheets_of(certificate),
        names=queries.names_behind(db.session, certificate), hindrance=duplicating.why_not(certificate),
    )  # fmt: skip


@requires(SIGNED_IN)
def sheet(certificate_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """Give the stored sheet of a duplicate to the holder or to whoever reads the register."""
    certificate = queries.readable_certificate(db.session, g.actor, certificate_id)
    found = next((one for one in duplicating.sheets_of(certificate) if one.number == number and one.storage_key), None)
    if found is None:
        raise NotFound()
    return as_answer(found, f"{certificate.number}-duplicata-{number}.pdf")


@requires(Permission.CERTIFICATE_ISSUE)
def correction(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a corrected certificate would say otherwise, before anything is issued."""
    return _correction(_issued(certificate_id), CorrectionForm(formdata=None))


@requires(Permission.CERTIFICATE_ISSUE)
def correct(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Issue the certificate that replaces this one."""
    certificate = _issued(certificate_id)
    form = CorrectionForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            fresh = services.correct(db.session, g.actor, certificate, reason=form.reason.data or "")
            flash(
                _("Le document %(number)s est délivré : il annule et remplace le précédent.", number=fresh.number),
                "success",
            )
            return redirect(url_for("certificates.show", certificate_id=fresh.id), code=303)
    return _correction(certificate, form), 422


def _correction(certificate: Certificate, form: CorrectionForm) -> str:
    hindrance = correcting.why_not(db.session, certificate)
    found = [] if hindrance else services.changes(db.session, g.actor, certificate)
    return render_template(
        "certificates/correct.html", certificate=certificate, form=form, changes=found, hindrance=hindrance
    )


def _issued(certificate_id: uuid.UUID) -> Certificate:
    return queries.certificate_for(db.session, g.actor, certificate_id, Permission.CERTIFICATE_ISSUE)
