"""Freezing what is handed in: what an assessor saw never changes."""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.evidence import policies, queries
from certify.evidence.models import EvidenceItem, EvidenceState, EvidenceVersion


def hand_over(
    session: Session, actor: Actor, enrolment: Enrolment, item: EvidenceItem, missing: Iterable[tuple[str, Any]],
    *, faces_checked: bool,
) -> EvidenceVersion:  # fmt: skip
    """Give a piece to the trainers, frozen as it is.

    Raises Invalid on the first field of `missing`, and when the piece lets somebody be recognised.
    """
    for field, message in missing:
        raise Invalid(message, field)
    require_anonymous(session, enrolment.id, policies.texts_of(item))
    vouch_for_faces(item, is_vouched=faces_checked)
    item.state = EvidenceState.SUBMITTED
    return freeze(session, actor, enrolment, item)


def freeze(session: Session, actor: Actor, enrolment: Enrolment, item: EvidenceItem) -> EvidenceVersion:
    """Keep a piece as it is handed in, under the next number."""
    session.flush()
    before = queries.latest_version(session, item.id)
    version = EvidenceVersion(
        id=new_id(), item_id=item.id, framework_version_id=enrolment.framework_version_id,
        number=before.number + 1 if before else 1, content=frozen_content(item), submitted_at=clock.now(),
        submitted_by_id=actor.user_id, answer="",
    )  # fmt: skip
    session.add(version)
    return version


def vouch_for_faces(item: EvidenceItem, *, is_vouched: bool) -> None:
    """Note that its author saw no face and no name in a picture or a video; refuse to hand it in otherwise."""
    if not policies.may_show_somebody(item):
        return
    if is_vouched:
        item.faces_checked_at = clock.now()
    if item.faces_checked_at is None:
        raise Invalid(
            _l(
                "Regardez encore cette image : si aucun visage ni aucun nom ne s’y voit, cochez la case. "
                "Sinon, remplacez le fichier."
            ),
            "faces_checked",
        )


def vouch_for_entry(session: Session, entry_id: uuid.UUID, *, is_vouched: bool) -> None:
    """Do the same for every picture and video of a logbook entry; refused on the field « faces_checked »."""
    for item in queries.unchecked_pictures(session, entry_id):
        vouch_for_faces(item, is_vouched=is_vouched)


def frozen_content(item: EvidenceItem) -> dict[str, Any]:
    """Return everything that a piece says, as it is kept."""
    file = {
        "name": item.filename, "media_type": item.media_type, "size": item.size, "sha256": item.sha256,
        "key": item.storage_key,
    }  # fmt: skip
    return {
        "kind": item.kind.value,
        "title": item.title,
        "account": item.account,
        "url": item.url,
        "obtained_on": item.obtained_on.isoformat() if item.obtained_on else None,
        "facts": item.facts,
        "file": file if item.storage_key else None,
        "links": {link.indicator: link.reflection for link in item.links},
    }
