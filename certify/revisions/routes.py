"""Addresses of moves to a later version of a framework."""

from flask import Blueprint

from certify.revisions import views

bp = Blueprint("revisions", __name__)
bp.add_url_rule("/cohorts/<uuid:cohort_id>/versions", "index", views.index)
bp.add_url_rule(
    "/cohorts/<uuid:cohort_id>/versions/<uuid:version_id>", "preview", views.preview, methods=["GET", "POST"]
)
bp.add_url_rule("/enrolments/<uuid:enrolment_id>/versions", "history", views.history)
