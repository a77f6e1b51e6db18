"""Addresses of computed evidence."""

from flask import Blueprint

from certify.practice import views

bp = Blueprint("practice", __name__)
bp.add_url_rule("/practice", "own", views.own)
bp.add_url_rule("/practice", "propose_own", views.propose_own, methods=["POST"])
bp.add_url_rule("/trainees/<uuid:enrolment_id>/computed", "of_trainee", views.of_trainee)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/computed", "propose_for", views.propose_for, methods=["POST"])
