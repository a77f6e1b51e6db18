"""Reads about what leaves in a file: a version with its content, a draft too once it has no fault."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.core.i18n import lazy as _l
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries.versions import Adopted, framework_of, version_for


@dataclass(frozen=True)
class Exported:
    """A version and its content, with the moment this content dates from."""

    adopted: Adopted
    framework: competencies.Framework
    changed: datetime


def exported(session: Session, actor: Actor, version_id: uuid.UUID) -> Exported:
    """Return a version to be written as a file; a draft with faults is a conflict."""
    adopted = version_for(session, actor, version_id)
    version = adopted.version
    if version.state is not VersionState.DRAFT:
        return Exported(adopted, framework_of(session, version_id), changed_at(version))
    content = session.scalars(select(FrameworkVersion.content).where(FrameworkVersion.id == version_id)).one()
    return Exported(adopted, _without_fault(content), changed_at(version))


def _without_fault(content: object) -> competencies.Framework:
    try:
        return competencies.from_document(content)
    except competencies.FrameworkFaults as refusal:
        raise Conflict(
            _l(
                "Ce brouillon a encore des points à corriger (%(count)s) : il s’exporte quand il n’en a plus.",
                count=len(refusal.faults),
            )
        ) from refusal


def changed_at(version: FrameworkVersion) -> datetime:
    """Return when the content of a version last changed."""
    return version.activated_at or version.saved_at or version.created_at
