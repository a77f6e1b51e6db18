"""Addresses of retention."""

from flask import Blueprint

from certify.retention import views

bp = Blueprint("retention", __name__)
bp.add_url_rule("/administration/retention", "index", views.index)
bp.add_url_rule("/administration/retention/log", "log", views.log)
bp.add_url_rule("/administration/retention/<code>", "period", views.period, methods=["GET", "POST"])
bp.add_url_rule("/administration/retention/<code>/purge", "purge", views.purge, methods=["POST"])
