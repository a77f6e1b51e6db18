"""Roles of a platform: reading the ways they are written, and what they stand for here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

NAMES = (
    "Learner",
    "Instructor",
    "TeachingAssistant",
    "Mentor",
    "ContentDeveloper",
    "Manager",
    "Member",
    "Officer",
    "Administrator",
)
"""Roles of a course that an organisation can map, in the order of its form."""

DEFAULT_MAPPING: Mapping[str, str] = MappingProxyType({"Learner": "trainee", "Instructor": "trainer"})
"""What a role stands for unless the organisation says otherwise; the others stand for nothing."""

_POWERS = ("trainee", "referent", "trainer", "coordinator")
"""What a role can be mapped to, the least powerful first."""

_V2 = ("http://purl.imsglobal.org/vocab/lis/v2/", "https://purl.imsglobal.org/vocab/lis/v2/")
_OLD = "urn:lti:"
_COURSE = frozenset(NAMES)
_ASSISTANT = "TeachingAssistant"
_TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"


class Reach(StrEnum):
    """Where a role is held: https://www.imsglobal.org/spec/lti/v1p3/#role-vocabularies."""

    COURSE = "course"
    INSTITUTION = "institution"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class LmsRole:
    """A role as a platform names it."""

    reach: Reach
    name: str
    part: str = ""
    """Sub-role, which narrows the role it belongs to."""

    @property
    def key(self) -> str:
        """Return the name it is mapped by: an assistant is no instructor, other sub-roles follow their role."""
        return _ASSISTANT if self.part.startswith(_ASSISTANT) else self.name


@lru_cache(maxsize=1024)
def parse(role: str) -> LmsRole | None:
    """Return a role written in any of the known ways, or nothing.

    https://www.imsglobal.org/spec/lti/v1p3/#role-vocabularies: full URI, short name in a course, sub-role
    `membership/Instructor#TeachingAssistant`; and the `urn:lti:` names of LTI 1.1 that some platforms still send.
    """
    if len(role) > 255:
        return None
    if role.startswith(_V2):
        return _written_in_full(role.partition("/v2/")[2])
    if role.startswith(_OLD):
        return _written_as_before(role[len(_OLD) :])
    if role == _TEST_USER:
        return LmsRole(Reach.SYSTEM, "TestUser")
    name, _, part = role.partition("#") if "#" in role else role.partition("/")
    return LmsRole(Reach.COURSE, name, part) if name in _COURSE else None


def _written_in_full(rest: str) -> LmsRole | None:
    path, separator, name = rest.partition("#")
    if not separator or not name:
        return None
    if path == "membership":
        return LmsRole(Reach.COURSE, name)
    # Older drafts and some platforms put a slash where the specification has none.
    if path.startswith("membership/"):
        core = path[len("membership/") :].strip("/")
        return LmsRole(Reach.COURSE, core, name) if core else LmsRole(Reach.COURSE, name)
    if path == "institution/person":
        return LmsRole(Reach.INSTITUTION, name)
    if path == "system/person":
        return LmsRole(Reach.SYSTEM, name)
    return None


_BEFORE = {"role:ims/lis/": Reach.COURSE, "instrole:ims/lis/": Reach.INSTITUTION, "sysrole:ims/lis/": Reach.SYSTEM}


def _written_as_before(rest: str) -> LmsRole | None:
    for start, reach in _BEFORE.items():
        if rest.startswith(start):
            name, _, part = rest[len(start) :].partition("/")
            # LTI 1.1 counted the assistants as a role of their own.
            return LmsRole(reach, name, "" if name == "TeachingAssistant" else part) if name else None
    return None


def in_course(roles: Iterable[str]) -> tuple[LmsRole, ...]:
    """Return the roles held in the course itself, each once."""
    found = (parse(role) for role in roles)
    return tuple(dict.fromkeys(role for role in found if role is not None and role.reach is Reach.COURSE))


def mapped(roles: Iterable[str], mapping: Mapping[str, str]) -> str | None:
    """Return what the most powerful of the course's roles stands for here, or nothing.

    Roles in an institution or a whole platform give no right in a course. Platforms repeat the role of which a
    sub-role is part (https://www.imsglobal.org/spec/lti/v1p3/#context-sub-roles): a plain « Instructor » next to
    « Instructor#TeachingAssistant » only repeats it, and does not make an instructor of an assistant.
    """
    best = -1
    for key in _keys(in_course(roles)):
        meant = mapping.get(key, DEFAULT_MAPPING.get(key, ""))
        if meant in _POWERS:
            best = max(best, _POWERS.index(meant))
    return _POWERS[best] if best >= 0 else None


def _keys(held: tuple[LmsRole, ...]) -> set[str]:
    keys = {role.key for role in held}
    if any(role.part and role.key == _ASSISTANT for role in held):
        keys = {role.key for role in held if role.part or role.name != "Instructor"}
    return keys
