"""Members of a course, from the names and roles service: https://www.imsglobal.org/spec/lti-nrps/v2p0."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from certify.lti.client.http import Unreachable
from certify.lti.client.paging import asking, pages
from certify.lti.models import Registration
from certify.lti.protocol import names
from certify.settings import Settings

_ACCEPT = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_LONGEST = 255
_GONE = frozenset({"inactive", "deleted"})


@dataclass(frozen=True)
class Member:
    """A person of a course; what the platform did not send is empty."""

    sub: str
    name: str
    given_name: str
    family_name: str
    email: str
    roles: tuple[str, ...]
    """As sent, in their short or their full form."""
    active: bool


def members(
    session: Session,
    settings: Settings,
    registration: Registration,
    url: str,
    *,
    link_id: str = "",
    on_page: Callable[[int], None] | None = None,
) -> list[Member]:
    """Return every member of a course, or those who may open one link of it; `on_page` hears how many were read.

    Unreachable when a page cannot be read: a part of a roster would pass for the whole of it.
    """
    found: dict[str, Member] = {}
    first = asking(url, rlid=link_id)
    for document in pages(session, settings, registration, (names.MEMBERSHIP_READ,), first, accept=_ACCEPT):
        for member in _members(document):
            before = found.get(member.sub)
            found[member.sub] = member if before is None else _together(before, member)
        if on_page is not None:
            on_page(len(found))
    return list(found.values())


def _members(document: Any) -> Iterator[Member]:
    listed = document.get("members") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise Unreachable("not-json", "no list of members in the roster")
    for one in listed:
        sub = one.get("user_id") if isinstance(one, dict) else None
        if isinstance(sub, int) and not isinstance(sub, bool):
            sub = str(sub)
        if isinstance(sub, str) and 0 < len(sub) <= _LONGEST and "\0" not in sub:
            yield _member(sub, one)


def _member(sub: str, one: dict[str, Any]) -> Member:
    roles = one.get("roles")
    listed = [roles] if isinstance(roles, str) else roles if isinstance(roles, list) else []
    status = one.get("status")
    return Member(
        sub,
        _text(one.get("name")),
        _text(one.get("given_name")),
        _text(one.get("family_name")),
        _text(one.get("email")),
        tuple(dict.fromkeys(_text(role) for role in listed if isinstance(role, str) and role.strip())),
        not (isinstance(status, str) and status.strip().lower() in _GONE),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip()[:_LONGEST]


def _together(before: Member, again: Member) -> Member:
    """Return one member for a person listed twice, as some platforms do with each section of a course."""
    roles = tuple(dict.fromkeys(before.roles + again.roles))
    return replace(before, roles=roles, active=before.active or again.active)
