"""Addresses of civil identities: one's own, then those of others."""

from flask import Blueprint

from certify.identities import views

bp = Blueprint("identities", __name__)
_OF = "/trainees/<uuid:enrolment_id>/identity"
bp.add_url_rule("/identity", "own", views.own)
bp.add_url_rule("/identity", "give", views.give, methods=["POST"])
bp.add_url_rule("/identity/number", "keep_own_number", views.keep_own_number, methods=["POST"])
bp.add_url_rule("/identity/number/remove", "remove_own_number", views.remove_own_number, methods=["POST"])
bp.add_url_rule("/identities", "index", views.index)
bp.add_url_rule(_OF, "show", views.show)
bp.add_url_rule(f"{_OF}/check", "check", views.check, methods=["POST"])
bp.add_url_rule(f"{_OF}/edit", "edit", views.edit, methods=["GET", "POST"])
bp.add_url_rule(f"{_OF}/number", "keep_number", views.keep_number, methods=["POST"])
bp.add_url_rule(f"{_OF}/number/remove", "remove_number", views.remove_number, methods=["POST"])
