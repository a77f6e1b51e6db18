"""Pages of seals: which key seals for an organisation, which sealed before."""

import uuid

from flask import Response, current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock
from certify.core.access import PUBLIC, Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.organisations import queries as organisations
from certify.organisations.models import Organisation
from certify.seals import policies, queries, services
from certify.seals.forms import DeviceForm, FileForm


@requires(Permission.SEAL_WRITE)
def index() -> ResponseReturnValue:
    """List the organisations whose seal one keeps, or open the only one."""
    found = organisations.organisations_with(db.session, g.actor, Permission.SEAL_WRITE)
    if len(found) == 1:
        return redirect(url_for("seals.show", organisation_id=found[0].id), code=303)
    return render_template(
        "seals/index.html", organisations=found, current=queries.current_keys(db.session, [one.id for one in found])
    )


@requires(PUBLIC)
def authority() -> ResponseReturnValue:
    """Give the certificates of this installation's own authority, for who wants to tell a PDF reader of it."""
    return _pem("".join(queries.own_authorities(db.session)), "certify-autorite.pem")


@requires(Permission.SEAL_WRITE)
def show(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Show what seals for an organisation, and what sealed before."""
    return _page(_organisation(organisation_id), FileForm(formdata=None), DeviceForm(formdata=None))


@requires(Permission.SEAL_WRITE)
def make(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Replace the key by a new one, made here."""
    organisation = _organisation(organisation_id)
    services.make_key(db.session, g.actor, organisation)
    flash(_("La nouvelle clé est en service. Les documents déjà scellés restent valides."), "success")
    return redirect(url_for("seals.show", organisation_id=organisation.id), code=303)


@requires(Permission.SEAL_WRITE)
def bring(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a key brought in a file."""
    organisation = _organisation(organisation_id)
    form = FileForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.import_key(
                db.session, g.actor, organisation, file=form.content(), password=form.password.data or ""
            )
            return _kept(organisation)
    return _page(organisation, form, DeviceForm(formdata=None)), form.status_of_refusal


@requires(Permission.SEAL_WRITE)
def declare(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Note the certificate of a key that a device holds."""
    organisation = _organisation(organisation_id)
    form = DeviceForm()
    if form.validate_on_submit():
        with form.showing_refusals(device_label="device_label"):
            services.declare_device_key(db.session, g.actor, organisation, **form.values())
            return _kept(organisation)
    return _page(organisation, FileForm(formdata=None), form), form.status_of_refusal


@requires(Permission.SEAL_WRITE)
def certificate(key_id: uuid.UUID) -> ResponseReturnValue:
    """Give the certificate of a key and those above it."""
    key, _organisation_of = queries.key_for(db.session, g.actor, key_id)
    return _pem(key.certificate + key.chain, f"sceau-{key.fingerprint[:12]}.pem")


@requires(Permission.SEAL_WRITE)
def retire(key_id: uuid.UUID) -> ResponseReturnValue:
    """Let a key seal nothing more."""
    key, organisation = queries.key_for(db.session, g.actor, key_id)
    services.retire(db.session, g.actor, organisation, key)
    flash(_("Cette clé ne scelle plus rien. Ce qu’elle a scellé reste valide."), "success")
    return redirect(url_for("seals.show", organisation_id=organisation.id), code=303)


def _organisation(organisation_id: uuid.UUID) -> Organisation:
    return organisations.organisation_for(db.session, g.actor, organisation_id, Permission.SEAL_WRITE)


def _kept(organisation: Organisation) -> ResponseReturnValue:
    flash(_("Cette clé a scellé une page d’essai : elle est en service. L’ancienne reste connue."), "success")
    return redirect(url_for("seals.show", organisation_id=organisation.id), code=303)


def _page(organisation: Organisation, form: FileForm, device_form: DeviceForm) -> str:
    keys = queries.keys_of(db.session, organisation.id)
    settings = current_app.config["SETTINGS"]
    return render_template(
        "seals/show.html",
        organisation=organisation,
        organisations=organisations.organisations_with(db.session, g.actor, Permission.SEAL_WRITE),
        seal=policies.seal_of(keys, clock.now()),
        form=form,
        device_form=device_form,
        has_device=bool(settings.seal_pkcs11_module),
        is_timestamped=bool(settings.seal_timestamp_url),
    )


def _pem(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, content_type="application/x-pem-file", headers=headers)
