"""Addresses of the guard: first names a trainee declares, passages that readers flag."""

from flask import Blueprint

from certify.anonymity import views

bp = Blueprint("anonymity", __name__)
bp.add_url_rule("/declared-names", "names", views.names, methods=["GET", "POST"])
bp.add_url_rule("/declared-names/withdraw", "withdraw_names", views.withdraw_names, methods=["POST"])
bp.add_url_rule("/flags", "flags", views.flags)
bp.add_url_rule("/flags/<kind>/<uuid:subject_id>", "flag", views.flag, methods=["GET", "POST"])
bp.add_url_rule("/flags/<uuid:flag_id>/withdraw", "withdraw", views.withdraw, methods=["POST"])
