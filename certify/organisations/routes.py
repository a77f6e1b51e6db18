"""Addresses of organisations."""

from flask import Blueprint

from certify.organisations import views

bp = Blueprint("organisations", __name__)
bp.add_url_rule("/organisations", "index", views.index)
bp.add_url_rule("/organisations/<uuid:organisation_id>", "show", views.show)
bp.add_url_rule("/organisations/<uuid:organisation_id>/members", "add_member", views.add_member, methods=["POST"])
bp.add_url_rule("/memberships/<uuid:membership_id>/end", "end_membership", views.end_membership, methods=["POST"])
