"""Addresses of frameworks."""

from flask import Blueprint

from certify.frameworks import views

bp = Blueprint("frameworks", __name__)
bp.add_url_rule("/frameworks", "index", views.index)
bp.add_url_rule("/frameworks/<uuid:version_id>", "show", views.show)
