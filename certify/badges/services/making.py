"""Making the badge of a certificate: once, from its frozen facts, whatever job is killed on the way."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.badges import contents, keyring, openbadges, pictures, queries
from certify.badges.addresses import Publisher
from certify.badges.models import Achievement, Badge, StatusList
from certify.badges.openbadges import SignedBadge
from certify.badges.services import keeping
from certify.badges.services.keeping import LISTS_DUE
from certify.certificates.queries import Certificate, CertificateState
from certify.core import audit, clock, files, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.core.files import StoredFile
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.organisations.models import Organisation
from certify.settings import Settings

DUE = "badge.due"


@dataclass(frozen=True)
class Made:
    """A badge signed, its picture stored; not in the register yet."""

    badge: SignedBadge
    slug: str
    achievement: dict[str, Any]
    list_id: uuid.UUID
    index: int
    picture: StoredFile


def prepare_issuer(session: Session, certificate: Certificate) -> None:
    """See that the organisation has a list with room for one more badge, then ask for the badge.

    Its keys are there already.
    """
    _see_to_list(session, certificate.certifying_body_id)
    outbox.send(session, DUE, certificate_id=certificate.id)


def _see_to_list(session: Session, organisation_id: uuid.UUID) -> None:
    if queries.open_list(session, organisation_id) is None:
        keeping.lock(session, organisation_id)
        if queries.open_list(session, organisation_id) is None:
            _begin_list(session, organisation_id)


def _begin_list(session: Session, organisation_id: uuid.UUID) -> None:
    taken = select(StatusList.number).where(StatusList.organisation_id == organisation_id)
    number = 1 + max(session.scalars(taken), default=0)
    added = StatusList(id=new_id(), organisation_id=organisation_id, number=number, created_at=clock.now())
    session.add(added)
    session.flush()
    outbox.send(session, LISTS_DUE, list_id=added.id)


def make_badge(session: Session, settings: Settings, certificate: Certificate) -> Made:
    """Sign the badge of a certificate and store its picture; reads only, and always the same when begun again."""
    organisation_id = certificate.certifying_body_id
    publisher = Publisher(settings.public_url, organisation_id)
    row = queries.open_list(session, organisation_id)
    if row is None:
        raise Conflict(_l("La liste d’état des badges de cet organisme manque."))
    index = _free_index(session, certificate.id, row)
    slug, document = contents.achievement(publisher, certificate)
    known = queries.achievement_of(session, organisation_id, slug)
    document = dict(known.document) if known is not None else document
    holder = session.get(User, certificate.holder_id)
    claim = contents.claim(
        publisher, certificate, document, email="" if holder is None or holder.is_external else holder.email,
        bits=contents.statuses(publisher, row.number, index),
    )  # fmt: skip
    signer = keyring.signer(settings, publisher, queries.keys_in_use(session, organisation_id))
    badge = openbadges.sign(claim, signer)
    content = openbadges.baked(pictures.drawn(document["name"], certificate.facts["certifier"]), badge.document)
    # Named after its content: what a killed job left behind is the same bytes, or is never looked at.
    identity = uuid.UUID(bytes=hashlib.sha256(content).digest()[:16])
    picture = files.keep(content, f"{certificate.number}.png", "image/png", folder="badges", identity=identity)
    return Made(badge, slug, document, row.id, index, picture)


def _free_index(session: Session, certificate_id: uuid.UUID, row: StatusList) -> int:
    turn = 0
    while queries.is_index_taken(
        session, row.id, index := contents.drawn_index(certificate_id, row.id, turn, row.length)
    ):
        turn += 1
    return index


def keep_badge(session: Session, certificate: Certificate, made: Made) -> Badge:
    """Enter a signed badge in the register, unless it is there; the next list begins when this one is full."""
    keeping.lock(session, certificate.certifying_body_id)
    # The list is the lock: two badges never get one index, and a list is never read while one enters it.
    query = select(StatusList).where(StatusList.id == made.list_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    if (known := queries.badge_of(session, certificate.id)) is not None:
        return known
    if queries.is_index_taken(session, row.id, made.index):
        raise Conflict(_l("Cette place de la liste d’état vient d’être prise."))
    state, moment = _locked_state(session, certificate), clock.now()
    if queries.achievement_of(session, row.organisation_id, made.slug) is None:
        session.add(
            Achievement(
                organisation_id=row.organisation_id, slug=made.slug, document=made.achievement, created_at=moment
            )
        )
    badge = Badge(
        id=contents.identifier("credential", certificate.id), certificate_id=certificate.id,
        organisation_id=row.organisation_id, subject_id=contents.identifier("subject", certificate.id),
        list_id=row.id, status_index=made.index, jwt=made.badge.jwt, document=made.badge.document,
        picture_key=made.picture.key, picture_sha256=made.picture.sha256, picture_size=made.picture.size,
        issued_at=moment,
    )  # fmt: skip
    session.add(badge)
    row.taken += 1
    session.flush()
    # Badges asked for before wait for a list, and nothing else would begin one.
    _see_to_list(session, row.organisation_id)
    if state is not CertificateState.VALID:
        outbox.send(session, LISTS_DUE, list_id=row.id)
    return badge


def _locked_state(session: Session, certificate: Certificate) -> CertificateState:
    """Return the state of a certificate, which nobody changes before the badge is in the register.

    Whoever changes it earlier is seen here; whoever changes it later finds the badge, and publishes its list.
    """
    query = select(Certificate).where(Certificate.id == certificate.id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one().state


def ask_for_missing(session: Session, actor: Actor, organisation: Organisation) -> int:
    """Ask for the badge of every certificate that has none, such as those of before badges; return how many."""
    query = select(Certificate.id).where(Certificate.certifying_body_id == organisation.id, queries.without_badge())
    missing = list(session.scalars(query.order_by(Certificate.issued_at, Certificate.id)))
    if missing:
        _see_to_list(session, organisation.id)
    for certificate_id in missing:
        outbox.send(session, DUE, certificate_id=certificate_id)
    audit.record(
        session, actor, "badge:record:asked", organisation, organisation_id=organisation.id, count=len(missing)
    )
    return len(missing)
