"""Who may do what: permissions, roles, the table that joins them, and the actor of a request."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, wraps
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import Select, union_all
from sqlalchemy.orm import Session

P = ParamSpec("P")
R = TypeVar("R")


class Permission(StrEnum):
    """What can be allowed, as resource:subject:action."""

    ADMINISTRATION_READ = "administration:page:read"
    ADMINISTRATION_JOBS_RETRY = "administration:jobs:retry"
    AUDIT_READ = "audit:chain:read"
    ORGANISATION_READ = "organisation:record:read"
    ORGANISATION_MEMBERS_WRITE = "organisation:members:write"
    FRAMEWORK_READ = "framework:version:read"
    COHORT_READ = "cohort:record:read"
    COHORT_WRITE = "cohort:record:write"
    ENROLMENT_WRITE = "enrolment:record:write"
    PROGRESS_READ = "progress:trainee:read"
    OWN_PATH_READ = "own:path:read"
    LOGBOOK_WRITE = "logbook:entry:write"
    LOGBOOK_READ = "logbook:entry:read"
    LOGBOOK_REVIEW = "logbook:entry:review"
    EVIDENCE_WRITE = "evidence:item:write"
    EVIDENCE_READ = "evidence:item:read"
    ASSESSMENT_READ = "assessment:grid:read"
    ASSESSMENT_WRITE = "assessment:grid:write"
    JURY_READ = "jury:session:read"
    JURY_WRITE = "jury:session:write"
    JURY_DECIDE = "jury:decision:write"
    CERTIFICATE_READ = "certificate:register:read"
    CERTIFICATE_ISSUE = "certificate:register:issue"
    CERTIFICATE_REVOKE = "certificate:register:revoke"
    OWN_CERTIFICATE_READ = "certificate:own:read"
    SELF_ASSESSMENT_WRITE = "assessment:self:write"
    LTI_REGISTRATION_READ = "lti:registration:read"
    LTI_REGISTRATION_WRITE = "lti:registration:write"
    LTI_COURSE_TEACH = "lti:course:teach"
    LTI_IDENTITY_MERGE = "lti:identity:merge"
    FRAMEWORK_WRITE = "framework:version:write"
    ASSESSOR_HABILITATE = "assessment:assessor:habilitate"
    ASSESSMENT_VERIFY = "assessment:grid:verify"
    ASSESSMENT_RETAIN = "assessment:level:retain"
    ATTENDANCE_WRITE = "cohort:attendance:write"
    ELIGIBILITY_WAIVE = "eligibility:requirement:waive"
    STATISTICS_READ = "cohort:statistics:read"
    ENTRY_FORM_WRITE = "logbook:form:write"
    OBSERVATION_REQUEST = "observation:request:write"
    GROUP_READ = "group:record:read"
    GROUP_WRITE = "group:record:write"
    MEETING_WRITE = "group:meeting:write"
    SUPERVISION_READ = "supervision:session:read"
    SUPERVISION_WRITE = "supervision:session:write"
    FRAGILITY_WRITE = "fragility:action:write"
    FRAGILITY_READ = "fragility:action:read"
    TEXT_FLAG = "text:passage:flag"
    RETENTION_READ = "retention:data:read"
    RETENTION_PURGE = "retention:data:purge"
    JURY_VOTE = "jury:vote:write"
    OWN_RESULTS_READ = "jury:results:own"
    OWN_IDENTITY_WRITE = "identity:own:write"
    IDENTITY_READ = "identity:record:read"
    IDENTITY_WRITE = "identity:record:write"
    ATTESTATION_ISSUE = "certificate:attendance:issue"
    DOCUMENT_WRITE = "certificate:document:write"
    SEAL_WRITE = "seal:key:write"
    BADGE_WRITE = "badge:key:write"
    DECLARATION_WRITE = "declaration:deposit:write"


class Role(StrEnum):
    """A part somebody plays, always for one organisation, cohort or jury session."""

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    TRAINER = "trainer"
    REFERENT = "referent"
    REGISTRAR = "registrar"
    AUDITOR = "auditor"
    TRAINEE = "trainee"
    JUROR = "juror"
    PRESIDENT = "president"


class Scope(StrEnum):
    """What a role is held on."""

    ORGANISATION = "organisation"
    COHORT = "cohort"
    JURY = "jury"


_P = Permission
_TRAINEES_READ = frozenset(
    {
        _P.COHORT_READ,
        _P.PROGRESS_READ,
        _P.LOGBOOK_READ,
        _P.EVIDENCE_READ,
        _P.ASSESSMENT_READ,
        _P.FRAMEWORK_READ,
        _P.ORGANISATION_READ,
        _P.GROUP_READ,
        _P.SUPERVISION_READ,
    }
)
_IN_THE_FIELD = frozenset({_P.GROUP_WRITE, _P.MEETING_WRITE, _P.SUPERVISION_WRITE, _P.FRAGILITY_READ, _P.TEXT_FLAG})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(
        {
            _P.ADMINISTRATION_READ,
            _P.ADMINISTRATION_JOBS_RETRY,
            _P.AUDIT_READ,
            _P.ORGANISATION_READ,
            _P.ORGANISATION_MEMBERS_WRITE,
            _P.FRAMEWORK_READ,
            _P.LTI_REGISTRATION_READ,
            _P.LTI_REGISTRATION_WRITE,
            _P.RETENTION_READ,
            _P.RETENTION_PURGE,
        }
    ),
    Role.COORDINATOR: _TRAINEES_READ
    | _IN_THE_FIELD
    | {
        _P.ENTRY_FORM_WRITE,
        _P.COHORT_WRITE,
        _P.ENROLMENT_WRITE,
        _P.ORGANISATION_MEMBERS_WRITE,
        _P.AUDIT_READ,
        _P.LTI_REGISTRATION_READ,
        _P.LTI_COURSE_TEACH,
        _P.LTI_IDENTITY_MERGE,
        _P.ASSESSOR_HABILITATE,
        _P.ASSESSMENT_VERIFY,
        _P.ASSESSMENT_RETAIN,
        _P.ATTENDANCE_WRITE,
        _P.ELIGIBILITY_WAIVE,
        _P.STATISTICS_READ,
        _P.IDENTITY_READ,
        _P.IDENTITY_WRITE,
        _P.CERTIFICATE_READ,
        _P.ATTESTATION_ISSUE,
        _P.DOCUMENT_WRITE,
    },
    Role.TRAINER: _TRAINEES_READ
    | {
        _P.LOGBOOK_REVIEW,
        _P.ASSESSMENT_WRITE,
        _P.ASSESSMENT_RETAIN,
        _P.ATTENDANCE_WRITE,
        _P.LTI_COURSE_TEACH,
        _P.SUPERVISION_WRITE,
        _P.FRAGILITY_READ,
        _P.TEXT_FLAG,
    },
    Role.REFERENT: _TRAINEES_READ | _IN_THE_FIELD,
    Role.REGISTRAR: frozenset(
        {
            _P.ORGANISATION_READ,
            _P.ORGANISATION_MEMBERS_WRITE,
            _P.AUDIT_READ,
            _P.FRAMEWORK_READ,
            _P.JURY_READ,
            _P.JURY_WRITE,
            _P.CERTIFICATE_READ,
            _P.CERTIFICATE_ISSUE,
            _P.CERTIFICATE_REVOKE,
            _P.LTI_IDENTITY_MERGE,
            _P.FRAMEWORK_WRITE,
            _P.ASSESSOR_HABILITATE,
            _P.IDENTITY_READ,
            _P.IDENTITY_WRITE,
            _P.DOCUMENT_WRITE,
            _P.SEAL_WRITE,
            _P.BADGE_WRITE,
            _P.DECLARATION_WRITE,
        }
    ),
    Role.AUDITOR: _TRAINEES_READ | {_P.AUDIT_READ, _P.CERTIFICATE_READ, _P.JURY_READ, _P.STATISTICS_READ},
    Role.TRAINEE: frozenset(
        {
            _P.OWN_PATH_READ,
            _P.LOGBOOK_WRITE,
            _P.EVIDENCE_WRITE,
            _P.FRAMEWORK_READ,
            _P.OWN_CERTIFICATE_READ,
            _P.SELF_ASSESSMENT_WRITE,
            _P.OBSERVATION_REQUEST,
            _P.GROUP_READ,
            _P.GROUP_WRITE,
            _P.MEETING_WRITE,
            _P.SUPERVISION_READ,
            _P.FRAGILITY_WRITE,
            _P.FRAGILITY_READ,
            _P.OWN_RESULTS_READ,
            _P.OWN_IDENTITY_WRITE,
        }
    ),
    Role.JUROR: frozenset({_P.JURY_READ, _P.JURY_VOTE, _P.FRAMEWORK_READ}),
    Role.PRESIDENT: frozenset({_P.JURY_READ, _P.JURY_VOTE, _P.JURY_DECIDE, _P.FRAMEWORK_READ}),
}
"""The one table of authority: what each role allows, where it is held."""

NEEDS_SECOND_FACTOR = frozenset({Role.REGISTRAR, Role.PRESIDENT})


@dataclass(frozen=True)
class Grant:
    """One role held on one organisation, cohort or jury session."""

    role: Role
    scope: Scope
    scope_id: uuid.UUID


@dataclass(frozen=True)
class Actor:
    """Who acts, and everything they may do; a value, loaded once per request."""

    user_id: uuid.UUID
    name: str
    grants: frozenset[Grant] = field(default_factory=frozenset)

    is_anonymous = False

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """Everything allowed somewhere."""
        return frozenset[Permission]().union(*(ROLE_PERMISSIONS[grant.role] for grant in self.grants))

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles held somewhere."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def initials(self) -> str:
        """Two letters for the account menu."""
        words = [word for word in self.name.replace("-", " ").split() if word[:1].isalnum()]
        return ((words[0][0] + words[-1][0]) if len(words) > 1 else self.name[:2]).upper()

    def may(self, permission: Permission) -> bool:
        """Whether this is allowed somewhere."""
        return permission in self.permissions

    def where(self, permission: Permission, scope: Scope) -> frozenset[uuid.UUID]:
        """Return the organisations, cohorts or juries on which this is allowed."""
        return frozenset(g.scope_id for g in self.grants if g.scope is scope and permission in ROLE_PERMISSIONS[g.role])

    def organisations(self, permission: Permission) -> frozenset[uuid.UUID]:
        """Return the organisations on which this is allowed."""
        return self.where(permission, Scope.ORGANISATION)

    def cohorts(self, permission: Permission) -> frozenset[uuid.UUID]:
        """Return the cohorts on which this is allowed by a role held on the cohort itself."""
        return self.where(permission, Scope.COHORT)

    def juries(self, permission: Permission) -> frozenset[uuid.UUID]:
        """Return the jury sessions on which this is allowed by a seat."""
        return self.where(permission, Scope.JURY)

    @property
    def needs_second_factor(self) -> bool:
        """Whether a role held requires a second factor."""
        return bool(self.roles & NEEDS_SECOND_FACTOR)


PUBLIC = "public"
SIGNED_IN = "signed-in"


def requires(access: Permission | str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare what a view asks of its visitor: a permission, `SIGNED_IN`, or `PUBLIC`."""

    def declare(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            return view(*args, **kwargs)

        cast(Any, run).access = access
        return run

    return declare


def declared_access(view: Callable[..., Any]) -> Permission | str | None:
    """Return what a view declared, looking through wrappers, or nothing."""
    current: Any = view
    while current is not None:
        if hasattr(current, "access"):
            return cast("Permission | str", current.access)
        current = getattr(current, "__wrapped__", None)
    return None


GrantSource = Callable[[uuid.UUID], Select[*tuple[Any, ...]]]
_GRANT_SOURCES: list[GrantSource] = []


def grants_from(source: GrantSource) -> GrantSource:
    """Register where roles are held: a function that, for a person, selects (role, scope, scope_id)."""
    _GRANT_SOURCES.append(source)
    return source


def load_grants(session: Session, user_id: uuid.UUID) -> frozenset[Grant]:
    """Return every role a person holds, in one statement."""
    rows = session.execute(union_all(*(source(user_id) for source in _GRANT_SOURCES)))
    return frozenset(Grant(Role(role), Scope(scope), scope_id) for role, scope, scope_id in rows)
