"""Addresses of the pages that belong to no subject."""

from flask import Blueprint

from certify.pages import administration, mailbox, views

bp = Blueprint("pages", __name__)
bp.add_url_rule("/", "home", views.home)
bp.add_url_rule("/language", "switch_language", views.switch_language, methods=["POST"])
bp.add_url_rule("/organisation", "switch_organisation", views.switch_organisation, methods=["POST"])
bp.add_url_rule("/aide", "help", views.show_help)
bp.add_url_rule("/accessibilite", "accessibility", views.accessibility)
bp.add_url_rule("/mentions-legales", "legal", views.legal)
bp.add_url_rule("/administration", "administration", administration.show)
bp.add_url_rule("/administration/jobs", "administration_jobs", administration.jobs)
bp.add_url_rule(
    "/administration/jobs/<uuid:message_id>/retry", "administration_retry", administration.retry, methods=["POST"]
)
bp.add_url_rule("/administration/audit", "administration_audit", administration.audit)
bp.add_url_rule("/mailbox", "mailbox", mailbox.index)
bp.add_url_rule("/mailbox/<uuid:mail_id>", "mail", mailbox.show)
