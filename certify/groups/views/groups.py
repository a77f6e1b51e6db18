"""Pages of groups: the list, one group, opening one, changing it, closing it, who facilitates it."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select

from certify.cohorts import queries as cohorts
from certify.cohorts.views.lists import csv_answer, is_csv, page_size
from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.groups import policies
from certify.groups.forms import groups as forms
from certify.groups.models import GroupFidelity, PeerGroup
from certify.groups.queries import groups as queries
from certify.groups.queries import pages
from certify.groups.services import groups as services
from certify.groups.views import timeline
from certify.organisations import queries as organisations
from certify.organisations.models import Organisation, OrganisationKind

_FILTERS = ("state", "verdict", "house", "mine")


@requires(Permission.GROUP_READ)
def index() -> ResponseReturnValue:
    """List the groups the actor accompanies or follows."""
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=_FILTERS)
    filters = wanted.filters or {}
    visible = queries.visible(g.actor)
    narrowed = queries.narrowed(
        visible, words=wanted.query, state=filters.get("state", ""), house=filters.get("house", ""),
        referent_id=g.actor.user_id if filters.get("mine") else None,
    )  # fmt: skip
    found = _listed(queries.listed(queries.with_verdict(narrowed, filters.get("verdict", ""))), wanted)
    rows = queries.rows_of(db.session, found.rows)
    if is_csv():
        return csv_answer("groupes", rows, _columns())
    is_staff = queries.is_staff(g.actor)
    verdicts, counts = policies.verdicts_said(), queries.verdict_counts(db.session, narrowed)
    houses = queries.houses_of(db.session, visible) if is_staff else []
    return render_template(
        "groups/index.html", listing=found, rows=rows, verdicts=verdicts, tones=policies.TONES, is_staff=is_staff,
        counts=[(one, text, counts.get(one, 0), _with_verdict(found, one)) for one, text in verdicts.items()],
        verdict_choices=list(verdicts.items()), house_choices=[(one.id, one.name) for one in houses],
        may_open=bool(own_bodies()),
    )  # fmt: skip


def _with_verdict(found: listing.Listing[Any], verdict: str) -> str:
    """Return the address of the list narrowed to one verdict, or to none when it already is."""
    kept = {key: value for key, value in found.filters.items() if key != "verdict"}
    if found.filters.get("verdict") != verdict:
        kept["verdict"] = verdict
    values: dict[str, Any] = {"q": found.query or None, **kept}
    return url_for("groups.index", **values)


def _listed(query: Select[Any], wanted: listing.Wanted) -> listing.Listing[Any]:
    sorts = {
        "code": (PeerGroup.code,),
        "house": (queries.HOUSE.name, PeerGroup.code),
        "opened": (PeerGroup.opened_on,),
        "members": (GroupFidelity.members,),
        "late": (GroupFidelity.late,),
    }
    return listing.paginate(
        db.session, query, wanted, sorts=sorts, default="code", tie=PeerGroup.id, per_page=page_size()
    )


def _columns() -> Mapping[str, Callable[[queries.GroupRow], Any]]:
    def verdict(code: str) -> Callable[[queries.GroupRow], Any]:
        return lambda row: policies.said(policies.VERDICTS[row.fidelity.verdicts[code]]) if row.fidelity else ""

    return {
        _("Groupe"): lambda row: row.group.code,
        _("Maison"): lambda row: row.house,
        _("Lieu d’accueil"): lambda row: row.group.place,
        _("Référent·e"): lambda row: row.referent.name if row.referent else "",
        _("Ouverture"): lambda row: row.group.opened_on.isoformat(),
        _("Clôture"): lambda row: row.group.closed_on.isoformat() if row.group.closed_on else "",
        _("Participants"): lambda row: row.fidelity.members if row.fidelity else "",
        _("Rencontres tenues"): lambda row: row.fidelity.held if row.fidelity else "",
        _("Rencontres de retard"): lambda row: row.fidelity.late if row.fidelity else "",
        **{policies.said(label): verdict(code) for code, label in policies.RULES.items()},
    }


@requires(Permission.GROUP_READ)
def show(group_id: uuid.UUID) -> ResponseReturnValue:
    """Show a group: its clock, what each fidelity rule says and why, who is in it, what comes next."""
    group = queries.group_for(db.session, g.actor, group_id)
    page = pages.page_of(db.session, group)
    may_write = queries.may_do(db.session, g.actor, group, Permission.GROUP_WRITE)
    return render_template(
        "groups/show.html", group=group, page=page, verdicts=policies.verdicts_said(), tones=policies.TONES,
        may_write=may_write, may_lead=queries.may_lead(g.actor, group), today=clock.today(),
        figure=timeline.drawn(group, page), gaps=pages.gaps_of(page), clock=timeline.clock_sentence(page),
        next_sentence=timeline.next_sentence(page),
    )  # fmt: skip


def own_bodies() -> list[Organisation]:
    """Return the training bodies in which the actor may open groups and keep a waiting list."""
    if not g.actor.organisations(Permission.GROUP_WRITE):
        return []
    found = organisations.organisations_with(db.session, g.actor, Permission.GROUP_WRITE)
    return [one for one in found if one.kind is OrganisationKind.TRAINING_BODY]


def chosen_body(bodies: list[Organisation]) -> Organisation | None:
    """Return the training body an address speaks of: the only one there is, or the one chosen; NotFound without any."""
    if not bodies:
        raise NotFound
    wanted = request.args.get("training_body", "")
    return next((one for one in bodies if len(bodies) == 1 or str(one.id) == wanted), None)


@requires(Permission.GROUP_WRITE)
def new() -> ResponseReturnValue:
    """Open a group of a training body."""
    bodies = own_bodies()
    body = chosen_body(bodies)
    if body is None:
        return render_template("groups/choose_body.html", bodies=bodies)
    form = forms.OpenForm(opened_on=clock.today())
    form.offer(cohorts.houses(db.session), queries.referents(db.session, [body.id]))
    form.offer_facilitators(queries.candidates(db.session, body.id))
    if form.validate_on_submit():
        with form.showing_refusals():
            group = services.open_group(db.session, g.actor, body.id, **form.values())
            flash(_("Le groupe est ouvert. Ajoutez maintenant ses membres."), "success")
            return redirect(url_for("groups.members", group_id=group.id), code=303)
    return render_template("groups/new.html", form=form, body=body), 422 if form.is_submitted() else 200


@requires(Permission.GROUP_WRITE)
def edit(group_id: uuid.UUID) -> ResponseReturnValue:
    """Change a group, and see who facilitates it."""
    group = queries.led_group(db.session, g.actor, group_id)
    form = forms.AmendForm.showing(group)
    form.offer(cohorts.houses(db.session), _referents_of(group))
    if form.validate_on_submit():
        with form.showing_refusals():
            services.amend(db.session, g.actor, group, **form.values())
            flash(_("Le groupe est modifié."), "success")
            return redirect(url_for("groups.show", group_id=group.id), code=303)
    return _settings(group, form=form), 422 if form.is_submitted() else 200


@requires(Permission.GROUP_WRITE)
def close(group_id: uuid.UUID) -> ResponseReturnValue:
    """Say that a group met for the last time."""
    group = queries.led_group(db.session, g.actor, group_id)
    form = forms.CloseForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.close(db.session, g.actor, group, **form.values())
            flash(_("Le groupe est clos. Tout ce qui le concerne reste lisible."), "success")
            return redirect(url_for("groups.show", group_id=group.id), code=303)
    return _settings(group, close_form=form), 422


@requires(Permission.GROUP_WRITE)
def reopen(group_id: uuid.UUID) -> ResponseReturnValue:
    """Undo a closing made by mistake."""
    group = queries.led_group(db.session, g.actor, group_id)
    services.reopen(db.session, g.actor, group)
    flash(_("Le groupe est de nouveau ouvert."), "success")
    return redirect(url_for("groups.show", group_id=group.id), code=303)


@requires(Permission.GROUP_WRITE)
def add_facilitator(group_id: uuid.UUID) -> ResponseReturnValue:
    """Have a trainee facilitate a group."""
    group = queries.led_group(db.session, g.actor, group_id)
    form = forms.FacilitatorForm(candidates=_candidates(group))
    if form.validate_on_submit():
        with form.showing_refusals():
            services.add_facilitator(db.session, g.actor, group, **form.values())
            flash(_("Cette personne accompagne désormais le groupe."), "success")
            return redirect(url_for("groups.edit", group_id=group.id), code=303)
    return _settings(group, facilitator_form=form), 422


@requires(Permission.GROUP_WRITE)
def end_facilitator(group_id: uuid.UUID, facilitator_id: uuid.UUID) -> ResponseReturnValue:
    """Say from which day somebody no longer facilitates a group."""
    group = queries.led_group(db.session, g.actor, group_id)
    facilitator = queries.facilitator_for(db.session, group, facilitator_id)
    form = forms.EndForm(ends_on=clock.today())
    if form.validate_on_submit():
        with form.showing_refusals():
            services.end_facilitator(db.session, g.actor, group, facilitator, **form.values())
            flash(_("La fin est notée."), "success")
            return redirect(url_for("groups.edit", group_id=group.id), code=303)
    page = render_template("groups/end_facilitator.html", group=group, form=form, facilitator=facilitator)
    return page, 422 if form.is_submitted() else 200


def _settings(group: PeerGroup, **shown: Any) -> str:
    """Show the settings of a group: every form on it, one of them refused perhaps."""
    if "form" not in shown:
        shown["form"] = forms.AmendForm.blank(group)
        shown["form"].offer(cohorts.houses(db.session), _referents_of(group))
    shown.setdefault("close_form", forms.CloseForm(formdata=None, closed_on=clock.today()))
    if "facilitator_form" not in shown:
        shown["facilitator_form"] = forms.FacilitatorForm(
            formdata=None, candidates=_candidates(group), starts_on=clock.today()
        )
    facilitators = queries.facilitators_of(db.session, [group.id])[group.id]
    return render_template("groups/edit.html", group=group, facilitators=facilitators, today=clock.today(), **shown)


def _candidates(group: PeerGroup) -> list[queries.Candidate]:
    return queries.candidates(db.session, group.training_body_id)


def _referents_of(group: PeerGroup) -> list[Any]:
    here = [one for one in (group.training_body_id, group.house_id) if one is not None]
    return queries.referents(db.session, here)
