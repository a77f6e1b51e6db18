"""Pages of organisations."""

import uuid

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.templating import day
from certify.organisations import policies, queries, services
from certify.organisations.forms import MemberForm
from certify.organisations.mails import role_name
from certify.organisations.models import Organisation

_WHOLE_LIST = 100_000


@requires(Permission.ORGANISATION_READ)
def index() -> ResponseReturnValue:
    """List one's organisations, or open the only one."""
    found = queries.organisations_with(db.session, g.actor, Permission.ORGANISATION_READ)
    if len(found) == 1:
        return redirect(url_for("organisations.show", organisation_id=found[0].id), code=303)
    return render_template("organisations/index.html", organisations=found)


@requires(Permission.ORGANISATION_READ)
def show(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Show an organisation: who belongs to it, who habilitates whom."""
    organisation = queries.organisation_for(db.session, g.actor, organisation_id, Permission.ORGANISATION_READ)
    if request.args.get("format") == "csv":
        return _members_as_csv(organisation)
    return _page(organisation, MemberForm(formdata=None, roles=policies.grantable_roles(g.actor, organisation)))


@requires(Permission.ORGANISATION_MEMBERS_WRITE)
def add_member(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Give somebody a role."""
    organisation = queries.organisation_for(db.session, g.actor, organisation_id, Permission.ORGANISATION_MEMBERS_WRITE)
    form = MemberForm(roles=policies.grantable_roles(g.actor, organisation))
    if not form.validate_on_submit():
        return _page(organisation, form), 422
    services.add_member(db.session, g.actor, organisation, **form.values())
    flash(_("Le rôle est donné et un courriel part à %(email)s.", email=form.email.data), "success")
    return redirect(url_for("organisations.show", organisation_id=organisation.id), code=303)


@requires(Permission.ORGANISATION_MEMBERS_WRITE)
def end_membership(membership_id: uuid.UUID) -> ResponseReturnValue:
    """End somebody's role."""
    membership, organisation = queries.membership_for(
        db.session, g.actor, membership_id, Permission.ORGANISATION_MEMBERS_WRITE
    )
    services.end_membership(db.session, g.actor, organisation, membership)
    flash(_("Ce rôle est retiré : il ne donne plus accès à rien."), "success")
    return redirect(url_for("organisations.show", organisation_id=organisation.id), code=303)


def _wanted(organisation: Organisation) -> listing.Wanted:
    return listing.Wanted.from_args(
        url_for("organisations.show", organisation_id=organisation.id), request.args, filters=("role",)
    )


def _page(organisation: Organisation, form: MemberForm) -> str:
    manages = organisation.id in g.actor.organisations(Permission.ORGANISATION_MEMBERS_WRITE)
    return render_template(
        "organisations/show.html",
        record=organisation,
        form=form,
        manages=manages,
        role_name=role_name,
        roles=policies.ROLES_OF[organisation.kind],
        members=queries.members_of(db.session, organisation, _wanted(organisation)),
        partners=queries.partners_of(db.session, organisation, clock.today()),
        may_end=lambda membership: policies.may_end(g.actor, organisation, membership),
    )


def _members_as_csv(organisation: Organisation) -> Response:
    members = queries.members_of(db.session, organisation, _wanted(organisation), per_page=_WHOLE_LIST)
    text = listing.to_csv(
        members.rows,
        {
            _("Nom"): lambda row: row.User.family_name,
            _("Prénom"): lambda row: row.User.given_name,
            _("Adresse électronique"): lambda row: row.User.address,
            _("Rôle"): lambda row: role_name(row.Membership.role),
            _("Depuis le"): lambda row: day(row.Membership.started_at),
            _("État"): lambda row: _("invité·e") if row.User.password is None else _("actif·ve"),
        },
    )
    headers = {"Content-Disposition": f'attachment; filename="{_("membres")}.csv"'}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
