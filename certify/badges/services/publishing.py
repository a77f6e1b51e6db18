"""Publishing status lists: both purposes, both formats, signed anew from what the register says at that moment."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.badges import contents, keyring, openbadges, queries
from certify.badges.addresses import Publisher
from certify.badges.models import PublishedStatus, StatusList, StatusPurpose
from certify.badges.openbadges import Signer
from certify.badges.services.keeping import LISTS_DUE
from certify.core import clock, outbox
from certify.settings import Settings

TTL_SECONDS = 300
"""How long a reader may keep a list."""
VALIDITY = timedelta(hours=48)
EVERY = timedelta(hours=12)


def publish_list(session: Session, settings: Settings, list_id: uuid.UUID) -> list[PublishedStatus]:
    """Publish a list again, in its four forms.

    The list is locked while it is read and signed, eight thousandths of a second: whoever publishes last says what is
    true last. A change of state that is not committed yet publishes after it is.
    """
    query = select(StatusList).where(StatusList.id == list_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    publisher = Publisher(settings.public_url, row.organisation_id)
    signer = keyring.signer(settings, publisher, queries.keys_in_use(session, row.organisation_id))
    known = {
        (one.purpose, one.format): one
        for one in session.scalars(select(PublishedStatus).where(PublishedStatus.list_id == row.id))
    }
    moment = clock.now().replace(microsecond=0)
    published = []
    for purpose in StatusPurpose:
        bits = queries.set_bits(session, row.id, purpose)
        for form in contents.FORMS:
            one = known.get((purpose, form)) or PublishedStatus(list_id=row.id, purpose=purpose, format=form)
            one.content = _signed(publisher, signer, row, purpose, form, bits, moment)
            one.published_at, one.valid_until = moment, moment + VALIDITY
            session.add(one)
            published.append(one)
    session.flush()
    return published


def _signed(
    publisher: Publisher, signer: Signer, row: StatusList, purpose: StatusPurpose, form: str, bits: list[int],
    moment: datetime,
) -> str:  # fmt: skip
    return openbadges.status_list(
        signer, issuer=publisher.did, address=publisher.status(row.number, purpose.value, form),
        purpose=purpose.value, form=form, indexes=bits, length=row.length, at=moment, until=moment + VALIDITY,
        ttl_seconds=TTL_SECONDS,
    )  # fmt: skip


def ask_for_lists(session: Session) -> int:
    """Ask for the lists that are half a day old, or do not say what happened since; return how many.

    Those asked for already are not asked for twice: their job is tried again by itself.
    """
    due = set(queries.lists_to_publish(session, clock.now() - EVERY)) - queries.lists_asked_for(session, LISTS_DUE)
    for list_id in sorted(due):
        outbox.send(session, LISTS_DUE, list_id=list_id)
    return len(due)
