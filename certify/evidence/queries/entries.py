"""Reads about the evidence of many entries at once."""

import uuid
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.evidence.models import EvidenceItem, EvidenceLink, EvidenceState


def indicators_of_entries(session: Session, entry_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    """Return what each entry illustrates, by itself or by its files, in one statement."""
    query = (
        select(EvidenceItem.entry_id, EvidenceLink.indicator)
        .join(EvidenceLink, EvidenceLink.evidence_id == EvidenceItem.id)
        .where(
            EvidenceItem.entry_id.in_(entry_ids),
            EvidenceItem.state != EvidenceState.REMOVED,
            EvidenceLink.retired_at.is_(None),
        )
        .distinct()
        .order_by(EvidenceLink.indicator)
    )
    found: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
    for entry_id, indicator in session.execute(query):
        if entry_id is not None:
            found[entry_id].append(indicator)
    return {entry_id: tuple(codes) for entry_id, codes in found.items()}
