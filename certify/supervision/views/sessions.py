"""The page of one session: who came, the notes, the signatures, and its sheet."""

import uuid

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.anonymity.policies import masked
from certify.cohorts.models import Presence
from certify.core import audit, clock, pdf
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db, separate_session
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.groups.models import PeerGroup
from certify.organisations.models import Organisation
from certify.supervision import forms, policies, queries, services
from certify.supervision.models import SupervisionSession


@requires(Permission.SUPERVISION_READ)
def show(supervision_id: uuid.UUID) -> ResponseReturnValue:
    """Show a session; whoever reads its notes without being of it leaves a trace."""
    held = queries.held_for(db.session, g.actor, supervision_id)
    page = render_page(held)
    if held.notes and not queries.is_participant(db.session, g.actor, held):
        _trace(held)
    return page


@requires(Permission.SUPERVISION_WRITE)
def record_presence(supervision_id: uuid.UUID) -> ResponseReturnValue:
    """Keep who came."""
    held = queries.held_for(db.session, g.actor, supervision_id, Permission.SUPERVISION_WRITE)
    form = forms.PresenceForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            expected = queries.expected_ids(db.session, held)
            written = services.record_presence(
                db.session, g.actor, held, presences=form.presences(request.form, expected),
                revision=form.revision.data or 0,
            )  # fmt: skip
            flash(_("Les présences sont enregistrées.") if written else _("Rien n’a changé."), "success")
            return redirect(url_for("supervision.show", supervision_id=held.id), code=303)
    return render_page(held, refused=form), 422


@requires(SIGNED_IN)
def notes(supervision_id: uuid.UUID) -> ResponseReturnValue:
    """Write the notes of a session, from either side."""
    held = queries.held_for(db.session, g.actor, supervision_id)
    if not queries.is_participant(db.session, g.actor, held):
        raise NotFound
    form = forms.NotesForm(revision=held.revision, notes=held.notes)
    if form.validate_on_submit():
        with form.showing_refusals():
            changed = services.write_notes(
                db.session, g.actor, held, notes=form.notes.data or "", revision=form.revision.data or 0
            )
            flash(_("Les notes sont enregistrées.") if changed else _("Rien n’a changé."), "success")
            return redirect(url_for("supervision.show", supervision_id=held.id), code=303)
    shown = held.notes
    is_stale = form.is_submitted() and form.revision.data != held.revision
    # Refused because somebody else wrote meanwhile: both texts are on the page, and the next answer is about this one.
    form.revision.data, form.revision.raw_data = held.revision, None
    attendees = queries.attendees_of(db.session, held)
    page = render_template(
        "supervision/notes.html", form=form, held=held, shown=shown if is_stale else "",
        is_signed=any(one.by_trainee or one.by_supervisor for one in attendees),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


@requires(Permission.SUPERVISION_READ)
def sheet(supervision_id: uuid.UUID) -> ResponseReturnValue:
    """Give the sheet of a session with its signatures, as PDF, without its notes."""
    held = queries.held_for(db.session, g.actor, supervision_id)
    content = pdf.render_document(
        "supervision", held=held, group=_group_code(held), attendees=queries.attendees_of(db.session, held),
        supervisor=queries.names_of(db.session, [held.supervisor_id])[held.supervisor_id],
        body=db.session.get_one(Organisation, held.training_body_id).name, made_at=clock.now(),
    )  # fmt: skip
    headers = {"Content-Disposition": f"inline; filename=supervision-{held.on.isoformat()}.pdf"}
    return Response(content, mimetype="application/pdf", headers=headers)


def render_page(held: SupervisionSession, *, refused: forms.RevisionForm | None = None) -> str:
    """Return the page of a session, as whoever asks may see it."""
    attendees = queries.attendees_of(db.session, held)
    leads = held.supervisor_id == g.actor.user_id
    mine = next((one for one in attendees if one.person.id == g.actor.user_id), None)
    # Who wrote a flagged passage must find it again to rewrite it.
    shown = held.notes if leads else masked(held.notes, queries.standing_masks(db.session, held))
    return render_template(
        "supervision/show.html", held=held, attendees=attendees, leads=leads, mine=mine, notes=shown,
        group=_group_code(held), may_write=queries.may_write(db.session, g.actor, held),
        supervisor=queries.names_of(db.session, [held.supervisor_id])[held.supervisor_id],
        # What was signed keeps its words; once one of them was flagged, no page repeats them.
        older_notes=not queries.was_flagged(db.session, held),
        is_due=policies.is_due(held, clock.today()), presences=list(Presence), refused=refused,
        may_sign=leads and any(one.came and one.by_supervisor is None for one in attendees),
    )  # fmt: skip


def _group_code(held: SupervisionSession) -> str:
    return db.session.get_one(PeerGroup, held.group_id).code if held.group_id else ""


def _trace(held: SupervisionSession) -> None:
    # Once a day and reader; what was read is in hand: the page's own transaction must not keep the trace waiting.
    if queries.was_read_today(db.session, g.actor, held):
        return
    session_id, body_id = held.id, held.training_body_id
    db.session.rollback()
    with separate_session() as own:
        audit.record(own, g.actor, queries.NOTES_READ, session_id, organisation_id=body_id)
        own.commit()
