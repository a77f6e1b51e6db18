"""Notes of sessions as readers flag passages of them."""

import uuid
from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.anonymity.models import TextFlag
from certify.anonymity.policies import Mask, Subject
from certify.anonymity.queries import flaggable, masks_of
from certify.core.i18n import lazy as _l
from certify.supervision.models import SupervisionSession

KIND = "supervision_session"


@flaggable(KIND)
def notes_to_flag(session: Session, ids: Collection[uuid.UUID]) -> Iterator[Subject]:
    """Give the notes of sessions; who led one is asked to write them again."""
    for held in session.scalars(select(SupervisionSession).where(SupervisionSession.id.in_(ids))):
        address = f"/supervision/{held.id}"
        yield Subject(
            kind=KIND, id=held.id, training_body_id=held.training_body_id, author_id=held.supervisor_id,
            enrolment_id=None, title=held.kind.label, texts=(("notes", _l("Notes"), held.notes),) if held.notes else (),
            address=address, own_address=f"{address}/notes", is_handed_in=bool(held.notes), handed_in_at=held.notes_at,
        )  # fmt: skip


def standing_masks(session: Session, held: SupervisionSession) -> tuple[Mask, ...]:
    """Return the flagged passages of the notes as they stand: places in what was written before mean nothing now."""
    masks = masks_of(session, [held.id]).get(held.id, ())
    if not masks or held.notes_at is None:
        return masks
    of_older = select(TextFlag.id).where(TextFlag.subject_id == held.id, TextFlag.flagged_at < held.notes_at)
    older = set(session.scalars(of_older))
    return tuple(one for one in masks if one.flag_id not in older)


def was_flagged(session: Session, held: SupervisionSession) -> bool:
    """Whether a passage of the notes was ever flagged, even one written over since."""
    return bool(masks_of(session, [held.id]))
