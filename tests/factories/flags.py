"""Passages that readers flagged."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.anonymity import queries
from certify.anonymity.models import TextFlag
from certify.anonymity.policies import digest_of_passage
from certify.core import clock
from certify.core.types import new_id
from certify.logbook.models import EntryVersion


def make_flag_of_somebody(session: Session) -> TextFlag:
    """Flag the first words of the first version of an entry there is."""
    version = session.scalars(select(EntryVersion).order_by(EntryVersion.id).limit(1)).one()
    subject = queries.subjects_of(session, [("logbook_version", version.id)])[version.id]
    field, _label, text = subject.texts[0]
    flag = TextFlag(
        id=new_id(), enrolment_id=subject.enrolment_id, author_id=subject.author_id,
        training_body_id=subject.training_body_id, subject_kind=subject.kind, subject_id=subject.id, field=field,
        start=0, end=5, digest=digest_of_passage(text[:5]), flagged_by_id=subject.author_id, flagged_at=clock.now(),
    )  # fmt: skip
    session.add(flag)
    session.flush()
    return flag
