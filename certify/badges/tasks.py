"""What happens after a certificate is issued or changes state: its badge is made, its status lists published."""

import uuid
from collections.abc import Iterable, Sequence

from flask import current_app
from sqlalchemy.orm import Session

from certify.badges import keyring, queries, services
from certify.badges.keyring import NewKey
from certify.badges.services import Made
from certify.badges.services.keeping import LISTS_DUE
from certify.badges.services.making import DUE
from certify.certificates.queries import TOPIC, Certificate, PublicLink, links_from
from certify.core import jobs, outbox
from certify.core.db import separate_session
from certify.core.i18n import lazy as _l
from certify.settings import Settings

TURNED = "certificate.turned"


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _certificate(session: Session, certificate_id: str) -> Certificate:
    return session.get_one(Certificate, uuid.UUID(certificate_id))


def make_missing_keys(session: Session, certificate_id: str) -> list[NewKey]:
    """Make the keys of the organisation that issues a certificate, if it has none."""
    certificate = _certificate(session, certificate_id)
    is_ready = certificate.kind not in queries.CERTIFIED or queries.keys_in_use(session, certificate.certifying_body_id)
    return [] if is_ready else keyring.new_pair()


@outbox.on(TOPIC, prepare=make_missing_keys)
def begin_badge(session: Session, certificate_id: str, prepared: Sequence[NewKey]) -> None:
    """Give the organisation its keys and a list, then have the badge made."""
    certificate = _certificate(session, certificate_id)
    if certificate.kind not in queries.CERTIFIED or queries.badge_of(session, certificate.id) is not None:
        return
    services.ensure_keys(session, _settings(), certificate.certifying_body_id, prepared)
    services.prepare_issuer(session, certificate)


def sign_badge(session: Session, certificate_id: str) -> Made | None:
    """Sign a badge, unless it is in the register."""
    certificate = _certificate(session, certificate_id)
    if queries.badge_of(session, certificate.id) is not None:
        return None
    return services.make_badge(session, _settings(), certificate)


@outbox.on(DUE, prepare=sign_badge)
def keep_badge(session: Session, certificate_id: str, prepared: Made | None) -> None:
    """Enter a signed badge in the register, in the transaction that marks the job done."""
    if prepared is not None:
        services.keep_badge(session, _certificate(session, certificate_id), prepared)


@outbox.on(TURNED)
def republish(session: Session, certificate_id: str) -> None:
    """Publish again the lists of a certificate whose state changed."""
    badge = queries.badge_of(session, uuid.UUID(certificate_id))
    if badge is not None:
        services.publish_list(session, _settings(), badge.list_id)


@outbox.on(LISTS_DUE)
def publish_lists(session: Session, list_id: str) -> None:
    """Publish a list again, in all its forms."""
    services.publish_list(session, _settings(), uuid.UUID(list_id))


@jobs.each_minute
def ask_for_lists() -> int:
    """Have lists published again long before readers stop believing them, or when the job of a change failed."""
    with separate_session() as session:
        count = services.ask_for_lists(session)
        session.commit()
    return count


@links_from
def published_badge(session: Session, certificate: Certificate) -> Iterable[PublicLink]:
    """Add to a certificate's public page the badge its holder publishes."""
    badge = queries.badge_of(session, certificate.id)
    if badge is not None and badge.published_at is not None:
        yield PublicLink(
            _l("Badge numérique Open Badges"), f"/o/{badge.organisation_id.hex}/badges/{badge.id.hex}", "award"
        )
