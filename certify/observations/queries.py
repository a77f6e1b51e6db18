"""Reads about requests: by the secret of a link, one's own, those of a trainee that were answered, what one says."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock, listing
from certify.core.access import Actor, Permission, Role
from certify.core.errors import NotFound
from certify.core.listing import Listing, Wanted
from certify.frameworks.queries import framework_of
from certify.groups.models import Facilitator, Meeting, MeetingState
from certify.observations import policies
from certify.observations.models import ObservationAnswer, ObservationRequest
from certify.observations.policies import Draft, RequestState
from certify.organisations.models import Membership

_MEETINGS_OFFERED = 40


@dataclass(frozen=True)
class Asked:
    """A request with everything its pages show."""

    request: ObservationRequest
    answer: ObservationAnswer | None
    enrolment: Enrolment
    trainee: User
    meeting: Meeting | None
    framework: competencies.Framework
    """The version its indicators come from, whatever the trainee is on today."""

    @property
    def state(self) -> RequestState:
        """Where it stands now."""
        return policies.state_of(self.request, self.answer, clock.now())

    @property
    def indicators(self) -> tuple[competencies.Indicator, ...]:
        """What is to be observed, in the order of the framework."""
        wanted = set(self.request.indicators)
        return tuple(one for one in self.framework.indicators if one.code in wanted)


@dataclass(frozen=True)
class Line:
    """What an answer says of one indicator."""

    code: str
    wording: competencies.Text
    level: competencies.Level | None
    """Nothing when it was not observed."""
    tint: str
    comment: str
    is_chosen: bool = True


@dataclass(frozen=True)
class Row:
    """One request of a list."""

    request: ObservationRequest
    answer: ObservationAnswer | None

    @property
    def state(self) -> RequestState:
        """Where it stands now."""
        return policies.state_of(self.request, self.answer, clock.now())


def token_digest(secret: str) -> str:
    """Return what is kept of the secret of a link."""
    return hashlib.sha256(secret.encode()).hexdigest()


def of_secret(session: Session, secret: str) -> Asked | None:
    """Return the request a link was made for, whatever became of it, or nothing."""
    return _one(session, _asked().where(ObservationRequest.token_digest == token_digest(secret)))


def asked(session: Session, request_id: uuid.UUID) -> Asked:
    """Return a request by its identifier, for a job."""
    found = _one(session, _asked().where(ObservationRequest.id == request_id))
    if found is None:
        raise NotFound
    return found


def own_request(session: Session, actor: Actor, request_id: uuid.UUID) -> Asked:
    """Return a request of the actor's own; NotFound otherwise."""
    query = _asked().where(ObservationRequest.id == request_id, Enrolment.user_id == actor.user_id)
    found = _one(session, query)
    if found is None:
        raise NotFound
    return found


def readable(session: Session, actor: Actor, request_id: uuid.UUID) -> Asked:
    """Return a request of the actor's own, or one that was answered to a trainee whose logbook they read."""
    found = _one(session, _asked().where(ObservationRequest.id == request_id))
    if found is None:
        raise NotFound
    is_read = found.request.training_body_id in actor.organisations(Permission.LOGBOOK_READ)
    if found.enrolment.user_id != actor.user_id and not (is_read and found.answer is not None):
        raise NotFound
    return found


def own_requests(session: Session, actor: Actor, wanted: Wanted) -> Listing[Any]:
    """Return the actor's requests, newest first unless asked otherwise."""
    query = _rows().join(Enrolment, Enrolment.id == ObservationRequest.enrolment_id)
    return _listed(session, query.where(Enrolment.user_id == actor.user_id), wanted)


def answered_requests(session: Session, enrolment: Enrolment, wanted: Wanted) -> Listing[Any]:
    """Return the requests of a trainee that were answered, for the staff of their training body."""
    query = _rows().where(ObservationRequest.enrolment_id == enrolment.id, ObservationAnswer.id.is_not(None))
    return _listed(session, query, wanted)


def waiting_requests(session: Session, enrolment_id: uuid.UUID) -> int:
    """Return how many requests of a trainee wait for an answer."""
    query = select(func.count()).where(
        ObservationRequest.enrolment_id == enrolment_id,
        ObservationRequest.answered_at.is_(None),
        ObservationRequest.revoked_at.is_(None),
        ObservationRequest.declined_at.is_(None),
        ObservationRequest.expires_at > clock.now(),
    )
    return session.scalar(query) or 0


def own_meetings(session: Session, enrolment_id: uuid.UUID) -> list[Meeting]:
    """Return the latest meetings of the groups a trainee facilitates, newest first; none that is far ahead."""
    until = clock.now() + timedelta(days=31)
    facilitated = select(Facilitator.group_id).where(Facilitator.enrolment_id == enrolment_id)
    query = (
        select(Meeting)
        .where(
            Meeting.group_id.in_(facilitated),
            Meeting.state.in_((MeetingState.PLANNED, MeetingState.HELD)),
            Meeting.starts_at < until,
        )
        .order_by(Meeting.starts_at.desc(), Meeting.id)
        .limit(_MEETINGS_OFFERED)
    )
    return list(session.scalars(query))


def trainers_of(session: Session, training_body_id: uuid.UUID) -> list[User]:
    """Return the trainers of a training body."""
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == training_body_id,
            Membership.role == Role.TRAINER,
            Membership.ended_at.is_(None),
            User.active.is_(True),
        )
        .order_by(User.id)
    )
    return list(session.scalars(query))


def lines_of(found: Asked) -> tuple[Line, ...]:
    """Return what a signed answer says, indicator by indicator."""
    assert found.answer is not None  # only an answer has lines
    seen: Mapping[str, Any] = found.answer.seen
    return tuple(
        _line(found, one, seen.get(one.code, {}).get("level"), seen.get(one.code, {}).get("comment", ""))
        for one in found.indicators
    )


def lines_of_draft(found: Asked, draft: Draft) -> tuple[Line, ...]:
    """Return what an answer says so far, as it would be signed."""
    return tuple(
        _line(found, one, draft.seen[one.code].level, draft.seen[one.code].comment, bool(draft.seen[one.code].choice))
        for one in found.indicators
    )


def _line(found: Asked, one: competencies.Indicator, code: str | None, comment: str, is_chosen: bool = True) -> Line:
    scale = found.framework.scale_of(one.code)
    level = scale.level(code) if code in scale.codes and code is not None else None
    tint = policies.tint_of(scale, level.code) if level else "none"
    return Line(one.code, one.wording, level, tint, comment, is_chosen)


def _asked() -> Select[*tuple[Any, ...]]:
    return (
        select(ObservationRequest, ObservationAnswer, Enrolment, User, Meeting)
        .join(Enrolment, Enrolment.id == ObservationRequest.enrolment_id)
        .join(User, User.id == Enrolment.user_id)
        .outerjoin(ObservationAnswer, ObservationAnswer.request_id == ObservationRequest.id)
        .outerjoin(Meeting, Meeting.id == ObservationRequest.meeting_id)
    )


def _one(session: Session, query: Select[*tuple[Any, ...]]) -> Asked | None:
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    request, answer, enrolment, trainee, meeting = row
    framework = framework_of(session, request.framework_version_id)
    return Asked(request, answer, enrolment, trainee, meeting, framework)


def _rows() -> Select[*tuple[Any, ...]]:
    return select(ObservationRequest, ObservationAnswer).outerjoin(
        ObservationAnswer, ObservationAnswer.request_id == ObservationRequest.id
    )


def _listed(session: Session, query: Select[*tuple[Any, ...]], wanted: Wanted) -> Listing[Any]:
    sorts: Mapping[str, list[Any]] = {
        "asked": [ObservationRequest.created_at],
        "referent": [func.lower(ObservationRequest.referent_name)],
    }
    if not wanted.sort:
        wanted = Wanted(wanted.path, wanted.query, "asked", "desc", wanted.page, wanted.filters)
    found = listing.paginate(
        session, query.where(*listing.matches(wanted.query, ObservationRequest.referent_name)), wanted, sorts=sorts,
        default="asked", tie=ObservationRequest.id, as_rows=True,
    )  # fmt: skip
    rows = [Row(request, answer) for request, answer in found.rows]
    return Listing(rows, found.total, found.wanted, found.sort, found.direction, found.page, found.per_page)
