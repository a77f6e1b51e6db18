"""Pages of meetings: those of a group, one planned alone, what became of each."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.templating import day as day_in_words
from certify.core.templating import own_address
from certify.groups.forms import meetings as forms
from certify.groups.models import Meeting, MeetingState, PeerGroup
from certify.groups.models.rooms import RoomItem
from certify.groups.queries import closures, groups, meetings
from certify.groups.services import meetings as services
from certify.groups.views.wording import weekday

_SORTS = {"day": (Meeting.starts_at,), "place": (Meeting.place, Meeting.starts_at)}
_EVERYTHING = 100_000


@requires(Permission.GROUP_READ)
def index(group_id: uuid.UUID) -> ResponseReturnValue:
    """List the meetings of a group, the latest first, with the next one on top."""
    group = groups.group_for(db.session, g.actor, group_id)
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=("state",))
    if not wanted.sort:
        wanted = listing.Wanted(wanted.path, wanted.query, "day", "desc", wanted.page, wanted.filters)
    query = meetings.meetings_of(group.id)
    if (state := (wanted.filters or {}).get("state")) in set(MeetingState):
        query = query.where(Meeting.state == state)
    is_csv = request.args.get("format") == "csv"
    found = listing.paginate(
        db.session, query, wanted, sorts=_SORTS, default="day", tie=Meeting.id,
        per_page=_EVERYTHING if is_csv else listing.PER_PAGE,
    )  # fmt: skip
    lines = meetings.lines_of(db.session, [(meeting, group.code) for meeting in found.rows])
    if is_csv:
        return _csv(group, lines)
    return render_template(
        "meetings/index.html", group=group, listing=found, lines=lines,
        states=[(one.value, one.label) for one in MeetingState],
        next_meeting=meetings.next_of(db.session, group.id), now=clock.now(), today=clock.today(), weekday=weekday,
        may_write=_may_write(group),
    )  # fmt: skip


@requires(Permission.MEETING_WRITE)
def plan(group_id: uuid.UUID) -> ResponseReturnValue:
    """Plan one meeting."""
    group = groups.group_for(db.session, g.actor, group_id, Permission.MEETING_WRITE, lock=request.method == "POST")
    form = forms.MeetingForm(place=group.place)
    if form.validate_on_submit():
        with form.showing_refusals():
            meeting = services.plan(
                db.session, g.actor, group, starts_at=form.starts_at,
                minutes=form.minutes.data, place=form.place.data or "", theme=form.theme.data or "",
                despite_closure=form.despite_closure.data,
            )  # fmt: skip
            flash(_("La rencontre du %(day)s est prévue.", day=day_in_words(meeting.starts_at)), "success")
            return redirect(url_for("groups.meeting", meeting_id=meeting.id), code=303)
    page = render_template("meetings/new.html", group=group, form=form)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.GROUP_READ)
def show(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Show a meeting: where and when, its room, who came, what was noted and by whom."""
    meeting = meetings.meeting_for(db.session, g.actor, meeting_id)
    return _page(meeting)


def _page(meeting: Meeting, refused: forms.FacilitatorForm | None = None) -> str:
    group = db.session.get_one(PeerGroup, meeting.group_id)
    day = meetings.day_of(meeting)
    sheet = meetings.sheet_of(db.session, meeting)
    return render_template(
        "meetings/show.html", group=group, meeting=meeting, day=day, sheet=sheet, history=meetings.noted(sheet),
        items=list(RoomItem), counts=meetings.counted(sheet), now=clock.now(), weekday=weekday,
        moved_to=db.session.get(Meeting, meeting.moved_to_id) if meeting.moved_to_id else None,
        moved_from=meetings.moved_from(db.session, meeting), may_write=_may_write(group),
        closed=closures.closed_days(db.session, group, day, day).get(day), refused=refused,
        form=refused or forms.FacilitatorForm(formdata=None),
        is_takeable=meetings.is_takeable(meeting, clock.today()),
        is_own=meetings.is_facilitator(db.session, g.actor, group.id, clock.today()),
    )  # fmt: skip


@requires(Permission.MEETING_WRITE)
def amend(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Correct the time, the length, the place or the theme."""
    meeting = _writable(meeting_id)
    form = forms.AmendForm.showing(meeting)
    if form.validate_on_submit():
        with form.showing_refusals():
            services.amend(
                db.session, g.actor, meeting, at=form.at.data, minutes=form.minutes.data, place=form.place.data or "",
                theme=form.theme.data or "", revision=form.revision.data or 0,
            )  # fmt: skip
            flash(_("La rencontre est enregistrée."), "success")
            return _to(meeting)
    page = render_template("meetings/edit.html", group=_group(meeting), meeting=meeting, form=form)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.MEETING_WRITE)
def check_room(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what was ticked of the room."""
    meeting = _writable(meeting_id)
    form = forms.RoomForm()
    if form.validate_on_submit():
        services.check_room(db.session, g.actor, meeting, ready=form.ready.data or ())
        flash(_("L’état de la salle est enregistré."), "success")
    return _to(meeting, "room")


@requires(Permission.MEETING_WRITE)
def hold(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Say that a meeting took place."""
    meeting = _writable(meeting_id)
    form = forms.FacilitatorForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            present = form.facilitator_present.data == forms.YES
            services.hold(db.session, g.actor, meeting, facilitator_present=present)
            flash(_("La rencontre est déclarée tenue."), "success")
            return _to(meeting)
    return _page(meeting, form), 422


@requires(Permission.MEETING_WRITE)
def cancel(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Say that a meeting does not take place, and why."""
    meeting = _writable(meeting_id)
    form = forms.CancelForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            services.cancel(db.session, g.actor, meeting, reason=form.reason.data or "")
            flash(_("La rencontre est annulée."), "success")
            return _to(meeting)
    page = render_template("meetings/cancel.html", group=_group(meeting), meeting=meeting, form=form)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.MEETING_WRITE)
def move(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Move a meeting to another day."""
    meeting = _writable(meeting_id)
    form = forms.MoveForm(at=meetings.local_start(meeting).time(), place=meeting.place)
    if form.validate_on_submit():
        with form.showing_refusals():
            new = services.move(
                db.session, g.actor, meeting, starts_at=form.starts_at,
                place=form.place.data or "", reason=form.reason.data or "",
                despite_closure=form.despite_closure.data,
            )  # fmt: skip
            flash(_("La rencontre est reportée au %(day)s.", day=day_in_words(new.starts_at)), "success")
            return _to(new)
    page = render_template("meetings/move.html", group=_group(meeting), meeting=meeting, form=form)
    return page, 422 if form.is_submitted() else 200


@requires(Permission.MEETING_WRITE)
def restore(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Plan a meeting again."""
    meeting = _writable(meeting_id)
    services.restore(db.session, g.actor, meeting)
    flash(_("La rencontre est de nouveau prévue."), "success")
    return _to(meeting)


def _writable(meeting_id: uuid.UUID) -> Meeting:
    return meetings.meeting_for(db.session, g.actor, meeting_id, Permission.MEETING_WRITE)


def _group(meeting: Meeting) -> PeerGroup:
    return db.session.get_one(PeerGroup, meeting.group_id)


def _may_write(group: PeerGroup) -> bool:
    return groups.may_do(db.session, g.actor, group, Permission.MEETING_WRITE)


def _to(meeting: Meeting, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("groups.meeting", meeting_id=meeting.id, _anchor=anchor), code=303)


def _csv(group: PeerGroup, lines: list[meetings.MeetingLine]) -> Response:
    columns: Mapping[str, Callable[[meetings.MeetingLine], Any]] = {
        _("Groupe"): lambda line: line.code,
        _("Date"): lambda line: meetings.day_of(line.meeting).isoformat(),
        _("Heure de début"): lambda line: f"{meetings.local_start(line.meeting):%H:%M}",
        _("Durée en minutes"): lambda line: line.meeting.minutes,
        _("Lieu"): lambda line: line.meeting.place,
        _("Thème"): lambda line: line.meeting.theme,
        _("État"): lambda line: line.meeting.state.label,
        _("Présent·es"): lambda line: line.counts.present,
        _("Excusé·es"): lambda line: line.counts.excused,
        _("Absent·es"): lambda line: line.counts.absent,
        _("Seconds parents"): lambda line: line.counts.second_parents,
        _("Rencontre accompagnée"): lambda line: _said(line.meeting.facilitator_present),
    }
    headers = {"Content-Disposition": f"attachment; filename=rencontres-{group.code}.csv"}
    return Response(listing.to_csv(lines, columns), mimetype="text/csv", headers=headers)


def _said(answer: bool | None) -> str:
    return "" if answer is None else _("oui") if answer else _("non")
