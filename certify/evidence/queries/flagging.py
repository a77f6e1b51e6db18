"""Pieces of evidence as readers flag passages of them: what their author handed in last."""

import uuid
from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from certify.anonymity.policies import Subject
from certify.anonymity.queries import flaggable
from certify.cohorts.models import Enrolment
from certify.core.i18n import lazy as _l
from certify.evidence.models import EvidenceItem, EvidenceState, EvidenceVersion
from certify.evidence.queries.reading import as_handed_in, as_it_stands

_HANDED_IN = (EvidenceState.SUBMITTED, EvidenceState.RETURNED, EvidenceState.ACCEPTED, EvidenceState.REPLACED)


@flaggable("evidence_item")
def pieces_to_flag(session: Session, ids: Collection[uuid.UUID]) -> Iterator[Subject]:
    """Give pieces of evidence, with what their author wrote of them; three statements."""
    query = (
        select(EvidenceItem, Enrolment.user_id)
        .join(Enrolment, Enrolment.id == EvidenceItem.enrolment_id)
        .where(EvidenceItem.id.in_(ids))
        .options(selectinload(EvidenceItem.links))
    )
    versions = select(EvidenceVersion).where(EvidenceVersion.item_id.in_(ids)).order_by(EvidenceVersion.number)
    latest = {version.item_id: version for version in session.scalars(versions)}
    for item, author_id in session.execute(query):
        version = latest.get(item.id)
        shown = as_handed_in(version) if version else as_it_stands(item)
        texts = [("title", _l("Titre"), shown.title), ("account", _l("Texte"), shown.account)]
        texts += [(f"reflection-{code}", _l("Réflexion pour %(code)s", code=code), text) for code, text in shown.links]
        yield Subject(
            kind="evidence_item", id=item.id, training_body_id=item.training_body_id, author_id=author_id,
            enrolment_id=item.enrolment_id, title=shown.title, texts=tuple(one for one in texts if one[2]),
            address=f"/evidence/{item.id}", own_address=f"/evidence/{item.id}",
            is_handed_in=item.state in _HANDED_IN, handed_in_at=version.submitted_at if version else None,
        )  # fmt: skip
