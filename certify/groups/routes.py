"""Addresses of groups, in the order somebody who accompanies one meets them."""

from flask import Blueprint

from certify.groups.views import attendance, calendar, composing, groups, meetings, members, series

bp = Blueprint("groups", __name__)
_MEETING = "/meetings/<uuid:meeting_id>"
_GROUP = "/groups/<uuid:group_id>"
_MEMBER = f"{_GROUP}/members/<uuid:participant_id>"
bp.add_url_rule("/groups", "index", groups.index)
bp.add_url_rule("/groups/new", "new", groups.new, methods=["GET", "POST"])
bp.add_url_rule("/groups/waiting", "waiting", composing.index)
bp.add_url_rule("/groups/waiting", "add_waiting", composing.add, methods=["POST"])
bp.add_url_rule("/groups/waiting/<uuid:family_id>", "stop_waiting", composing.stop, methods=["GET", "POST"])
bp.add_url_rule("/groups/compose", "compose", composing.compose)
bp.add_url_rule("/groups/compose/open", "place", composing.place, methods=["GET", "POST"])
bp.add_url_rule(_GROUP, "show", groups.show)
bp.add_url_rule(f"{_GROUP}/members", "members", members.index)
bp.add_url_rule(f"{_GROUP}/members", "join", members.join, methods=["POST"])
bp.add_url_rule(_MEMBER, "member", members.member)
bp.add_url_rule(f"{_MEMBER}/leave", "leave", members.leave, methods=["POST"])
bp.add_url_rule(f"{_MEMBER}/return", "join_again", members.join_again, methods=["POST"])
bp.add_url_rule(f"{_MEMBER}/month", "amend_month", members.amend_month, methods=["POST"])
bp.add_url_rule(f"{_GROUP}/stays/<uuid:stay_id>/strike", "strike", members.strike, methods=["POST"])
bp.add_url_rule(f"{_GROUP}/edit", "edit", groups.edit, methods=["GET", "POST"])
bp.add_url_rule(f"{_GROUP}/close", "close", groups.close, methods=["POST"])
bp.add_url_rule(f"{_GROUP}/reopen", "reopen", groups.reopen, methods=["POST"])
bp.add_url_rule(f"{_GROUP}/facilitators", "add_facilitator", groups.add_facilitator, methods=["POST"])
bp.add_url_rule(
    f"{_GROUP}/facilitators/<uuid:facilitator_id>/end",
    "end_facilitator",
    groups.end_facilitator,
    methods=["GET", "POST"],
)
bp.add_url_rule(f"{_GROUP}/meetings", "meetings", meetings.index)
bp.add_url_rule(f"{_GROUP}/meetings/new", "plan_meeting", meetings.plan, methods=["GET", "POST"])
bp.add_url_rule(f"{_GROUP}/meetings/series", "plan_series", series.plan, methods=["GET", "POST"])
bp.add_url_rule(f"{_GROUP}/closures", "group_closures", series.closures_of_group, methods=["GET", "POST"])
bp.add_url_rule(_MEETING, "meeting", meetings.show)
bp.add_url_rule(f"{_MEETING}/edit", "amend_meeting", meetings.amend, methods=["GET", "POST"])
bp.add_url_rule(f"{_MEETING}/room", "check_room", meetings.check_room, methods=["POST"])
bp.add_url_rule(f"{_MEETING}/attendance", "attendance", attendance.sheet, methods=["GET", "POST"])
bp.add_url_rule(f"{_MEETING}/hold", "hold_meeting", meetings.hold, methods=["POST"])
bp.add_url_rule(f"{_MEETING}/move", "move_meeting", meetings.move, methods=["GET", "POST"])
bp.add_url_rule(f"{_MEETING}/cancel", "cancel_meeting", meetings.cancel, methods=["GET", "POST"])
bp.add_url_rule(f"{_MEETING}/restore", "restore_meeting", meetings.restore, methods=["POST"])
bp.add_url_rule(f"{_MEETING}/signing-sheet.pdf", "signing_sheet", attendance.signing_sheet)
bp.add_url_rule("/calendar", "calendar", calendar.show)
bp.add_url_rule("/calendar/feed", "make_feed", calendar.make_feed, methods=["POST"])
bp.add_url_rule("/calendar/feed/revoke", "revoke_feed", calendar.revoke_feed, methods=["POST"])
bp.add_url_rule("/calendar/<token>.ics", "feed", calendar.feed)
bp.add_url_rule("/closures", "closures", series.closures_of_bodies, methods=["GET", "POST"])
bp.add_url_rule("/closures/<uuid:closure_id>/remove", "remove_closure", series.remove_closure, methods=["POST"])
