"""Addresses of supervision, in the order its people meet them."""

from flask import Blueprint

from certify.supervision.views import lists, planning, sessions, signing

bp = Blueprint("supervision", __name__)
_SESSION = "/supervision/<uuid:supervision_id>"
bp.add_url_rule("/supervision", "index", lists.index)
bp.add_url_rule("/supervision/own", "own", lists.own)
bp.add_url_rule("/supervision/totals", "totals", lists.totals)
bp.add_url_rule("/supervision/new", "new", planning.new, methods=["GET", "POST"])
bp.add_url_rule(_SESSION, "show", sessions.show)
bp.add_url_rule(f"{_SESSION}/edit", "edit", planning.edit, methods=["GET", "POST"])
bp.add_url_rule(f"{_SESSION}/attendance", "record_presence", sessions.record_presence, methods=["POST"])
bp.add_url_rule(f"{_SESSION}/notes", "notes", sessions.notes, methods=["GET", "POST"])
bp.add_url_rule(f"{_SESSION}/sign", "sign", signing.sign, methods=["POST"])
bp.add_url_rule(f"{_SESSION}/sign/<uuid:enrolment_id>", "sign_here", signing.sign_here, methods=["GET", "POST"])
bp.add_url_rule(f"{_SESSION}/cancel", "cancel", planning.cancel, methods=["POST"])
bp.add_url_rule(f"{_SESSION}/sheet.pdf", "sheet", sessions.sheet)
