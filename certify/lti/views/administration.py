"""Pages of platforms for who administers them: invite, register, change, suspend, approve."""

import uuid
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock
from certify.core.access import Permission, Role, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.lti import tool, wording
from certify.lti.forms import EditForm, InvitationForm, RegistrationForm, worth
from certify.lti.models import Registration
from certify.lti.protocol import roles
from certify.lti.protocol.errors import RULES
from certify.lti.queries import registrations as queries
from certify.lti.services import registrations as services
from certify.organisations.mails import role_name
from certify.organisations.models import Organisation
from certify.settings import Settings

_READ, _WRITE = Permission.LTI_REGISTRATION_READ, Permission.LTI_REGISTRATION_WRITE


@requires(_READ)
def registrations() -> ResponseReturnValue:
    """List the platforms of one's organisations, and the invitations that wait."""
    return _list(InvitationForm(formdata=None, organisations=queries.hosts(db.session, g.actor)))


@requires(_WRITE)
def invite() -> ResponseReturnValue:
    """Make an invitation and show its link, this once."""
    hosts = queries.hosts(db.session, g.actor)
    form = InvitationForm(organisations=hosts)
    if not form.validate_on_submit():
        return _list(form), 422
    organisation = next(one for one in hosts if one.id == form.organisation_id.data)
    made = services.invite(db.session, _settings(), g.actor, organisation, label=form.label.data or "")
    return _invited(made, organisation, None)


@requires(_WRITE)
def renew(registration_id: uuid.UUID) -> ResponseReturnValue:
    """Make an invitation by which a known platform registers anew."""
    registration, organisation = queries.registration_for(db.session, g.actor, registration_id, _WRITE)
    made = services.invite(
        db.session, _settings(), g.actor, organisation, label=registration.name, registration=registration
    )
    return _invited(made, organisation, registration)


@requires(_WRITE)
def withdraw(invitation_id: uuid.UUID) -> ResponseReturnValue:
    """Make an invitation worth nothing."""
    services.withdraw(db.session, g.actor, queries.invitation_for(db.session, g.actor, invitation_id, _WRITE))
    flash(_("L’invitation est retirée : son lien ne mène plus à rien."), "success")
    return redirect(url_for("lti.registrations"), code=303)


@requires(_WRITE)
def new_registration() -> ResponseReturnValue:
    """Register a platform by hand; shows what to copy there and what to copy from there."""
    hosts = queries.hosts(db.session, g.actor)
    form = RegistrationForm(organisations=hosts)
    if form.validate_on_submit():
        with form.showing_refusals():
            made = services.register_manually(
                db.session,
                _settings(),
                g.actor,
                next(one for one in hosts if one.id == form.organisation_id.data),
                name=form.name.data or "",
                platform=form.platform(form.issuer.data or "", form.client_id.data or ""),
                deployment_ids=[form.deployment_id.data or ""],
            )
            flash(_("La plateforme est raccordée. Testez la connexion avant de prévenir qui que ce soit."), "success")
            return redirect(url_for("lti.registration", registration_id=made.id), code=303)
    shown = tool.tool(_settings())
    page = render_template("lti/administration/new.html", form=form, hosts=hosts, tool=shown, usual=tool.USUAL)
    return page, 422 if form.errors else 200


@requires(_READ)
def registration(registration_id: uuid.UUID) -> ResponseReturnValue:
    """Show a platform: its state, what waits, what happened lately, how it is set."""
    row, organisation = queries.registration_for(db.session, g.actor, registration_id, _READ)
    return show_registration(row, organisation)


def show_registration(row: Registration, organisation: Organisation, **more: Any) -> str:
    """Render the page of a platform."""
    return render_template(
        "lti/administration/registration.html",
        registration=row,
        organisation_of=organisation,
        manages=row.organisation_id in g.actor.organisations(_WRITE),
        deployments=queries.deployments_of(db.session, row),
        launches=queries.last_launches(db.session, row),
        key_set=queries.key_set_of(db.session, row),
        worth=worth(row.role_mapping),
        role_name=lambda value: role_name(Role(value)),
        tool=tool.tool(_settings()),
        settings=_settings(),
        words=wording.of_launch,
        rules=RULES,
        **more,
    )


@requires(_WRITE)
def edit_registration(registration_id: uuid.UUID) -> ResponseReturnValue:
    """Change a platform."""
    row, _organisation = queries.registration_for(db.session, g.actor, registration_id, _WRITE)
    form = EditForm(obj=row, data={"roles": worth(row.role_mapping)})
    form.knows(row.product)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.edit(
                db.session,
                _settings(),
                g.actor,
                row,
                name=form.name.data or "",
                platform=form.platform(row.issuer, row.client_id, row.product_version),
                role_mapping={name: value or "" for name, value in form.roles.data.items()},
                opens_cohorts=form.opens_cohorts.data,
            )
            flash(_("La plateforme est modifiée."), "success")
            return redirect(url_for("lti.registration", registration_id=row.id), code=303)
    page = render_template("lti/administration/edit.html", form=form, registration=row, role_names=roles.NAMES)
    return page, 422 if form.errors else 200


@requires(_WRITE)
def switch_registration(registration_id: uuid.UUID) -> ResponseReturnValue:
    """Suspend a platform, or let it in again."""
    row, _organisation = queries.registration_for(db.session, g.actor, registration_id, _WRITE)
    is_enabled = request.form.get("enabled") == "1"
    services.switch(db.session, g.actor, row, enabled=is_enabled)
    flash(
        _("La plateforme est en service : ses liens s’ouvrent.")
        if is_enabled
        else _("La plateforme est suspendue : ses liens ne s’ouvrent plus, ce qui a été fait reste."),
        "success",
    )
    return redirect(url_for("lti.registration", registration_id=row.id), code=303)


@requires(_WRITE)
def decide_deployment(deployment_id: uuid.UUID) -> ResponseReturnValue:
    """Approve or refuse an installation inside a platform."""
    deployment, row = queries.deployment_for(db.session, g.actor, deployment_id, _WRITE)
    approve = request.form.get("decision") == "approve"
    services.decide_deployment(db.session, g.actor, row, deployment, approve=approve)
    flash(
        _("Ce déploiement est approuvé : ses liens s’ouvrent dès maintenant.")
        if approve
        else _("Ce déploiement est refusé : ses liens ne s’ouvrent pas."),
        "success",
    )
    return redirect(url_for("lti.registration", registration_id=row.id, _anchor="deployments"), code=303)


def _list(form: InvitationForm) -> str:
    now = clock.now()
    return render_template(
        "lti/administration/index.html",
        rows=queries.registrations(db.session, g.actor, now),
        invitations=queries.invitations(db.session, g.actor),
        form=form,
        now=now,
        manages=g.actor.may(_WRITE),
        hosts=queries.hosts(db.session, g.actor),
        settings=_settings(),
    )


def _invited(made: services.Invited, organisation: Organisation, renewed: Registration | None) -> str:
    return render_template(
        "lti/administration/invited.html",
        invitation=made.invitation,
        link=tool.tool(_settings()).register_url(made.token),
        organisation_of=organisation,
        renewed=renewed,
        usual=tool.USUAL,
    )


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
