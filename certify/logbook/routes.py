"""Addresses of the logbook, in the order a trainee, then a trainer, meets them."""

from flask import Blueprint

from certify.logbook.views import reading, reviewing, writing

bp = Blueprint("logbook", __name__)
bp.add_url_rule("/logbook", "index", reading.index)
bp.add_url_rule("/logbook/new", "new", writing.new, methods=["GET", "POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/edit", "edit", writing.edit, methods=["GET", "POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/autosave", "autosave", writing.autosave, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/evidence", "attach", writing.attach, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/submit", "submit", writing.submit, methods=["GET", "POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/discard", "discard", writing.discard, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>/resume", "resume", writing.resume, methods=["POST"])
bp.add_url_rule("/logbook/<uuid:entry_id>", "show", reading.show)
bp.add_url_rule("/trainees/<uuid:enrolment_id>/logbook", "trainee", reading.trainee)
bp.add_url_rule("/reviews", "reviews", reviewing.queue)
bp.add_url_rule("/reviews/<uuid:entry_id>", "review", reviewing.review, methods=["GET", "POST"])
