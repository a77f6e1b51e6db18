"""Addresses of badges: one's own, the registrar's keys, what an organisation publishes for everybody."""

from flask import Blueprint

from certify.badges.views import issuer, keys, own

bp = Blueprint("badges", __name__)
bp.add_url_rule("/my-certificates/<uuid:certificate_id>/badge", "mine", own.show)
bp.add_url_rule("/my-certificates/<uuid:certificate_id>/badge/file.<form>", "file", own.file)
bp.add_url_rule("/my-certificates/<uuid:certificate_id>/badge/publish", "publish", own.publish, methods=["POST"])
bp.add_url_rule("/my-certificates/<uuid:certificate_id>/badge/withdraw", "withdraw", own.withdraw, methods=["POST"])
bp.add_url_rule("/wallet/<token>", "wallet", own.wallet)
bp.add_url_rule("/organisations/<uuid:organisation_id>/badges", "keys", keys.show)
bp.add_url_rule("/organisations/<uuid:organisation_id>/badges/keys", "rotate", keys.rotate, methods=["POST"])
bp.add_url_rule(
    "/organisations/<uuid:organisation_id>/badges/missing", "make_missing", keys.make_missing, methods=["POST"]
)
bp.add_url_rule("/o/<body>", "issuer", issuer.page)
bp.add_url_rule("/o/<body>/did.json", "did", issuer.did)
bp.add_url_rule("/o/<body>/jwks.json", "jwks", issuer.jwks)
bp.add_url_rule("/o/<body>/keys/<name>.jwk", "key", issuer.key)
bp.add_url_rule("/o/<body>/status/<int:number>/<purpose>.<form>", "status", issuer.status)
bp.add_url_rule("/o/<body>/achievements/<slug>", "achievement", issuer.achievement)
bp.add_url_rule("/o/<body>/achievements/<slug>.png", "picture", issuer.picture)
bp.add_url_rule("/o/<body>/badges/<badge>", "published", issuer.badge)
bp.add_url_rule("/o/<body>/badges/<badge>.<form>", "published_file", issuer.badge_file)
