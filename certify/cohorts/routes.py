"""Addresses of cohorts and enrolments."""

from flask import Blueprint

from certify.cohorts.views import cohorts, enrolments, imports

bp = Blueprint("cohorts", __name__)
bp.add_url_rule("/cohorts", "index", cohorts.index)
bp.add_url_rule("/cohorts/new", "new", cohorts.new, methods=["GET", "POST"])
bp.add_url_rule("/cohorts/<uuid:cohort_id>/edit", "edit", cohorts.edit, methods=["GET", "POST"])
bp.add_url_rule("/cohorts/<uuid:cohort_id>/enrolments", "enrolments", enrolments.index)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/enrolments/new", "enrol", enrolments.new, methods=["GET", "POST"])
bp.add_url_rule("/cohorts/import-model.csv", "import_model", imports.model)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/import", "import_list", imports.new)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/import/preview", "import_preview", imports.preview, methods=["POST"])
bp.add_url_rule("/cohorts/<uuid:cohort_id>/import/confirm", "import_confirm", imports.confirm, methods=["POST"])
bp.add_url_rule("/enrolments/<uuid:enrolment_id>", "enrolment", enrolments.show)
bp.add_url_rule("/enrolments/<uuid:enrolment_id>", "amend_enrolment", enrolments.amend, methods=["POST"])
bp.add_url_rule("/enrolments/<uuid:enrolment_id>/invitation", "invite_again", enrolments.invite_again, methods=["POST"])
