"""What a launch says of its course, its link and its person's part in them, kept up to date.

What it says is told by functions of their own (`course_said`…): also asked by launches that find nothing to change.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from certify.core.access import Role
from certify.core.types import new_id
from certify.lti.models import (
    Context,
    Deployment,
    Identity,
    LtiMembership,
    Placement,
    Registration,
    ResourceLink,
    Target,
)
from certify.lti.protocol.claims import Message
from certify.lti.protocol.roles import DEFAULT_MAPPING, mapped
from certify.lti.queries import launches as queries
from certify.lti.services import grades

OPEN = "certify_open"
"""Custom parameter by which an administrator chooses what a link made by hand opens."""
_TARGETS = frozenset(Target)
KEPT_ROLES = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where a launch leads: a person, their course and link, and the part they have there."""

    organisation_id: uuid.UUID
    deployment_id: uuid.UUID
    identity_id: uuid.UUID
    user_id: uuid.UUID
    context_id: uuid.UUID | None
    cohort_id: uuid.UUID | None
    link_id: uuid.UUID | None
    target: Target | None
    role: Role | None
    is_enrolled: bool


class Pointing(Protocol):
    """A link, as far as what it opens is concerned."""

    @property
    def placement_id(self) -> uuid.UUID | None:
        """What a teacher placed."""


class RoleMapping(Protocol):
    """A registration, as far as the roles of its platform are concerned."""

    @property
    def role_mapping(self) -> dict[str, Any]:
        """Certify role by LMS role name, where the organisation changed the default."""


def role_of(registration: RoleMapping, roles: tuple[str, ...]) -> Role | None:
    """Return the role that the organisation gives to roles of its platform; none gives no right."""
    found = mapped(roles, {**DEFAULT_MAPPING, **registration.role_mapping})
    return Role(found) if found else None


def course_said(message: Message) -> dict[str, Any]:
    """Return what a launch says of its course; what the platform keeps back changes nothing."""
    claim = message.context
    texts = {"title": claim.title, "label": claim.label} if claim is not None else {}
    said: dict[str, Any] = {name: text for name, text in texts.items() if text}
    if message.memberships_url:
        said["memberships_url"] = message.memberships_url
    if message.ags is not None:
        said |= {"line_items_url": message.ags.line_items_url, "ags_scopes": list(message.ags.scopes)}
    return said


def member_said(registration: RoleMapping, message: Message) -> dict[str, Any]:
    """Return what a launch says of its person's part in the course."""
    return {"roles": list(message.roles[:KEPT_ROLES]), "role": role_of(registration, message.roles)}


def is_first_today(launched_at: datetime | None, now: datetime) -> bool:
    """Whether a person comes for the first time today: noted once a day, not at every launch."""
    return launched_at is None or launched_at.date() != now.date()


def link_said(known: Pointing, context_id: uuid.UUID | None, message: Message) -> dict[str, Any]:
    """Return what a launch says of its link, but for what was placed there."""
    title = message.link.title if message.link is not None else ""
    line_item_url = message.ags.line_item_url if message.ags is not None else ""
    wanted = message.custom.get(OPEN, "")
    said = {"title": title, "context_id": context_id, "line_item_url": line_item_url}
    if known.placement_id is None and wanted in _TARGETS:
        said["target"] = Target(wanted)
    return {name: value for name, value in said.items() if value}


def is_placed_anew(known: Pointing, message: Message) -> bool:
    """Whether a launch brings something else placed by a teacher than what its link is known to open."""
    return bool(message.placement_id) and str(known.placement_id or "") != message.placement_id


def agrees(row: object, said: Mapping[str, Any]) -> bool:
    """Whether something is already kept as a launch says it."""
    return all(getattr(row, name) == value for name, value in said.items())


def course(
    session: Session, deployment: Deployment, known: Context | None, message: Message, *, now: datetime
) -> Context | None:
    """Return the course of a launch, made or brought up to date; a copy remembers which one it was made from."""
    claim = message.context
    if claim is None:
        return None
    context = known
    if context is None:
        context = Context(
            id=new_id(), deployment_id=deployment.id, lms_id=claim.id, created_at=now, memberships_url="",
            line_items_url="", ags_scopes=[], id_history=list(message.id_history), title=claim.title, label=claim.label,
        )  # fmt: skip
        earlier = queries.earlier_course(session, deployment.id, message.id_history)
        context.copied_from_id = earlier.id if earlier else None
        session.add(context)
    _set(context, **course_said(message))
    return context


def member(
    session: Session,
    registration: Registration,
    context: Context | None,
    identity: Identity,
    known: LtiMembership | None,
    message: Message,
    *,
    now: datetime,
) -> LtiMembership | None:
    """Return the part a person has in a course, as the platform says at this launch."""
    if context is None:
        return None
    said = member_said(registration, message)
    if known is None:
        known = LtiMembership(
            id=new_id(), context_id=context.id, identity_id=identity.id, source="launch", joined_at=now,
            launched_at=now, active=True, **said,
        )  # fmt: skip
        session.add(known)
        return known
    _set(known, **said, active=True, left_at=None)
    if is_first_today(known.launched_at, now):
        known.launched_at = now
    return known


def link(
    session: Session,
    registration: Registration,
    deployment: Deployment,
    context: Context | None,
    known: ResourceLink | None,
    message: Message,
    *,
    now: datetime,
) -> ResourceLink | None:
    """Return the link that was followed, with what it opens."""
    claim = message.link
    if claim is None:
        return None
    if known is None:
        known = ResourceLink(
            id=new_id(), deployment_id=deployment.id, lms_id=claim.id, created_at=now, title=claim.title,
            line_item_url="",
        )  # fmt: skip
        session.add(known)
    if is_placed_anew(known, message):
        _place(session, registration, context, known, message)
    said = link_said(known, context.id if context else None, message)
    is_new_column = said.get("line_item_url", known.line_item_url) != known.line_item_url
    _set(known, **said)
    if is_new_column and context is not None and known.placement_id is not None:
        session.flush()
        placed = session.get_one(Placement, known.placement_id)
        grades.adopt_column(session, context, known, placed, known.line_item_url)
    return known


def _place(
    session: Session, registration: Registration, context: Context | None, link: ResourceLink, message: Message
) -> None:
    """Have a link open what a teacher placed there."""
    found = queries.placement(session, message.placement_id, registration.organisation_id)
    if found is not None:
        placed, origin = found
        link.placement_id, link.target = placed.id, placed.target
        if context is not None and origin.id != context.id and context.cohort_id is None:
            context.copied_from_id = context.copied_from_id or origin.id


def _set(row: object, **values: object) -> None:
    """Change what differs, so that a launch like the one before writes nothing."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
