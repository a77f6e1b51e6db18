"""Addresses of seals."""

from flask import Blueprint

from certify.seals import views

bp = Blueprint("seals", __name__)
bp.add_url_rule("/seals", "index", views.index)
bp.add_url_rule("/seals/authority.pem", "authority", views.authority)
bp.add_url_rule("/organisations/<uuid:organisation_id>/seal", "show", views.show)
bp.add_url_rule("/organisations/<uuid:organisation_id>/seal/keys", "make", views.make, methods=["POST"])
bp.add_url_rule("/organisations/<uuid:organisation_id>/seal/file", "bring", views.bring, methods=["POST"])
bp.add_url_rule("/organisations/<uuid:organisation_id>/seal/device", "declare", views.declare, methods=["POST"])
bp.add_url_rule("/seals/<uuid:key_id>/certificate.pem", "certificate", views.certificate)
bp.add_url_rule("/seals/<uuid:key_id>/retire", "retire", views.retire, methods=["POST"])
