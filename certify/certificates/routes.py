"""Addresses of certificates: issue, register, one's own, public check."""

from flask import Blueprint

from certify.certificates.views import public, register

bp = Blueprint("certificates", __name__)
bp.add_url_rule("/juries/<uuid:jury_id>/certificates", "of_session", register.of_session)
bp.add_url_rule("/juries/<uuid:jury_id>/certificates", "issue_session", register.issue_session, methods=["POST"])
bp.add_url_rule("/certificates", "index", register.index)
bp.add_url_rule("/certificates/<uuid:certificate_id>", "show", register.show)
bp.add_url_rule("/certificates/<uuid:certificate_id>/revoke", "revoke", register.revoke, methods=["POST"])
bp.add_url_rule("/certificates/<uuid:certificate_id>/reinstate", "reinstate", register.reinstate, methods=["POST"])
bp.add_url_rule("/certificates/<uuid:certificate_id>/file", "file", register.file)
bp.add_url_rule("/my-certificates", "mine", register.mine)
bp.add_url_rule("/verify", "ask", public.ask, methods=["GET", "POST"])
bp.add_url_rule("/verify/<code>", "verify", public.verify)
