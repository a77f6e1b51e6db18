"""Addresses of cohorts and enrolments."""

from flask import Blueprint

from certify.cohorts.views import attendance, cohorts, enrolments, imports, pauses, vae

bp = Blueprint("cohorts", __name__)
_HALF_DAYS = "/cohorts/<uuid:cohort_id>/attendance"
_HALF_DAY = f"{_HALF_DAYS}/<uuid:half_day_id>"
_ENROLMENT = "/enrolments/<uuid:enrolment_id>"
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
bp.add_url_rule(_HALF_DAYS, "attendance", attendance.index)
bp.add_url_rule(_HALF_DAYS, "plan_attendance", attendance.plan, methods=["POST"])
bp.add_url_rule(f"{_HALF_DAYS}/trainees", "attendance_totals", attendance.totals)
bp.add_url_rule(_HALF_DAY, "attendance_sheet", attendance.sheet)
bp.add_url_rule(_HALF_DAY, "record_attendance", attendance.record, methods=["POST"])
bp.add_url_rule(f"{_HALF_DAY}/print", "attendance_print", attendance.printable)
bp.add_url_rule(f"{_HALF_DAY}/cancel", "cancel_half_day", attendance.cancel, methods=["POST"])
bp.add_url_rule("/attendance", "own_attendance", attendance.own)
bp.add_url_rule(f"{_ENROLMENT}/pause", "pause", pauses.show)
bp.add_url_rule(f"{_ENROLMENT}/pause", "suspend", pauses.suspend, methods=["POST"])
bp.add_url_rule(f"{_ENROLMENT}/pause/end", "resume", pauses.resume, methods=["POST"])
bp.add_url_rule(f"{_ENROLMENT}/vae", "vae", vae.show)
bp.add_url_rule(f"{_ENROLMENT}/vae", "record_vae_step", vae.record, methods=["POST"])
bp.add_url_rule(f"{_ENROLMENT}/vae/strike", "strike_vae_step", vae.strike, methods=["POST"])
bp.add_url_rule("/vae/own", "own_vae", vae.own)
bp.add_url_rule("/vae", "vae_files", vae.files)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/vae", "cohort_vae_files", vae.cohort_files)
