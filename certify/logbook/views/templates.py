"""Pages on which a trainee keeps the texts that entries are started from."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.queries import own_enrolment
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.logbook import queries, services
from certify.logbook.forms import TemplateForm
from certify.logbook.models import EntryTemplate
from certify.logbook.queries.templates import own_template, own_templates


@requires(Permission.LOGBOOK_WRITE)
def templates() -> ResponseReturnValue:
    """List one's own templates, to rename or retire them."""
    enrolment = own_enrolment(db.session, g.actor)
    return render_template("logbook/templates.html", templates=own_templates(db.session, enrolment.id))


@requires(Permission.LOGBOOK_WRITE)
def keep_template(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what an entry says as a template."""
    entry = queries.own_entry(db.session, g.actor, entry_id)
    form = TemplateForm()
    if form.validate():
        with form.showing_refusals():
            template = services.keep_as_template(db.session, g.actor, entry, name=form.name.data or "")
            flash(
                _("Le modèle « %(name)s » est gardé. Il vous est proposé à chaque nouvelle fiche.", name=template.name)
            )
            return redirect(url_for("logbook.templates"), code=303)
    page = render_template(
        "logbook/template.html", form=form, action=url_for("logbook.keep_template", entry_id=entry_id)
    )
    return page, 422


@requires(Permission.LOGBOOK_WRITE)
def start_from(template_id: uuid.UUID) -> ResponseReturnValue:
    """Begin an entry with the text of a template."""
    template = _own(template_id)
    enrolment = own_enrolment(db.session, g.actor)
    entry = services.start_from(db.session, g.actor, enrolment, template)
    return redirect(url_for("logbook.edit", entry_id=entry.id), code=303)


@requires(Permission.LOGBOOK_WRITE)
def rename_template(template_id: uuid.UUID) -> ResponseReturnValue:
    """Call a template otherwise."""
    template = _own(template_id)
    form = TemplateForm(name=template.name)
    if request.method == "POST" and form.validate():
        with form.showing_refusals():
            services.rename_template(db.session, g.actor, template, name=form.name.data or "")
            flash(_("Le modèle s’appelle maintenant « %(name)s ».", name=template.name), "success")
            return redirect(url_for("logbook.templates"), code=303)
    page = render_template(
        "logbook/template.html", form=form, action=url_for("logbook.rename_template", template_id=template_id)
    )
    return page, 422 if form.is_submitted() else 200


@requires(Permission.LOGBOOK_WRITE)
def retire_template(template_id: uuid.UUID) -> ResponseReturnValue:
    """Stop offering a template."""
    template = services.retire_template(db.session, g.actor, _own(template_id))
    flash(_("Le modèle « %(name)s » n’est plus proposé.", name=template.name), "success")
    return redirect(url_for("logbook.templates"), code=303)


def _own(template_id: uuid.UUID) -> EntryTemplate:
    return own_template(db.session, g.actor, template_id, lock=request.method == "POST")
