"""Addresses of observations, in the order a trainee, then the referent, then a trainer, meet them."""

from flask import Blueprint

from certify.observations.views import asking, link, together

bp = Blueprint("observations", __name__)
bp.add_url_rule("/observations", "index", asking.index)
bp.add_url_rule("/observations/new", "new", asking.new, methods=["GET", "POST"])
bp.add_url_rule("/observations/<uuid:request_id>", "show", asking.show)
bp.add_url_rule("/observations/<uuid:request_id>/resend", "resend", asking.resend, methods=["POST"])
bp.add_url_rule("/observations/<uuid:request_id>/revoke", "revoke", asking.revoke, methods=["POST"])
bp.add_url_rule("/observe/<token>", "answer", link.answer, methods=["GET", "POST"])
bp.add_url_rule("/observe/<token>/autosave", "autosave", link.autosave, methods=["POST"])
bp.add_url_rule("/observe/<token>/review", "review", link.review, methods=["GET", "POST"])
bp.add_url_rule("/observe/<token>/thanks", "thanks", link.thanks)
bp.add_url_rule("/observe/<token>/contest", "contest", link.contest, methods=["GET", "POST"])
bp.add_url_rule("/observe/<token>/decline", "decline", link.decline, methods=["GET", "POST"])
bp.add_url_rule("/observations/<uuid:request_id>/together", "together", together.answer, methods=["GET", "POST"])
bp.add_url_rule(
    "/observations/<uuid:request_id>/together/autosave", "together_autosave", together.autosave, methods=["POST"]
)
bp.add_url_rule(
    "/observations/<uuid:request_id>/together/review", "together_review", together.review, methods=["GET", "POST"]
)
bp.add_url_rule("/observations/<uuid:request_id>/sign", "countersign", together.countersign, methods=["GET", "POST"])
bp.add_url_rule("/trainees/<uuid:enrolment_id>/observations", "trainee", asking.trainee)
