"""Addresses of evidence."""

from flask import Blueprint

from certify.evidence import views

bp = Blueprint("evidence", __name__)
bp.add_url_rule("/evidence/<uuid:item_id>/file", "file", views.file)
bp.add_url_rule("/evidence/<uuid:item_id>/indicators", "describe", views.describe, methods=["GET", "POST"])
bp.add_url_rule("/evidence/<uuid:item_id>/remove", "remove", views.remove, methods=["POST"])
