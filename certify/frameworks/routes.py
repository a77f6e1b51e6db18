"""Addresses of frameworks."""

from flask import Blueprint

from certify.frameworks.views import reading

bp = Blueprint("frameworks", __name__)
bp.add_url_rule("/frameworks", "index", reading.index)
bp.add_url_rule("/frameworks/<uuid:version_id>", "show", reading.show)
