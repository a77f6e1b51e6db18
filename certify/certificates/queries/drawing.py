"""What the pages of documents read: the organisation that issues them, and what it saved."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates.models import DocumentSettings
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.organisations.models import Organisation


def issuer_for(session: Session, actor: Actor, organisation_id: uuid.UUID) -> Organisation:
    """Return an organisation whose documents the actor may set; NotFound otherwise."""
    allowed = Organisation.id.in_(actor.organisations(Permission.DOCUMENT_WRITE))
    found = session.scalars(select(Organisation).where(Organisation.id == organisation_id, allowed)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def issuers(session: Session, actor: Actor) -> list[Organisation]:
    """Return the organisations whose documents the actor may set, by name."""
    allowed = Organisation.id.in_(actor.organisations(Permission.DOCUMENT_WRITE))
    return list(session.scalars(select(Organisation).where(allowed).order_by(Organisation.name, Organisation.id)))


def saved_versions(session: Session, organisation_id: uuid.UUID, template: str) -> list[tuple[DocumentSettings, str]]:
    """Return every version saved of a template with whoever saved it, the last first, in one statement."""
    query = (
        select(DocumentSettings, User)
        .join(User, User.id == DocumentSettings.saved_by_id)
        .where(DocumentSettings.organisation_id == organisation_id, DocumentSettings.template == template)
        .order_by(DocumentSettings.number.desc())
    )
    return [(row, user.name) for row, user in session.execute(query)]
