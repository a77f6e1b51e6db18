"""Submitted entries as readers flag passages of them: the version they read, and when another was handed in."""

import uuid
from collections.abc import Collection, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.anonymity.policies import Subject
from certify.anonymity.queries import flaggable
from certify.cohorts.models import Enrolment
from certify.logbook.models import EntryContent, EntryVersion, LogbookEntry
from certify.logbook.policies import READABLE_BY_STAFF, texts_of


@flaggable("logbook_version")
def versions_to_flag(session: Session, ids: Collection[uuid.UUID]) -> Iterator[Subject]:
    """Give versions of entries, with what their author wrote in them; one statement."""
    newest = (
        select(func.max(EntryVersion.submitted_at))
        .where(EntryVersion.entry_id == LogbookEntry.id)
        .correlate(LogbookEntry)
        .scalar_subquery()
    )
    query = (
        select(EntryVersion, LogbookEntry, Enrolment.user_id, newest)
        .join(LogbookEntry, LogbookEntry.id == EntryVersion.entry_id)
        .join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
        .where(EntryVersion.id.in_(ids))
    )
    for version, entry, author_id, handed_in_at in session.execute(query):
        content = EntryContent.from_document(version.content)
        # Files are evidence of their own: their titles are flagged there.
        texts = tuple((field, label, text) for field, label, text in texts_of(content) if text and field != "evidence")
        yield Subject(
            kind="logbook_version", id=version.id, training_body_id=entry.training_body_id, author_id=author_id,
            enrolment_id=entry.enrolment_id, title=content.title, texts=texts, address=f"/logbook/{entry.id}",
            own_address=f"/logbook/{entry.id}", is_handed_in=entry.state in READABLE_BY_STAFF,
            handed_in_at=handed_in_at,
        )  # fmt: skip
