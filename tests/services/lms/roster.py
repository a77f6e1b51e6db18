"""The members of a course (NRPS 2.0), as Moodle lists them or as the specification has it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.services.lms.people import Course, Person
from tests.services.lms.refusals import refuse
from tests.services.lms.vocabulary import CLAIM, MEMBERSHIP

if TYPE_CHECKING:
    from tests.services.lms.platform import Platform


def members_of(platform: "Platform", course: Course, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the members that a query asks for."""
    wanted = query.get("role", "").removeprefix(MEMBERSHIP)
    link_id = query.get("rlid")
    if link_id is not None and not any(link.id == link_id for link in platform.links if link.course is course):
        refuse(404, f"course {course.id} has no link {link_id}")
    return [
        _member(platform, person, link_id)
        for person in course.people.values()
        if not wanted or any(role.removeprefix(MEMBERSHIP) == wanted for role in person.roles)
    ]


def container(course: Course, url: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a page of members with what surrounds it."""
    return {
        "id": url,
        "context": {"id": course.id, "label": course.label, "title": course.title},
        "members": members,
    }


def _member(platform: "Platform", person: Person, link_id: str | None) -> dict[str, Any]:
    roles = [role.removeprefix(MEMBERSHIP) for role in person.roles] if platform.has_short_roles else list(person.roles)
    member: dict[str, Any] = {"user_id": person.sub, "roles": roles, **platform.shared_identity(person)}
    if person.status:
        member["status"] = person.status
    if link_id is not None:
        message_type = f"{CLAIM}message_type"
        member["message"] = [{message_type: "LtiResourceLinkRequest", f"{CLAIM}custom": {"user_id": person.sub}}]
    return member
