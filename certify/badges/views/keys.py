"""The registrar's page: who the organisation is for programs, its keys, its lists, its badges in figures."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.badges import queries, services
from certify.badges.forms import RotationForm
from certify.badges.views import answers
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.organisations.models import Organisation


@requires(Permission.BADGE_WRITE)
def show(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Show what an organisation's badges are signed with, and what its lists say."""
    return _page(queries.organisation_for(db.session, g.actor, organisation_id))


def _page(organisation: Organisation, form: RotationForm | None = None, status: int = 200) -> ResponseReturnValue:
    keys = queries.keys_of(db.session, organisation.id)
    in_use = [key.name for key in keys if key.retired_at is None]
    page = render_template(
        "badges/keys.html", organisation=organisation, publisher=answers.publisher_of(organisation.id), keys=keys,
        standing=queries.standing_of(db.session, organisation.id),
        form=form or RotationForm(formdata=None, expected=" ".join(in_use)),
    )  # fmt: skip
    return page, status


@requires(Permission.BADGE_WRITE)
def rotate(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Begin to sign with new keys."""
    organisation = queries.organisation_for(db.session, g.actor, organisation_id)
    form = RotationForm()
    if not form.validate_on_submit():
        return _page(organisation, form, 422)
    services.rotate(db.session, answers.settings(), g.actor, organisation, expected=(form.expected.data or "").split())
    flash(_("De nouvelles clés signent les badges. Les badges déjà délivrés restent vérifiables."), "success")
    return redirect(url_for("badges.keys", organisation_id=organisation_id), code=303)


@requires(Permission.BADGE_WRITE)
def make_missing(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Have the badges made that certificates of before do not have."""
    organisation = queries.organisation_for(db.session, g.actor, organisation_id)
    if not queries.keys_in_use(db.session, organisation.id):
        services.ensure_keys(db.session, answers.settings(), organisation.id, [])
    count = services.ask_for_missing(db.session, g.actor, organisation)
    words = ngettext("%(num)d badge est en préparation.", "%(num)d badges sont en préparation.", count)
    flash(words if count else _("Chaque certificat a déjà son badge."), "success")
    return redirect(url_for("badges.keys", organisation_id=organisation_id), code=303)
