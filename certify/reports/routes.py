"""Addresses of what is seen: a cohort at a glance, a trainee's progress, results, and files made on demand."""

from flask import Blueprint

from certify.reports.views import exports, results, seeing, whole_file

bp = Blueprint("reports", __name__)
bp.add_url_rule("/cohorts/<uuid:cohort_id>", "cohort", seeing.cohort)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/heat-map", "ask_heat_map", exports.ask_heat_map, methods=["POST"])
bp.add_url_rule("/cohorts/<uuid:cohort_id>/proofs", "ask_proofs", exports.ask_proofs, methods=["POST"])
bp.add_url_rule("/cohorts/<uuid:cohort_id>/disputed", "disputed", seeing.disputed)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/results", "cohort_statistics", results.cohort_statistics)
bp.add_url_rule("/statistics", "statistics", results.statistics_page)
bp.add_url_rule("/trainees/<uuid:enrolment_id>", "trainee", seeing.trainee)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/whole-file", "trainee_file", whole_file.trainee_file)
bp.add_url_rule(
    "/trainees/<uuid:enrolment_id>/whole-file", "ask_trainee_file", exports.ask_trainee_file, methods=["POST"]
)
bp.add_url_rule("/progress", "own_progress", seeing.own_progress)
bp.add_url_rule("/progress/whole-file", "own_file", whole_file.own_file)
bp.add_url_rule("/progress/whole-file", "ask_own_file", exports.ask_own_file, methods=["POST"])
bp.add_url_rule("/juries/<uuid:jury_id>/archive", "ask_certificates", exports.ask_certificates, methods=["POST"])
bp.add_url_rule("/certificates/register/<uuid:organisation_id>", "ask_register", exports.ask_register, methods=["POST"])
bp.add_url_rule("/exports", "exports", exports.index)
bp.add_url_rule("/exports/<uuid:export_id>", "export", exports.show)
bp.add_url_rule("/exports/<uuid:export_id>", "ask_again", exports.ask_again, methods=["POST"])
bp.add_url_rule("/exports/<uuid:export_id>/file", "download", exports.download)
