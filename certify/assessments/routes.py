"""Addresses of assessments, in the order an assessor, or a trainee on their own path, meets them."""

from flask import Blueprint

from certify.assessments.views import agreement, comparing, grids, habilitations, verifying

bp = Blueprint("assessments", __name__)
bp.add_url_rule("/assessments", "index", grids.index)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/assessments", "start", grids.start, methods=["GET", "POST"])
bp.add_url_rule("/self-assessment", "own", grids.own)
bp.add_url_rule("/self-assessment", "start_own", grids.start_own, methods=["POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/edit", "edit", grids.edit, methods=["GET", "POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/autosave", "autosave", grids.autosave, methods=["POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/sign", "sign", grids.sign, methods=["GET", "POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/leave-out", "leave_out", grids.leave_out, methods=["POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/discard", "discard", grids.discard, methods=["POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>", "show", grids.show)
bp.add_url_rule("/assessments/<uuid:assessment_id>/correct", "correct", grids.correct, methods=["POST"])
bp.add_url_rule("/self-assessment/comparison", "own_comparison", comparing.own_comparison)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/comparison", "compare", comparing.compare)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/competencies/<code>", "competency", comparing.competency)
bp.add_url_rule(
    "/trainees/<uuid:enrolment_id>/competencies/<code>/retained", "retain", comparing.retain, methods=["GET", "POST"]
)
bp.add_url_rule("/assessors", "habilitations", habilitations.habilitations)
bp.add_url_rule("/assessors/new", "new_habilitation", habilitations.new_habilitation, methods=["GET", "POST"])
bp.add_url_rule(
    "/assessors/<uuid:habilitation_id>/end", "end_habilitation", habilitations.end_habilitation, methods=["POST"]
)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/agreement", "agreement", agreement.agreement)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/agreement/ratings", "agreement_ratings", agreement.agreement_ratings)
bp.add_url_rule("/assessments/<uuid:assessment_id>/double", "double", verifying.double, methods=["GET", "POST"])
bp.add_url_rule("/assessments/<uuid:assessment_id>/pair", "pair", verifying.pair)
bp.add_url_rule(
    "/cohorts/<uuid:cohort_id>/verification", "verification", verifying.verification, methods=["GET", "POST"]
)
bp.add_url_rule("/verifications/<uuid:draw_id>", "verification_draw", verifying.verification_draw)
bp.add_url_rule(
    "/verifications/assessments/<uuid:verification_id>", "verify", verifying.verify, methods=["GET", "POST"]
)
