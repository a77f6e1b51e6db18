"""Keys of an organisation's badges: made when first needed, replaced when the registrar wants, never forgotten."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.badges import keyring, queries
from certify.badges.keyring import NewKey
from certify.badges.models import BadgeKey
from certify.core import audit, clock, keys, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.organisations.models import Organisation
from certify.settings import Settings

LISTS_DUE = "badge.lists.due"


def ensure_keys(session: Session, settings: Settings, organisation_id: uuid.UUID, made: Sequence[NewKey]) -> None:
    """Keep the keys just made for an organisation, unless it has some."""
    if queries.keys_in_use(session, organisation_id):
        return
    made = made or keyring.new_pair()
    organisation = lock(session, organisation_id)
    if not queries.keys_in_use(session, organisation_id):
        kept = _keep(session, settings, organisation_id, made)
        audit.record(
            session, None, "badge:key:made", organisation, organisation_id=organisation_id,
            kept=[key.name for key in kept],
        )  # fmt: skip


def lock(session: Session, organisation_id: uuid.UUID) -> Organisation:
    """Have whatever prepares the badges of one organisation follow each other; rows that name it do not wait."""
    query = select(Organisation).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _keep(session: Session, settings: Settings, organisation_id: uuid.UUID, made: Sequence[NewKey]) -> list[BadgeKey]:
    moment, known = clock.now(), queries.keys_of(session, organisation_id)
    kept = []
    for key in made:
        start = f"{key.kind.value}-{moment.year}-"
        number = 1 + sum(1 for one in known if one.name.startswith(start))
        kept.append(
            BadgeKey(
                id=new_id(), organisation_id=organisation_id, kind=key.kind, name=f"{start}{number}",
                private_key=keys.close(settings, key.secret), public_jwk=key.public_jwk, created_at=moment,
            )
        )  # fmt: skip
    session.add_all(kept)
    session.flush()
    return kept


def rotate(
    session: Session, settings: Settings, actor: Actor, organisation: Organisation, *, expected: Sequence[str],
    made: Sequence[NewKey] = (),
) -> list[BadgeKey]:  # fmt: skip
    """Begin to sign with new keys; what is signed stays valid, since the old keys stay published.

    Raises Conflict when the keys in use are no longer those the page showed.
    """
    made = made or keyring.new_pair()
    lock(session, organisation.id)
    in_use = queries.keys_in_use(session, organisation.id)
    if sorted(key.name for key in in_use) != sorted(expected):
        raise Conflict(_l("Ces clés viennent d’être renouvelées. Vérifiez, puis recommencez si besoin."))
    moment = clock.now()
    for key in in_use:
        key.retired_at = moment
    kept = _keep(session, settings, organisation.id, made)
    audit.record(
        session, actor, "badge:key:rotated", organisation, organisation_id=organisation.id,
        retired=[key.name for key in in_use], kept=[key.name for key in kept],
    )  # fmt: skip
    for line in queries.standing_of(session, organisation.id).lists:
        outbox.send(session, LISTS_DUE, list_id=line.list.id)
    return kept
