"""Addresses of evidence."""

from flask import Blueprint

from certify.evidence.views import files, prior

bp = Blueprint("evidence", __name__)
bp.add_url_rule("/evidence/<uuid:item_id>/file", "file", files.file)
bp.add_url_rule("/evidence/<uuid:item_id>/indicators", "describe", files.describe, methods=["GET", "POST"])
bp.add_url_rule("/evidence/<uuid:item_id>/remove", "remove", files.remove, methods=["POST"])
bp.add_url_rule("/prior-learning", "prior", prior.index)
bp.add_url_rule("/prior-learning/new", "new_prior", prior.new, methods=["GET", "POST"])
bp.add_url_rule("/prior-learning/waiting", "prior_reviews", prior.waiting)
bp.add_url_rule("/prior-learning/<uuid:item_id>", "prior_piece", prior.show)
bp.add_url_rule("/prior-learning/<uuid:item_id>", "answer_prior", prior.answer, methods=["POST"])
bp.add_url_rule("/prior-learning/<uuid:item_id>/edit", "edit_prior", prior.edit, methods=["GET", "POST"])
bp.add_url_rule("/prior-learning/<uuid:item_id>/remove", "remove_prior", prior.remove, methods=["POST"])
bp.add_url_rule("/trainees/<uuid:enrolment_id>/prior-learning", "prior_of", prior.of_trainee)
