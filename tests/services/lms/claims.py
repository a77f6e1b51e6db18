"""What the platform says of a launch: claims of the size and shape Moodle 4.5 gives them."""

import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.services.lms.people import Course, Link, Person
from tests.services.lms.vocabulary import (
    ABSENT,
    CLAIM,
    DATA_PRIVACY,
    DEEP_LINKING,
    DEEP_LINKING_REQUEST,
    GRADES_CLAIM,
    ROSTER_CLAIM,
    SHORT_CLAIMS,
    SUBMISSION_REVIEW,
)

if TYPE_CHECKING:
    from tests.services.lms.platform import Platform

LIFE_SECONDS = 60
"""How long Moodle's tokens live."""


def made(platform: "Platform", person: Person, message: str, course: Course, link: Link | None) -> dict[str, Any]:
    """Return all the claims of a launch that nothing is wrong with."""
    claims = _common(platform, person, message)
    if message == DATA_PRIVACY:
        return claims | {f"{CLAIM}for_user": {"user_id": person.sub}}
    claims |= _about_course(platform, person, course, link)
    if message == DEEP_LINKING_REQUEST:
        return claims | {f"{DEEP_LINKING}deep_linking_settings": _deep_linking(platform, course)}
    if link is not None:
        claims |= _about_link(platform, course, link)
    if message == SUBMISSION_REVIEW:
        claims[f"{CLAIM}for_user"] = {"user_id": platform.learner.sub, "roles": list(platform.learner.roles)}
    return claims


def changed(claims: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return claims with some changed, by whole or short name, or left out (`ABSENT`)."""
    result = dict(claims) | {SHORT_CLAIMS.get(name, name): value for name, value in overrides.items()}
    return {name: value for name, value in result.items() if value is not ABSENT}


def _common(platform: "Platform", person: Person, message: str) -> dict[str, Any]:
    now = int(time.time())
    claims: dict[str, Any] = {
        "nonce": uuid.uuid4().hex,
        "iat": now,
        "exp": now + LIFE_SECONDS,
        "iss": platform.issuer,
        "aud": platform.client_id,
        f"{CLAIM}deployment_id": platform.deployment_id,
        f"{CLAIM}target_link_uri": platform.tool.target_link_uri,
        "sub": person.sub,
        f"{CLAIM}roles": sorted(person.roles),
        f"{CLAIM}message_type": message,
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}launch_presentation": {
            "locale": platform.locale,
            "document_target": "iframe",
            "return_url": f"{platform.url}/mod/lti/return.php?course=2&launch_container=3&instanceid=7&sesskey=mQ7r",
        },
        f"{CLAIM}tool_platform": {
            "product_family_code": platform.product,
            "version": "2024100706",
            "guid": uuid.uuid5(uuid.NAMESPACE_URL, platform.issuer).hex,
            "name": "Plateforme de formation",
            "description": "Formations des Maisons",
        },
        f"{CLAIM}ext": {"user_username": f"compte-{person.sub}", "lms": "moodle-2"},
        "locale": platform.locale,
    }
    if person.mentored:
        claims[f"{CLAIM}role_scope_mentor"] = list(person.mentored)
    return claims | platform.shared_identity(person)


def _about_course(platform: "Platform", person: Person, course: Course, link: Link | None) -> dict[str, Any]:
    services = f"{platform.url}/mod/lti/services.php"
    bindings = f"{services}/CourseSection/{course.id}/bindings/{platform.type_id}"
    claims: dict[str, Any] = {
        f"{CLAIM}lis": {"person_sourcedid": "", "course_section_sourcedid": ""},
        f"{CLAIM}context": {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": ["CourseSection"],
        },
        f"{CLAIM}custom": {
            **_substituted(platform, person, course),
            "context_memberships_url": f"{bindings}/memberships",
            "link_setting_url": f"{services}/links/{{link_id}}/custom",
            **(link.custom if link else {}),
        },
    }
    if platform.grade_scopes:
        claims[GRADES_CLAIM] = {"scope": list(platform.grade_scopes), "lineitems": platform.gradebook.list_url(course)}
    if platform.has_roster:
        claims[ROSTER_CLAIM] = {
            "context_memberships_url": platform.roster_url(course),
            "service_versions": ["1.0", "2.0"],
        }
    return claims


def _about_link(platform: "Platform", course: Course, link: Link) -> dict[str, Any]:
    claims: dict[str, Any] = {
        f"{CLAIM}resource_link": {"title": link.title, "description": "<p>Lien vers certify</p>", "id": link.id}
    }
    if link.url:
        claims[f"{CLAIM}target_link_uri"] = link.url
    columns = platform.gradebook.columns_of_link(link.id)
    if columns and platform.grade_scopes:
        claims[GRADES_CLAIM] = {
            "scope": list(platform.grade_scopes),
            "lineitems": platform.gradebook.list_url(course),
            # Only when there is exactly one (AGS 2.0 section 3.1.2).
            **({"lineitem": columns[0].url} if len(columns) == 1 else {}),
        }
    return claims


def _deep_linking(platform: "Platform", course: Course) -> dict[str, Any]:
    return {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_lineitem": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "deep_link_return_url": platform.return_url(course),
        "title": "Ajouter une activité",
        "text": "Choisir ce que le lien ouvre",
    }


def _substituted(platform: "Platform", person: Person, course: Course) -> dict[str, str]:
    known = {
        "$Context.id.history": ",".join(course.history),
        "$Context.id": course.id,
        "$User.id": person.sub,
        "$User.username": f"compte-{person.sub}",
        "$Person.name.full": person.name,
        "$Moodle.Person.userGroupIds": "",
    }
    supported = {name: value for name, value in known.items() if name.removeprefix("$") in platform.variables}
    return {name: supported.get(value, value) for name, value in platform.custom_parameters.items()}
