"""Addresses of assessments, in the order an assessor, or a trainee on their own path, meets them."""

from flask import Blueprint

from certify.assessments import views

bp = Blueprint("assessments", __name__)
bp.add_url_rule("/assessments", "index", views.index)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/assessments", "start", views.start, methods=["GET", "POST"])
bp.add_url_rule("/self-assessment", "own", views.own)
bp.add_url_rule("/self-assessment", "start_own", views.start_own, methods=["POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/edit", "edit", views.edit, methods=["GET", "POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/autosave", "autosave", views.autosave, methods=["POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/sign", "sign", views.sign, methods=["GET", "POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/discard", "discard", views.discard, methods=["POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>", "show", views.show)
bp.add_url_rule("/assessments/<uuid:assessment_id>/correct", "correct", views.correct, methods=["POST"])
