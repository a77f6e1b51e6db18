"""Pages of the waiting list, and of the groups that can be made from it."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts import queries as cohorts
from certify.cohorts.views.lists import page_size
from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.groups.forms import members as forms
from certify.groups.models import WaitingFamily
from certify.groups.queries import groups, waiting
from certify.groups.services import composing as services
from certify.groups.views.groups import chosen_body, own_bodies
from certify.organisations.models import Organisation


def _body() -> Organisation:
    body = chosen_body(own_bodies())
    if body is None:
        raise NotFound
    return body


@requires(Permission.GROUP_WRITE)
def index() -> ResponseReturnValue:
    """List the families who wait."""
    bodies = own_bodies()
    body = chosen_body(bodies)
    if body is None:
        return render_template("groups/choose_body.html", bodies=bodies)
    return _list(body, _form())


def _list(body: Organisation, form: forms.WaitingForm) -> str:
    wanted = listing.Wanted.from_args(url_for("groups.waiting"), request.args, filters=("state", "training_body"))
    query = waiting.families_of(body.id, words=wanted.query, state=(wanted.filters or {}).get("state", ""))
    sorts = {
        "number": (WaitingFamily.number,),
        "place": (WaitingFamily.place, WaitingFamily.month),
        "month": (WaitingFamily.month,),
        "since": (WaitingFamily.since,),
    }
    found = listing.paginate(
        db.session, query, wanted, sorts=sorts, default="number", tie=WaitingFamily.id, as_rows=True,
        per_page=page_size(),
    )  # fmt: skip
    rows = [waiting.FamilyRow(*row) for row in found.rows]
    return render_template("groups/waiting.html", listing=found, rows=rows, body=body, form=form)


def _form() -> forms.WaitingForm:
    form = forms.WaitingForm(since=clock.today())
    form.offer(cohorts.houses(db.session))
    return form


@requires(Permission.GROUP_WRITE)
def add() -> ResponseReturnValue:
    """Put a family on the waiting list."""
    body = _body()
    form = _form()
    if form.validate_on_submit():
        with form.showing_refusals():
            family = services.wait(db.session, g.actor, body.id, **form.values())
            flash(_("La famille n° %(number)s est inscrite sur la liste.", number=family.number), "success")
            return redirect(url_for("groups.waiting", training_body=body.id), code=303)
    return _list(body, form), 422


@requires(Permission.GROUP_WRITE)
def stop(family_id: uuid.UUID) -> ResponseReturnValue:
    """Say what became of a family who no longer waits."""
    family = waiting.family_for(db.session, g.actor, family_id)
    form = forms.OutcomeForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.stop_waiting(db.session, g.actor, family, **form.values())
            flash(_("La famille n° %(number)s n’attend plus.", number=family.number), "success")
            return redirect(url_for("groups.waiting", training_body=family.training_body_id), code=303)
    return render_template("groups/stop_waiting.html", family=family, form=form), 422 if form.is_submitted() else 200


@requires(Permission.GROUP_WRITE)
def compose() -> ResponseReturnValue:
    """Show the groups that could be made of the families who wait."""
    bodies = own_bodies()
    body = chosen_body(bodies)
    if body is None:
        return render_template("groups/choose_body.html", bodies=bodies)
    families = waiting.waiting_of(db.session, body.id)
    thresholds = waiting.thresholds_for(db.session, body.id)
    found = waiting.proposals(families, thresholds)
    placed = {one.id for proposed in found for one in proposed.families}
    return render_template(
        "groups/compose.html", body=body, proposals=found, left=[one for one in families if one.id not in placed],
        thresholds=thresholds, total=len(families),
    )  # fmt: skip


@requires(Permission.GROUP_WRITE)
def place() -> ResponseReturnValue:
    """Open a group with the families of a proposal."""
    body = _body()
    form = forms.PlaceForm(
        opened_on=clock.today(), families=request.args.get("families", ""), place=request.args.get("place", ""),
        house_id=groups.as_id(request.args.get("house", "")),
    )  # fmt: skip
    form.offer(cohorts.houses(db.session), groups.referents(db.session, [body.id]))
    form.offer_facilitators(groups.candidates(db.session, body.id))
    waits = waiting.waiting_of(db.session, body.id, lock=form.is_submitted())
    families = waiting.with_numbers(waits, form.numbers())
    if form.validate_on_submit():
        with form.showing_refusals():
            group = services.place(db.session, g.actor, body.id, families, **_named(form))
            flash(_("Le groupe est ouvert. Chaque famille y est entrée sous un nom tiré au sort."), "success")
            return redirect(url_for("groups.members", group_id=group.id), code=303)
    return _place_page(body, form, families), 422 if form.is_submitted() else 200


def _named(form: forms.PlaceForm) -> dict[str, Any]:
    values = form.values()
    values.pop("families")
    return values | {"host_place": values.pop("place")}


def _place_page(body: Organisation, form: forms.PlaceForm, families: Sequence[WaitingFamily]) -> str:
    return render_template(
        "groups/place.html", body=body, form=form, families=sorted(families, key=lambda one: (one.month, one.number)),
        path=own_address(),
    )  # fmt: skip
