"""Addresses of what is seen: a cohort at a glance, a trainee's progress."""

from flask import Blueprint

from certify.reports.views import seeing

bp = Blueprint("reports", __name__)
bp.add_url_rule("/cohorts/<uuid:cohort_id>", "cohort", seeing.cohort)
bp.add_url_rule("/trainees/<uuid:enrolment_id>", "trainee", seeing.trainee)
bp.add_url_rule("/progress", "own_progress", seeing.own_progress)
