"""Addresses of accounts; signing in and second factors are Flask-Security's."""

from flask import Blueprint

from certify.accounts import views

bp = Blueprint("accounts", __name__)
bp.add_url_rule("/invitation/<token>", "invitation", views.invitation, methods=["GET", "POST"])
bp.add_url_rule("/account", "show", views.show, methods=["GET", "POST"])
bp.add_url_rule("/account/second-factor", "second_factor", views.second_factor)
bp.add_url_rule("/account/second-factor/changed", "second_factor_changed", views.second_factor_changed)
bp.add_url_rule("/account/sessions/<uuid:session_id>/end", "end_session", views.end_session, methods=["POST"])
bp.add_url_rule("/account/sessions/end-all", "end_all_sessions", views.end_all_sessions, methods=["POST"])
