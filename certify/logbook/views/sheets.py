"""Blank sheets to print, and the sheets that come back as a photo or a scan."""

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.models import Enrolment
from certify.cohorts.queries import own_enrolment
from certify.core import pdf
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.logbook import queries, services
from certify.logbook.forms.sheets import ScanForm
from certify.logbook.models import Activity, EntrySource, LogbookEntry
from certify.logbook.sheets import fields_of
from certify.organisations.models import Organisation


@requires(Permission.LOGBOOK_WRITE)
def index() -> ResponseReturnValue:
    """Offer the blank sheet of each activity."""
    own_enrolment(db.session, g.actor)
    return render_template("logbook/sheets.html", activities=list(Activity))


@requires(Permission.LOGBOOK_WRITE)
def sheet() -> ResponseReturnValue:
    """Give the blank sheet of an activity, as its form is today in the training body."""
    enrolment = own_enrolment(db.session, g.actor)
    activity = request.args.get("activity", "")
    if activity not in set(Activity):
        raise NotFound
    wanted = Activity(activity)
    _form_id, number, form = queries.current_form(db.session, enrolment.training_body_id, wanted)
    content = pdf.render_document(
        "entry_sheet", title=_("Fiche vierge : %(activity)s", activity=wanted.label), activity=str(wanted.label),
        number=number, body=db.session.get_one(Organisation, enrolment.training_body_id).name,
        fields=fields_of(form), locale=current_locale(),
    )  # fmt: skip
    headers = {"Content-Disposition": f"inline; filename=fiche-{activity.replace('_', '-')}.pdf"}
    return Response(content, mimetype="application/pdf", headers=headers)


@requires(Permission.LOGBOOK_WRITE)
def scan() -> ResponseReturnValue:
    """Begin an entry from a photo or a scan of a sheet; it is attached, and ready to be completed."""
    enrolment = own_enrolment(db.session, g.actor)
    form = ScanForm()
    if form.validate_on_submit() and not form.has_file:
        form.refuse("file", _("Choisissez la photo ou le PDF de la feuille."))
    elif form.is_submitted() and not form.errors:
        # The draft of a sheet that cannot be kept goes with it.
        with form.showing_refusals():
            entry = _begin(enrolment, form)
            flash(_("La feuille est jointe à un brouillon : recopiez-en ce qui compte, puis soumettez."), "success")
            return redirect(url_for("logbook.edit", entry_id=entry.id), code=303)
    page = render_template("logbook/scan.html", form=form)
    return page, form.status_of_refusal if form.is_submitted() else 200


def _begin(enrolment: Enrolment, form: ScanForm) -> LogbookEntry:
    activity = Activity(form.activity.data)
    entry = services.start(db.session, g.actor, enrolment, activity=activity, source=EntrySource.SCANNED)
    services.attach(
        db.session,
        g.actor,
        entry,
        stream=form.file.data.stream,
        filename=form.file.data.filename,
        title=_("Feuille manuscrite"),
    )
    return entry
