"""The verbs of launches: begin a login, take its answer once, let the person in, keep what was refused."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.prepared import Prepared, Transactional, inserting
from certify.core.types import new_id, random_bytes, random_token
from certify.lti.models import (
    Context,
    Deployment,
    DeploymentState,
    Identity,
    Launch,
    LoginState,
    LtiMembership,
    RegistrationState,
    Verdict,
)
from certify.lti.protocol.claims import Message
from certify.lti.protocol.errors import Family, LaunchRefused
from certify.lti.protocol.tokens import digest
from certify.lti.queries import entering
from certify.lti.queries import launches as queries
from certify.lti.queries.entering import KnownLogin, KnownRegistration
from certify.lti.queries.launches import Known, Visit
from certify.lti.services import courses, grades, people, placing, repeating
from certify.lti.services.placing import Place

LOGIN_LASTS = timedelta(minutes=10)
_PURGED_SHARE = 5
"""Of 256 logins, how many sweep away those that never came back."""


@dataclass(frozen=True)
class Begun:
    """A login on its way to a platform."""

    address: str
    state: str
    binder: str


@dataclass(frozen=True)
class Expected:
    """A login that may come back: what its answer is checked against."""

    login: KnownLogin
    registration: KnownRegistration
    is_taken: bool = False
    """Whether its state is used up already, in this transaction."""


@dataclass
class Attempt:
    """What is known of a launch so far, for the record of one that is refused."""

    state: str = ""
    registration: KnownRegistration | None = None
    deployment: str = ""
    message_type: str = ""
    return_url: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Accepted:
    """A launch let in."""

    public_id: str
    session_id: uuid.UUID
    place: Place


def begin(
    on: Transactional,
    registration: KnownRegistration,
    *,
    redirect_uri: str,
    login_hint: str,
    message_hint: str | None,
    target: str,
    is_framed: bool,
    storage_target: str = "",
) -> Begun:
    """Keep a login and return where it goes (LTI security framework, section 5.1.1.2)."""
    state, nonce, binder = (random_token(32) for _each in range(3))
    now = clock.now()
    if random_bytes(1)[0] < _PURGED_SHARE:
        _PURGE.run(on, before=now - LOGIN_LASTS)
    _ADD_LOGIN.run(
        on, state_hash=digest(state), nonce_hash=digest(nonce), registration_id=registration.id,
        target_link_uri=target, is_framed=is_framed, storage_target=storage_target, binder_hash=digest(binder),
        created_at=now,
    )  # fmt: skip
    asked = {"state": state, "nonce": nonce, "login_hint": login_hint}
    if message_hint is not None:
        asked["lti_message_hint"] = message_hint
    joint = "&" if "?" in registration.authorization_url else "?"
    always = _always_asked(registration.client_id, redirect_uri)
    return Begun(f"{registration.authorization_url}{joint}{always}&{urlencode(asked)}", state, binder)


@lru_cache(maxsize=1024)
def _always_asked(client_id: str, redirect_uri: str) -> str:
    asked = {
        "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
        "client_id": client_id, "redirect_uri": redirect_uri,
    }  # fmt: skip
    return urlencode(asked)


def expected(on: Transactional, state: str) -> Expected:
    """Return the login a state belongs to; refuse one that came back already, or too late."""
    found = entering.login_under_way(on, digest(state))
    if found is None:
        raise LaunchRefused("used-already")
    login, registration = found
    if login.created_at < clock.now() - LOGIN_LASTS:
        raise LaunchRefused("state-expired")
    return Expected(login, registration)


def taken(on: Transactional, state: str) -> Expected:
    """Take the login a state belongs to, in the transaction that will let its answer in; see `expected`."""
    found = entering.take_login(on, digest(state))
    if found is None:
        raise LaunchRefused("used-already")
    login, registration_id = found
    if login.created_at < clock.now() - LOGIN_LASTS:
        raise LaunchRefused("state-expired")
    return Expected(login, entering.registration_of(on, registration_id), is_taken=True)


def accept_again(
    on: Transactional, came: Expected, message: Message, *, device: str, request_id: str
) -> Accepted | None:
    """Let a verified launch in, once, when it brings nothing new; otherwise do nothing, which `accept` is for.

    Its claims are not kept: they are those of the launch before.
    """
    place = repeating.place(on, came.registration, message, now=clock.now())
    if place is None:
        return None
    _take(on, came)
    return _noted(on, came, place, message, {}, device=device, request_id=request_id)


def accept(
    session: Session, came: Expected, message: Message, claims: Mapping[str, Any], *, device: str, request_id: str
) -> Accepted:
    """Let a verified launch in, once: its person, course and link are known from now on."""
    _take(session, came)
    place = _brought_up_to_date(session, came.registration.id, message, clock.now())
    session.flush()
    return _noted(session, came, place, message, claims, device=device, request_id=request_id)


def _take(on: Transactional, came: Expected) -> None:
    """Use the state of a launch up: of several who try, one succeeds."""
    if not came.is_taken and entering.take_login(on, came.login.state_hash) is None:
        raise LaunchRefused("used-already")


def _noted(
    on: Transactional, came: Expected, place: Place, message: Message, claims: Mapping[str, Any], *, device: str,
    request_id: str,
) -> Accepted:  # fmt: skip
    """Keep a launch and its sign-in."""
    public_id = random_token(16)
    session_id = accounts.open_session(
        on, place.user_id, device=device, via="lti", organisation_id=place.organisation_id, launch=public_id,
        message=message.type,
    )  # fmt: skip
    _ADD_LAUNCH.run(
        on, id=new_id(), public_id=public_id, registration_id=came.registration.id, at=clock.now(),
        verdict=Verdict.ACCEPTED, reason="", detail="", message_type=message.type, claims=claims,
        request_id=request_id, deployment_id=place.deployment_id, context_id=place.context_id, link_id=place.link_id,
        identity_id=place.identity_id, user_session_id=session_id, is_framed=came.login.is_framed,
        return_url=message.presentation.return_url, settings=_settings(message), answered_at=None,
    )  # fmt: skip
    return Accepted(public_id, session_id, place)


def _brought_up_to_date(session: Session, registration_id: uuid.UUID, message: Message, now: datetime) -> Place:
    """Make known what a launch brings, and return where it leads."""
    known = queries.known(
        session, registration_id, deployment=message.deployment_id, sub=message.person.sub,
        context=message.context.id if message.context else "", link=message.link.id if message.link else "",
    )  # fmt: skip
    deployment = _open_deployment(known)
    assert known is not None  # a registration is never deleted
    registration = known.registration
    identity, user = _person(session, known, message, now)
    was_here = known.membership is not None and known.membership.active
    context = placing.course(session, deployment, known.context, message, now=now)
    membership = placing.member(session, registration, context, identity, known.membership, message, now=now)
    link = placing.link(session, registration, deployment, context, known.link, message, now=now)
    enrolment = _enrol(session, context, membership, identity, user)
    if enrolment is not None and not was_here:
        grades.want_person(session, user.id)
    return Place(
        organisation_id=registration.organisation_id, deployment_id=deployment.id, identity_id=identity.id,
        user_id=user.id, context_id=context.id if context else None, cohort_id=context.cohort_id if context else None,
        link_id=link.id if link else None, target=link.target if link else None,
        role=membership.role if membership else None, is_enrolled=enrolment is not None,
    )  # fmt: skip


def _person(session: Session, known: Known, message: Message, now: datetime) -> tuple[Identity, User]:
    if known.identity is None or known.user is None:
        identity = people.identity_for(session, known.registration, message.person, now=now)
        user = session.get_one(User, identity.user_id)
    else:
        identity, user = known.identity, known.user
        people.follow_person(session, identity, user, message.person)
    if not user.active:
        raise LaunchRefused("person-inactive")
    return identity, user


def open_window(session: Session, visit: Visit, *, device: str) -> Launch:
    """Let the visitor of a frame go on in a window of its own, with a sign-in of its own that can be ended apart."""
    first = visit.launch
    opened = accounts.open_session(
        session, visit.user.id, device=device, via="lti-window", organisation_id=visit.registration.organisation_id,
        launch=first.public_id,
    )  # fmt: skip
    kept = {
        name: getattr(first, name)
        for name in (
            "registration_id", "verdict", "message_type", "claims", "deployment_id", "context_id", "link_id",
            "identity_id", "return_url", "settings", "answered_at",
        )
    }  # fmt: skip
    launch = Launch(
        id=new_id(), public_id=random_token(16), at=clock.now(), is_framed=False, user_session_id=opened,
        **kept,
    )  # fmt: skip
    session.add(launch)
    return launch


def _enrol(
    session: Session, context: Context | None, membership: LtiMembership | None, identity: Identity, user: User
) -> Enrolment | None:
    is_trainee = membership is not None and membership.role is Role.TRAINEE
    return courses.enrol_visitor(session, context, identity, user) if context is not None and is_trainee else None


def _open_deployment(known: Known | None) -> Deployment:
    if known is None or known.registration.state is RegistrationState.DISABLED:
        raise LaunchRefused("registration-disabled")
    if known.registration.state is RegistrationState.PENDING:
        raise LaunchRefused("registration-pending")
    if known.deployment is None or known.deployment.state is DeploymentState.PENDING:
        raise LaunchRefused("deployment-pending")
    if known.deployment.state is DeploymentState.DISABLED:
        raise LaunchRefused("deployment-disabled")
    return known.deployment


def _settings(message: Message) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if message.deep_linking is not None:
        settings["deep_linking"] = asdict(message.deep_linking)
    if message.for_user:
        settings["for_user"] = message.for_user
    return settings


def note_refusal(session: Session, attempt: Attempt, refusal: LaunchRefused, request_id: str) -> None:
    """Keep a refused launch and use its state up; a deployment nobody knew waits for approval from now on."""
    if attempt.state:
        session.execute(delete(LoginState).where(LoginState.state_hash == digest(attempt.state)))
    if attempt.registration is None:
        return
    if refusal.code == "deployment-pending" and attempt.deployment:
        _note_deployment(session, attempt.registration.id, attempt.deployment)
    session.add(
        Launch(
            id=new_id(),
            public_id=random_token(16),
            registration_id=attempt.registration.id,
            at=clock.now(),
            verdict=Verdict.PENDING if refusal.rule.family is Family.INACTIVE else Verdict.REFUSED,
            reason=refusal.code,
            detail=refusal.detail,
            message_type=attempt.message_type[:60],
            claims=dict(attempt.claims),
            request_id=request_id,
            return_url=attempt.return_url,
        )
    )


def _note_deployment(session: Session, registration_id: uuid.UUID, lms_id: str) -> None:
    query = select(Deployment.id).where(Deployment.registration_id == registration_id, Deployment.lms_id == lms_id)
    if session.scalar(query) is None:
        session.add(Deployment(registration_id=registration_id, lms_id=lms_id, first_seen_at=clock.now()))


_ADD_LOGIN, _ADD_LAUNCH = inserting(LoginState), inserting(Launch)
_PURGE = Prepared(delete(LoginState).where(LoginState.created_at < bindparam("before")))
