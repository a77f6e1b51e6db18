"""Pages of the members of a group: who is in it on a day, who joins, leaves or comes back."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.forms import parse_day
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.groups import policies
from certify.groups.forms import members as forms
from certify.groups.models import Participant, PeerGroup
from certify.groups.queries import groups as queries
from certify.groups.queries import rosters
from certify.groups.services import members as services


@requires(Permission.GROUP_READ)
def index(group_id: uuid.UUID) -> ResponseReturnValue:
    """Show who is in a group today, or was on the day asked for, and let somebody join."""
    group = queries.group_for(db.session, g.actor, group_id)
    return _page(group)


@requires(Permission.GROUP_WRITE)
def join(group_id: uuid.UUID) -> ResponseReturnValue:
    """Have somebody join a group."""
    group = _writable(group_id)
    form = forms.JoinForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            participant = services.add(db.session, g.actor, group, **form.values())
            flash(
                _("« %(pseudonym)s » est entré·e dans le groupe : c’est le nom tiré au sort pour cette personne.",
                  pseudonym=participant.pseudonym),
                "success",
            )  # fmt: skip
            return redirect(url_for("groups.members", group_id=group.id), code=303)
    return _page(group, form), 422


def _page(group: PeerGroup, refused: forms.JoinForm | None = None) -> str:
    default = policies.last_day(group, clock.today())
    on, is_odd = _asked_day(default)
    everybody = rosters.members_of(db.session, [group.id])[group.id]
    may_write = queries.may_do(db.session, g.actor, group, Permission.GROUP_WRITE)
    return render_template(
        "groups/members.html", group=group, on=on, is_odd=is_odd, is_today=on == default, members=everybody,
        here=[one for one in everybody if one.stay_on(on)], may_write=may_write, is_open=policies.is_open(group),
        form=refused or forms.JoinForm(formdata=None, joined_on=max(clock.today(), group.opened_on)),
        today=clock.today(),
    )  # fmt: skip


def _asked_day(default: date) -> tuple[date, bool]:
    """Return the day an address asks for, and whether it asked for something that is none."""
    asked = request.args.get("on", "").strip()
    try:
        return (parse_day(asked) if asked else default), False
    except ValueError:
        return default, True


@requires(Permission.GROUP_WRITE)
def member(group_id: uuid.UUID, participant_id: uuid.UUID) -> ResponseReturnValue:
    """Show what may be noted of a member: leaving, coming back, a month to correct, a mistake to strike out."""
    group = _writable(group_id)
    return _member_page(group, rosters.participant_for(db.session, group, participant_id))


@requires(Permission.GROUP_WRITE)
def leave(group_id: uuid.UUID, participant_id: uuid.UUID) -> ResponseReturnValue:
    """Note that a member left."""
    said = _l("Le départ de « %(pseudonym)s » est noté.")
    return _noting(group_id, participant_id, services.leave, said, leave_form=forms.LeaveForm())


@requires(Permission.GROUP_WRITE)
def join_again(group_id: uuid.UUID, participant_id: uuid.UUID) -> ResponseReturnValue:
    """Note that a member came back."""
    said = _l("Le retour de « %(pseudonym)s » est noté.")
    return _noting(group_id, participant_id, services.join_again, said, again_form=forms.JoinAgainForm())


@requires(Permission.GROUP_WRITE)
def amend_month(group_id: uuid.UUID, participant_id: uuid.UUID) -> ResponseReturnValue:
    """Correct the month of a member."""
    said = _l("Le mois est corrigé.")
    return _noting(group_id, participant_id, services.amend_month, said, month_form=forms.AmendMonthForm())


def _noting(
    group_id: uuid.UUID, participant_id: uuid.UUID, verb: Callable[..., object], said: Any, **sent: Any
) -> ResponseReturnValue:
    """Note one thing of a member, or show their page again with the form that was refused."""
    group = _writable(group_id)
    participant = rosters.participant_for(db.session, group, participant_id)
    (form,) = sent.values()
    if form.validate_on_submit():
        with form.showing_refusals():
            verb(db.session, g.actor, group, participant, **form.values())
            flash(str(said) % {"pseudonym": participant.pseudonym}, "success")
            return redirect(url_for("groups.members", group_id=group.id), code=303)
    return _member_page(group, participant, **sent), 422


@requires(Permission.GROUP_WRITE)
def strike(group_id: uuid.UUID, stay_id: uuid.UUID) -> ResponseReturnValue:
    """Strike out a stay recorded by mistake."""
    group = _writable(group_id)
    stay = rosters.stay_for(db.session, group, stay_id)
    services.strike(db.session, g.actor, group, stay)
    flash(_("Cette entrée est rayée : elle ne compte plus, et reste lisible."), "success")
    return redirect(url_for("groups.members", group_id=group.id), code=303)


def _writable(group_id: uuid.UUID) -> PeerGroup:
    return queries.group_for(db.session, g.actor, group_id, Permission.GROUP_WRITE, lock=True)


def _member_page(group: PeerGroup, participant: Participant, **shown: Any) -> str:
    today = clock.today()
    shown.setdefault("leave_form", forms.LeaveForm(formdata=None, left_on=today))
    shown.setdefault("again_form", forms.JoinAgainForm(formdata=None, joined_on=today))
    shown.setdefault(
        "month_form",
        forms.AmendMonthForm(
            formdata=None, month=participant.month, is_due="due" if participant.is_due else "born"
        ),
    )  # fmt: skip
    everybody = rosters.members_of(db.session, [group.id])[group.id]
    one = next(one for one in everybody if one.participant.id == participant.id)
    names = rosters.names_of(db.session, [stay.recorded_by_id for stay in one.stays])
    refused = next((form for form in shown.values() if form.errors), None)
    return render_template(
        "groups/member.html", group=group, member=one, names=names, is_open=policies.is_open(group), refused=refused,
        **shown,
    )  # fmt: skip
