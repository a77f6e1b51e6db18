"""Addresses of files before a jury, in the order a trainee, then the staff, meets them."""

from flask import Blueprint

from certify.eligibility import views

bp = Blueprint("eligibility", __name__)
bp.add_url_rule("/file", "own_file", views.own_file)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/files", "cohort", views.cohort)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/file", "file", views.file)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/file/derogations", "waive", views.waive, methods=["POST"])
bp.add_url_rule("/trainees/<uuid:enrolment_id>/file/derogations/withdraw", "withdraw", views.withdraw, methods=["POST"])
bp.add_url_rule("/trainees/<uuid:enrolment_id>/file/documents", "receive", views.receive, methods=["POST"])
bp.add_url_rule("/trainees/<uuid:enrolment_id>/file/documents/strike", "strike_out", views.strike_out, methods=["POST"])
