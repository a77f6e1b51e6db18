"""Addresses of the weekly mail."""

from flask import Blueprint

from certify.reminders import views

bp = Blueprint("reminders", __name__)
bp.add_url_rule("/account/reminders", "settings", views.settings, methods=["GET", "POST"])
bp.add_url_rule("/reminders/<token>", "decline", views.decline, methods=["GET", "POST"])
