"""Addresses of the field: the page that works without a network, what it needs, what it sends, and its conflicts."""

from flask import Blueprint

from certify.field.views import conflicts, device, installing

bp = Blueprint("field", __name__)
bp.add_url_rule("/field", "shell", installing.shell)
bp.add_url_rule("/field/offline", "offline", installing.offline)
bp.add_url_rule("/field/procedure", "procedure", installing.procedure)
bp.add_url_rule("/manifest.webmanifest", "manifest", installing.manifest)
bp.add_url_rule("/sw.js", "worker", installing.worker)
bp.add_url_rule("/field/person.json", "person", device.person)
bp.add_url_rule("/field/data.json", "data", device.data)
bp.add_url_rule("/field/sync", "sync", device.sync, methods=["POST"])
bp.add_url_rule("/field/photo", "photo", device.photo, methods=["POST"])
bp.add_url_rule("/field/conflicts", "conflicts", conflicts.index)
bp.add_url_rule("/field/conflicts/<uuid:operation_id>", "resolve", conflicts.resolve, methods=["POST"])
