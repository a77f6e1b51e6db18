"""The texts a trainee starts entries from."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core.access import Actor
from certify.core.errors import NotFound
from certify.logbook.models import EntryTemplate


def own_templates(session: Session, enrolment_id: uuid.UUID) -> list[EntryTemplate]:
    """Return the templates of a logbook that are still in use, by name."""
    query = select(EntryTemplate).where(EntryTemplate.enrolment_id == enrolment_id, EntryTemplate.retired_at.is_(None))
    return list(session.scalars(query.order_by(EntryTemplate.name, EntryTemplate.id)))


def own_template(session: Session, actor: Actor, template_id: uuid.UUID, *, lock: bool = False) -> EntryTemplate:
    """Return a template of the actor's own that is still in use; NotFound otherwise."""
    query = (
        select(EntryTemplate)
        .join(Enrolment, Enrolment.id == EntryTemplate.enrolment_id)
        .where(
            EntryTemplate.id == template_id,
            Enrolment.user_id == actor.user_id,
            EntryTemplate.retired_at.is_(None),
        )
    )
    if lock:
        query = query.with_for_update(of=EntryTemplate).execution_options(populate_existing=True)
    template = session.scalars(query).one_or_none()
    if template is None:
        raise NotFound
    return template
