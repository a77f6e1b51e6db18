"""Addresses of LTI: what platforms call, what administrators open, what people find inside a course."""

from flask import Blueprint

from certify.lti.views import (
    administration,
    choosing,
    course,
    grades,
    inspecting,
    opening,
    people,
    protocol,
    registering,
)

bp = Blueprint("lti", __name__)

bp.add_url_rule("/lti/login", view_func=protocol.login, methods=["GET", "POST"])
bp.add_url_rule("/lti/login/<uuid:registration_id>", view_func=protocol.login, methods=["GET", "POST"])
bp.add_url_rule("/lti/launch", view_func=protocol.launch, methods=["POST"])
bp.add_url_rule("/lti/launch", "launch_opened", view_func=protocol.launch_opened)
bp.add_url_rule("/lti/launch/stored", view_func=protocol.launch_stored, methods=["POST"])
bp.add_url_rule("/lti/register", view_func=registering.register)
bp.add_url_rule("/lti/register/<token>", view_func=registering.register, methods=["GET", "POST"])
bp.add_url_rule("/lti/canvas.json", "canvas", view_func=registering.canvas_settings)
bp.add_url_rule("/.well-known/jwks.json", view_func=protocol.jwks)
bp.add_url_rule("/course/waiting", view_func=protocol.waiting)
bp.add_url_rule("/course/review", view_func=opening.review)
bp.add_url_rule("/course/privacy", view_func=opening.privacy)
bp.add_url_rule("/course", view_func=course.course)
bp.add_url_rule("/course/cohort", view_func=course.link_cohort, methods=["POST"])
bp.add_url_rule("/course/roster", view_func=course.read_roster, methods=["POST"])
bp.add_url_rule("/course/roster/<uuid:read_id>", view_func=course.roster)
bp.add_url_rule("/course/roster/<uuid:read_id>/apply", view_func=course.apply_roster, methods=["POST"])
bp.add_url_rule("/course/members/<uuid:member_id>/name", view_func=course.rename, methods=["POST"])
bp.add_url_rule("/lti/window", view_func=opening.window, methods=["POST"])
bp.add_url_rule("/administration/lti", view_func=administration.registrations)
bp.add_url_rule("/administration/lti/new", view_func=administration.new_registration, methods=["GET", "POST"])
bp.add_url_rule("/administration/lti/invitations", view_func=administration.invite, methods=["POST"])
bp.add_url_rule(
    "/administration/lti/invitations/<uuid:invitation_id>/withdraw", view_func=administration.withdraw, methods=["POST"]
)
bp.add_url_rule("/administration/lti/keys", view_func=inspecting.keys)
bp.add_url_rule("/administration/lti/keys", view_func=inspecting.rotate, methods=["POST"])
bp.add_url_rule(
    "/administration/lti/deployments/<uuid:deployment_id>", view_func=administration.decide_deployment, methods=["POST"]
)
bp.add_url_rule("/administration/lti/<uuid:registration_id>", view_func=administration.registration)
bp.add_url_rule(
    "/administration/lti/<uuid:registration_id>/edit",
    view_func=administration.edit_registration,
    methods=["GET", "POST"],
)
bp.add_url_rule(
    "/administration/lti/<uuid:registration_id>/state", view_func=administration.switch_registration, methods=["POST"]
)
bp.add_url_rule("/administration/lti/<uuid:registration_id>/renew", view_func=administration.renew, methods=["POST"])
bp.add_url_rule(
    "/administration/lti/<uuid:registration_id>/test", view_func=inspecting.test_registration, methods=["POST"]
)
bp.add_url_rule("/administration/lti/<uuid:registration_id>/launches", view_func=inspecting.launches)
bp.add_url_rule("/course/columns", view_func=grades.make_columns, methods=["POST"])
bp.add_url_rule("/course/grades", "grades", view_func=grades.index)
bp.add_url_rule("/course/grades", view_func=grades.send_all_again, methods=["POST"])
bp.add_url_rule("/course/grades/<uuid:score_id>", view_func=grades.send_again, methods=["POST"])
bp.add_url_rule("/course/choose", view_func=choosing.choose, methods=["GET", "POST"])
bp.add_url_rule("/course/choose/cancel", view_func=choosing.cancel_choice, methods=["POST"])
bp.add_url_rule("/course/join", view_func=people.own_account)
bp.add_url_rule("/lti/join/<token>", view_func=people.join, methods=["GET", "POST"])
bp.add_url_rule("/administration/lti/people", view_func=people.people)
bp.add_url_rule("/administration/lti/people/<uuid:identity_id>/merge", view_func=people.merge, methods=["GET", "POST"])
