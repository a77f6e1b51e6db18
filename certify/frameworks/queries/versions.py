"""Reads about framework versions, limited to those a person is concerned with."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select, union
from sqlalchemy.orm import Session

import competencies
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.organisations.models import Habilitation, Organisation

BodySource = Callable[[Actor], Select[*tuple[Any, ...]]]
_BODY_SOURCES: list[BodySource] = []
_KEPT = 64
_parsed: dict[uuid.UUID, competencies.Framework] = {}


@dataclass(frozen=True)
class Adopted:
    """One version in a list, with the certifying body it belongs to."""

    version: FrameworkVersion
    certifying_body: str

    @property
    def state(self) -> VersionState:
        """Where the version stands in its life."""
        return self.version.state

    def title(self, locale: str) -> str:
        """Return the title in the reader's language."""
        return self.version.title_en if locale == "en" else self.version.title_fr


def certifying_bodies_from(source: BodySource) -> BodySource:
    """Register where a person meets certifying bodies: a function that, for an actor, selects their ids."""
    _BODY_SOURCES.append(source)
    return source


@certifying_bodies_from
def bodies_of_organisations(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Select the certifying bodies in which the actor holds a role."""
    return select(Organisation.id).where(Organisation.id.in_(actor.organisations(Permission.FRAMEWORK_READ)))


@certifying_bodies_from
def bodies_that_habilitate(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Select the certifying bodies that habilitate, or habilitated, the training bodies of the actor."""
    return select(Habilitation.certifying_body_id).where(
        Habilitation.training_body_id.in_(actor.organisations(Permission.FRAMEWORK_READ))
    )


def framework_of(session: Session, version_id: uuid.UUID) -> competencies.Framework:
    """Return the framework of a version; its content never changes, so each process reads it once."""
    found = _parsed.get(version_id)
    if found is None:
        row = session.execute(
            select(FrameworkVersion.content, FrameworkVersion.state).where(FrameworkVersion.id == version_id)
        ).one_or_none()
        if row is None or row.state is VersionState.DRAFT:
            # What a draft holds changes, and may not be a framework yet: `queries.drafts` reads it.
            raise NotFound()
        content = row.content
        if len(_parsed) >= _KEPT:
            _parsed.pop(next(iter(_parsed)), None)
        found = _parsed[version_id] = competencies.from_document(content)
    return found


def active_versions(session: Session, certifying_body_ids: Iterable[uuid.UUID]) -> list[FrameworkVersion]:
    """Return the versions that new cohorts may be made on, by title then newest version first."""
    query = select(FrameworkVersion).where(
        FrameworkVersion.certifying_body_id.in_(list(certifying_body_ids)),
        FrameworkVersion.state == VersionState.ACTIVE,
    )
    return list(session.scalars(query.order_by(FrameworkVersion.title_fr, FrameworkVersion.version.desc())))


def visible_versions(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Select the versions a person is concerned with, each with the name of its certifying body."""
    bodies = union(*(source(actor) for source in _BODY_SOURCES)).subquery()
    own = actor.organisations(Permission.FRAMEWORK_READ)
    return (
        select(FrameworkVersion, Organisation.name)
        .join(Organisation, Organisation.id == FrameworkVersion.certifying_body_id)
        .where(
            FrameworkVersion.certifying_body_id.in_(select(bodies)),
            or_(FrameworkVersion.state != VersionState.DRAFT, FrameworkVersion.certifying_body_id.in_(own)),
        )
    )


def version_for(session: Session, actor: Actor, version_id: uuid.UUID) -> Adopted:
    """Return one version; raise NotFound when the person is not concerned with it."""
    row = session.execute(visible_versions(actor).where(FrameworkVersion.id == version_id)).one_or_none()
    if row is None:
        raise NotFound()
    version, name = row
    return Adopted(version, name)
