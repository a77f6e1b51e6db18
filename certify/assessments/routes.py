"""Addresses of assessments, in the order an assessor, or a trainee on their own path, meets them."""

from flask import Blueprint

from certify.assessments.views import grids

bp = Blueprint("assessments", __name__)
bp.add_url_rule("/assessments", "index", grids.index)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/assessments", "start", grids.start, methods=["GET", "POST"])
bp.add_url_rule("/self-assessment", "own", grids.own)
bp.add_url_rule("/self-assessment", "start_own", grids.start_own, methods=["POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/edit", "edit", grids.edit, methods=["GET", "POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/autosave", "autosave", grids.autosave, methods=["POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/sign", "sign", grids.sign, methods=["GET", "POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/discard", "discard", grids.discard, methods=["POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>", "show", grids.show)
bp.add_url_rule("/assessments/<uuid:assessment_id>/correct", "correct", grids.correct, methods=["POST"])
