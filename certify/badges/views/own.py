"""One's own badge: what it is, where to keep it, whether everybody may see it."""

import uuid
from urllib.parse import urlencode

from flask import current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from certify.badges import queries, services
from certify.badges.models import Badge
from certify.badges.views import answers, issuer
from certify.certificates import queries as certificates
from certify.certificates.queries import Certificate
from certify.core import pdf
from certify.core.access import PUBLIC, Permission, requires
from certify.core.clock import PARIS
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _

_WALLET_MINUTES = 60
_LINKEDIN = "https://www.linkedin.com/profile/add"


@requires(Permission.OWN_CERTIFICATE_READ)
def show(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Show one's badge, and what can be done with it."""
    certificate = queries.held_certificate(db.session, g.actor, certificate_id)
    badge = queries.badge_of(db.session, certificate.id)
    wallet = _wallet_address(badge) if badge is not None else ""
    return render_template(
        "badges/own.html", certificate=certificate, facts=certificate.facts, badge=badge, wallet=wallet,
        wallet_minutes=_WALLET_MINUTES, wallet_code=pdf.qr_data_uri(wallet) if wallet else "",
        state=certificates.states_of(db.session, [certificate.id])[certificate.id],
        public_address=answers.publisher_of(badge.organisation_id).badge(badge.id) if badge is not None else "",
        linkedin=linkedin_address(certificate, badge) if badge is not None else "",
    )  # fmt: skip


def linkedin_address(certificate: Certificate, badge: Badge) -> str:
    """Return the address that proposes a badge to somebody's own LinkedIn profile; it sends nothing by itself."""
    issued = certificate.issued_at.astimezone(PARIS)
    check = answers.settings().public_url.rstrip("/") + url_for("certificates.verify", code=certificate.code)
    values: dict[str, object] = {
        "startTask": "CERTIFICATION_NAME", "name": badge.document["name"],
        "organizationName": certificate.facts["certifier"], "issueYear": issued.year, "issueMonth": issued.month,
        "certUrl": check, "certId": certificate.number,
    }  # fmt: skip
    if certificate.expires_on is not None:
        values |= {"expirationYear": certificate.expires_on.year, "expirationMonth": certificate.expires_on.month}
    return f"{_LINKEDIN}?{urlencode(values)}"


def _badge(certificate_id: uuid.UUID) -> Badge:
    certificate = queries.held_certificate(db.session, g.actor, certificate_id)
    badge = queries.badge_of(db.session, certificate.id)
    if badge is None:
        raise NotFound()
    return badge


@requires(Permission.OWN_CERTIFICATE_READ)
def file(certificate_id: uuid.UUID, form: str) -> ResponseReturnValue:
    """Give one's badge as a file."""
    badge = _badge(certificate_id)
    answer = issuer.file_of(badge, form)
    # Nobody else's page may read it with the visitor's session.
    del answer.headers["Access-Control-Allow-Origin"]
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-cache"
    disposition = "inline" if form == "png" else "attachment"
    answer.headers["Content-Disposition"] = f"{disposition}; filename=badge-{badge.id.hex[:8]}.{form}"
    return answer


@requires(Permission.OWN_CERTIFICATE_READ)
def publish(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Show one's badge to everybody."""
    services.publish(db.session, g.actor, _badge(certificate_id))
    flash(_("Votre badge est public : toute personne qui en a l’adresse peut le voir et le vérifier."), "success")
    return redirect(url_for("badges.mine", certificate_id=certificate_id), code=303)


@requires(Permission.OWN_CERTIFICATE_READ)
def withdraw(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Show one's badge to nobody any more."""
    services.withdraw(db.session, g.actor, _badge(certificate_id))
    flash(_("Votre badge n’est plus public. Ce que vous avez déjà transmis reste vérifiable."), "success")
    return redirect(url_for("badges.mine", certificate_id=certificate_id), code=303)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="badges.wallet")


def _wallet_address(badge: Badge) -> str:
    path = url_for("badges.wallet", token=_signer().dumps(badge.id.hex))
    return answers.settings().public_url.rstrip("/") + path


@requires(PUBLIC)
def wallet(token: str) -> ResponseReturnValue:
    """Give a badge to the wallet of its holder, who has no session there: the address works for an hour."""
    try:
        badge_id = uuid.UUID(hex=_signer().loads(token, max_age=_WALLET_MINUTES * 60))
    except BadSignature:
        raise NotFound(
            _("Cette adresse ne fonctionne plus : ouvrez de nouveau la page de votre badge pour en avoir une autre.")
        ) from None
    answer = issuer.file_of(db.session.get_one(Badge, badge_id), "json")
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
