"""Addresses of declarations, in the order a registrar meets them."""

from flask import Blueprint

from certify.declarations import views

bp = Blueprint("declarations", __name__)
_DEPOSIT = "/declarations/deposits/<uuid:deposit_id>"
bp.add_url_rule("/declarations", "index", views.index)
bp.add_url_rule("/declarations/depositor", "depositor", views.depositor, methods=["GET", "POST"])
bp.add_url_rule("/declarations/deposits", "prepare", views.prepare, methods=["POST"])
bp.add_url_rule(_DEPOSIT, "show", views.show)
bp.add_url_rule(f"{_DEPOSIT}/file", "file", views.file)
bp.add_url_rule(f"{_DEPOSIT}/submit", "submit", views.submit, methods=["POST"])
bp.add_url_rule(f"{_DEPOSIT}/cancel", "cancel", views.cancel, methods=["POST"])
bp.add_url_rule(f"{_DEPOSIT}/receipt", "receive", views.receive, methods=["POST"])
