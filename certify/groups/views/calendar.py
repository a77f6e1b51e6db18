"""The calendar page, and the secret address that a calendar program reads."""

from datetime import date, timedelta

from flask import Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from icalendar import Calendar
from icalendar import Event as CalendarEvent

from certify.core import clock
from certify.core.access import PUBLIC, Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.groups.models import MeetingState, PeerGroup
from certify.groups.queries import calendar, groups, meetings
from certify.groups.services import calendar as services
from certify.groups.views.wording import month_name, weekday, weekday_names
from certify.settings import Settings


@requires(Permission.GROUP_READ)
def show() -> ResponseReturnValue:
    """Show a month of meetings: of one's own groups, of all one may see, or of one group."""
    scope = "all" if request.args.get("scope") == "all" else "mine"
    wanted = groups.visible(g.actor) if scope == "all" else calendar.mine(g.actor)
    group_id = groups.as_id(request.args.get("group", ""))
    group = groups.group_for(db.session, g.actor, group_id) if group_id else None
    if group is not None:
        wanted = groups.visible(g.actor).where(PeerGroup.id == group.id)
    month = calendar.month_of(db.session, wanted, _month(request.args.get("month", "")))
    return render_template(
        "meetings/calendar.html", month=month, scope=scope, group=group, feed=calendar.feed_of(db.session, g.actor),
        has_both=groups.is_staff(g.actor), today=clock.today(), month_name=month_name, weekday=weekday,
        weekdays=weekday_names(), feed_address=_address,
        may_close=bool(g.actor.organisations(Permission.MEETING_WRITE)),
    )  # fmt: skip


def _month(text: str) -> date:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return clock.today().replace(day=1)
    return first if 2000 <= first.year < 2200 else clock.today().replace(day=1)


def _address(token: str) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url.rstrip("/") + url_for("groups.feed", token=token)


@requires(Permission.GROUP_READ)
def make_feed() -> ResponseReturnValue:
    """Make one's secret address, or another in its place."""
    services.make_feed(db.session, g.actor)
    flash(_("L’adresse de votre agenda est prête. Gardez-la pour vous."), "success")
    return redirect(url_for("groups.calendar", _anchor="feed"), code=303)


@requires(Permission.GROUP_READ)
def revoke_feed() -> ResponseReturnValue:
    """Take one's secret address away."""
    services.revoke_feed(db.session, g.actor)
    flash(_("L’adresse ne répond plus : les agendas qui la lisaient ne se mettront plus à jour."), "success")
    return redirect(url_for("groups.calendar", _anchor="feed"), code=303)


@requires(PUBLIC)
def feed(token: str) -> ResponseReturnValue:
    """Give a calendar program the meetings of whoever made this address: codes and places, nobody and no theme."""
    owner = calendar.owner_of(db.session, token)
    found = Calendar()
    found.add("prodid", "-//certify//rencontres//FR")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", _("Rencontres"))
    found.add("x-wr-timezone", "Europe/Paris")
    found.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for event in calendar.events_of(db.session, calendar.mine(owner)):
        found.add_component(_event(event))
    found.add_missing_timezones()
    headers = {"Content-Disposition": "inline; filename=rencontres.ics"}
    return Response(found.to_ical(), mimetype="text/calendar", headers=headers)


def _event(event: calendar.Event) -> CalendarEvent:
    meeting, start = event.meeting, meetings.local_start(event.meeting)
    end = (meeting.starts_at + timedelta(minutes=meeting.minutes)).astimezone(clock.PARIS)
    is_cancelled = meeting.state is MeetingState.CANCELLED
    made = CalendarEvent()
    made.add("uid", f"{event.identity}@certify")
    made.add("sequence", event.number)
    made.add("dtstamp", meeting.saved_at)
    made.add("last-modified", meeting.saved_at)
    made.add("dtstart", start)
    made.add("dtend", end)
    made.add("summary", _("Rencontre %(code)s", code=event.code))
    if meeting.place:
        made.add("location", meeting.place)
    made.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT" if is_cancelled else "OPAQUE")
    return made
