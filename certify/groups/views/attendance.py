"""Pages of attendance: the sheet filled in on a phone, and the one to sign."""

import uuid
from datetime import date
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.core import clock, pdf
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import force_locale, ngettext
from certify.core.i18n import gettext as _
from certify.core.templating import day as day_in_words
from certify.groups.forms import meetings as forms
from certify.groups.models import Meeting, PeerGroup, Presence
from certify.groups.queries import groups, meetings
from certify.groups.queries.meetings import was_facilitating
from certify.groups.services import attendance as services
from certify.groups.views.wording import weekday
from certify.organisations.models import Organisation

_LAST_DRAWN = 0x0250
"""Latin letters, with every accent of the languages written with them."""
_MARKS = frozenset("’‘“”–—…•€ œ\u202f\u2009")


@requires(Permission.MEETING_WRITE)
def sheet(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Show who was of the group that day, and keep who came."""
    meeting = meetings.meeting_for(db.session, g.actor, meeting_id, Permission.MEETING_WRITE)
    form = forms.AttendanceForm(formdata=request.form if request.method == "POST" else None)
    if form.validate_on_submit():
        with form.showing_refusals():
            rows = form.rows(request.form, [row.participant_id for row in meetings.sheet_of(db.session, meeting)])
            written = services.take(
                db.session, g.actor, meeting, rows=rows, facilitator_present=form.is_facilitator_present,
                revision=form.revision.data or 0,
            )  # fmt: skip
            _tell(meeting, written)
            return redirect(url_for("groups.meeting", meeting_id=meeting.id, _anchor="attendance"), code=303)
    return _page(meeting, form), 422 if form.is_submitted() else 200


def _tell(meeting: Meeting, written: int) -> None:
    left = sum(1 for row in meetings.sheet_of(db.session, meeting) if row.is_expected and not row.marks)
    if not written:
        flash(_("Rien n’a changé sur cette feuille."), "success")
    else:
        flash(ngettext("%(num)d présence est notée.", "%(num)d présences sont notées.", written), "success")
    if left:
        flash(
            ngettext(
                "%(num)d personne reste à noter.", "%(num)d personnes restent à noter.", left
            ),
            "warning",
        )  # fmt: skip


def _page(meeting: Meeting, form: forms.AttendanceForm) -> str:
    db.session.refresh(meeting)
    rows = meetings.sheet_of(db.session, meeting)
    chosen = form.rows(request.form, [row.participant_id for row in rows])
    is_own = meetings.is_facilitator(db.session, g.actor, meeting.group_id, clock.today())
    known = meeting.facilitator_present
    if not form.is_submitted() or (form.is_facilitator_present is None and known is not None):
        # Who takes attendance of their own group was there, unless they say otherwise.
        form.facilitator_present.data = {True: forms.YES, False: forms.NO, None: forms.YES if is_own else None}[known]
    # Refused or not, what is shown is the sheet as it stands: the next answer is about that one.
    form.revision.data, form.revision.raw_data = meeting.revision, None
    return render_template(
        "meetings/attendance.html", meeting=meeting, group=db.session.get_one(PeerGroup, meeting.group_id), rows=rows,
        form=form, chosen=chosen, presences=list(Presence), day=meetings.day_of(meeting), is_own=is_own,
        everybody=request.args.get("all") == Presence.PRESENT.value,
        is_takeable=meetings.is_takeable(meeting, clock.today()), weekday=weekday,
    )  # fmt: skip


@requires(Permission.GROUP_READ)
def signing_sheet(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Make the sheet that the facilitator and the referent sign (feuille d’émargement), as a PDF."""
    meeting = meetings.meeting_for(db.session, g.actor, meeting_id)
    group = db.session.get_one(PeerGroup, meeting.group_id)
    day = meetings.day_of(meeting)
    rows = meetings.sheet_of(db.session, meeting)
    with force_locale("fr"):
        content = pdf.render_document(
            "signing_sheet", title=f"Émargement {group.code}, {day_in_words(day)}", meeting=meeting, group=group,
            day=day, rows=rows, counts=meetings.counted(rows), place=_drawable(meeting.place), made_at=clock.now(),
            **_names(group, day),
        )  # fmt: skip
    name = f"emargement-{group.code}-{day.isoformat()}.pdf"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(content, mimetype="application/pdf", headers=headers)


def _names(group: PeerGroup, day: date) -> dict[str, Any]:
    body = db.session.get_one(Organisation, group.training_body_id)
    house = db.session.get(Organisation, group.house_id) if group.house_id else None
    referent = db.session.get(User, group.referent_id) if group.referent_id else None
    facilitators = groups.facilitators_of(db.session, [group.id])[group.id]
    return {
        "body": _drawable(body.name),
        "house": _drawable(house.name) if house else "",
        "referent": _drawable(referent.name) if referent else "",
        "facilitators": [_drawable(one.name) for one in facilitators if was_facilitating(one.facilitator, day)],
    }


def _drawable(text: str) -> str:
    """Replace what the font of documents cannot draw, such as pictures in a text."""
    return "".join(c if ord(c) < _LAST_DRAWN or c in _MARKS else "?" for c in text)
