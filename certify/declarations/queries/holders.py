"""Who is to be declared: the holders of a registered certification, what is missing of them, and until when."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from certify.certificates import queries as certificates
from certify.cohorts import queries as cohorts
from certify.cohorts.models import AccessRoute, Enrolment, VaeStep
from certify.core import clock
from certify.declarations import policies
from certify.declarations.models import DepositItem, ItemState
from certify.declarations.passages import ACCESS, CLASSIC_VAE, Award, Certification
from certify.frameworks.models import FrameworkVersion, Recognition, RegistrationState
from certify.identities.models import CivilIdentity

_LIVE = (ItemState.PENDING, ItemState.DELIVERED)
_AT_ONCE = 500


@dataclass(frozen=True)
class Holder:
    """Somebody to declare: their certificate, the registration it counts for, what is missing, and the deadline."""

    certificate_id: uuid.UUID
    decision_id: uuid.UUID
    enrolment_id: uuid.UUID
    user_id: uuid.UUID
    name: str
    certificate: str
    award: Award
    due_on: date
    identity_id: uuid.UUID | None
    """The last identity compared with the document."""
    has_identity: bool
    """Whether one was given at all."""
    rejection: str = ""
    """Why the last deposit did not take it."""

    @property
    def missing(self) -> str:
        """What keeps it out of the next deposit: "identity", "check" or nothing."""
        if self.identity_id is not None:
            return ""
        return "check" if self.has_identity else "identity"

    @property
    def days_left(self) -> int:
        """Days until the deadline, negative once it has passed."""
        return (self.due_on - clock.today()).days

    @property
    def urgency(self) -> str:
        """How near the deadline is: late, soon or calm."""
        if self.days_left < 0:
            return "late"
        return "soon" if self.days_left <= policies.SOON_DAYS else "calm"

    @property
    def technical_id(self) -> str:
        """What the line is called in every deposit: a correction of the certificate keeps it."""
        return str(self.decision_id)


@dataclass(frozen=True)
class Overview:
    """Where the declarations of a body stand."""

    ready: int
    incomplete: int
    late: int
    rejected: int

    @classmethod
    def of(cls, holders: Sequence[Holder]) -> "Overview":
        """Count holders."""
        return cls(
            ready=sum(1 for one in holders if not one.missing),
            incomplete=sum(1 for one in holders if one.missing),
            late=sum(1 for one in holders if one.urgency == "late"),
            rejected=sum(1 for one in holders if one.rejection),
        )


def overview(session: Session, body_id: uuid.UUID) -> Overview:
    """Return where the declarations of a body stand, for its registrar's home."""
    return Overview.of(holders_of(session, body_id))


class _Registrations:
    """What is recorded of the registrations of a body, by framework, the last row first."""

    def __init__(self, rows: Iterable[Recognition]) -> None:
        self._rows: dict[str, list[Recognition]] = defaultdict(list)
        for row in rows:
            self._rows[row.framework_code].append(row)

    def counting(self, code: str, days: Iterable[date | None]) -> Recognition | None:
        """Return the registration somebody may rely on: in force on one of these days; none once it was withdrawn."""
        rows = self._rows.get(code, [])
        if not rows or rows[0].state is RegistrationState.NOT_REGISTERED:
            return None
        wanted = [day for day in days if day is not None]
        return next((row for row in rows if any(_is_in_force(row, day) for day in wanted)), None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is registered."""
        return all(rows[0].state is RegistrationState.NOT_REGISTERED for rows in self._rows.values())


def _begins(row: Recognition) -> date | None:
    return max((day for day in (row.decided_on, row.starts_on) if day is not None), default=None)


def _is_in_force(row: Recognition, day: date) -> bool:
    begins = row.starts_on or row.decided_on
    if row.state is RegistrationState.NOT_REGISTERED or begins is None:
        return False
    return begins <= day and (row.ends_on is None or day <= row.ends_on)


def _registrations(session: Session, body_id: uuid.UUID) -> _Registrations:
    query = select(Recognition).where(Recognition.certifying_body_id == body_id)
    return _Registrations(session.scalars(query.order_by(Recognition.number.desc())))


def is_open(session: Session, body_id: uuid.UUID) -> bool:
    """Whether a body has anything registered: before, nothing is declared (C. trav. L6113-8)."""
    known = _registrations(session, body_id)
    return not known.is_empty


def holders_of(session: Session, body_id: uuid.UUID) -> list[Holder]:
    """Return everybody to declare, the nearest deadline first; a constant number of statements.

    A certification counts when it was registered on the day of issue, or on the day from which somebody may rely on it:
    entry into training, or admission for a VAE (C. trav. L6113-9).
    """
    registrations = _registrations(session, body_id)
    if registrations.is_empty:
        return []
    rows = _rows(session, body_id)
    steps = _steps(session, [row.Enrolment for row in rows])
    rejected = _rejections(session, body_id)
    found = (_holder(row, registrations, steps, rejected) for row in rows)
    return sorted((one for one in found if one is not None), key=lambda one: (one.due_on, one.name, one.certificate))


def _rows(session: Session, body_id: uuid.UUID) -> Sequence[Any]:
    live = select(DepositItem.certificate_id).where(DepositItem.state.in_(_LIVE))
    issued = certificates.whole_issued(body_id, but=live).subquery()
    given, again = aliased(CivilIdentity), aliased(CivilIdentity)
    checked = (
        select(func.max(again.number))
        .where(again.user_id == issued.c.holder_id, again.checked_at.is_not(None), func.length(again.content) > 0)
        .scalar_subquery()
    )
    has_identity = select(given.id).where(given.user_id == issued.c.holder_id, func.length(given.content) > 0).exists()
    query = (
        select(issued, Enrolment, FrameworkVersion.code.label("framework"), CivilIdentity.id.label("identity_id"))
        .add_columns(has_identity.label("has_identity"))
        .join(Enrolment, Enrolment.id == issued.c.enrolment_id)
        .join(FrameworkVersion, FrameworkVersion.id == Enrolment.framework_version_id)
        .outerjoin(CivilIdentity, and_(CivilIdentity.user_id == issued.c.holder_id, CivilIdentity.number == checked))
    )
    return session.execute(query).all()


def _steps(session: Session, enrolments: Collection[Enrolment]) -> Mapping[uuid.UUID, list[VaeStep]]:
    ids = [one.id for one in enrolments if one.access_route is AccessRoute.PRIOR_EXPERIENCE]
    found: dict[uuid.UUID, list[VaeStep]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        found |= cohorts.steps_of(session, ids[start : start + _AT_ONCE])
    return found


def _rejections(session: Session, body_id: uuid.UUID) -> Mapping[str, tuple[str, datetime]]:
    """Return why and when the last deposit of each line was rejected."""
    lines = certificates.whole_issued(
        body_id, but=select(DepositItem.certificate_id).where(DepositItem.state.in_(_LIVE))
    ).subquery()
    query = (
        select(DepositItem.technical_id, DepositItem.message, DepositItem.answered_at)
        .where(DepositItem.certificate_id.in_(select(lines.c.id)), DepositItem.state == ItemState.REJECTED)
        .order_by(DepositItem.answered_at)
    )
    return {technical_id: (message, at) for technical_id, message, at in session.execute(query) if at is not None}


def _holder(
    row: Any, registrations: _Registrations, steps: Mapping[uuid.UUID, list[VaeStep]],
    rejected: Mapping[str, tuple[str, datetime]],
) -> Holder | None:  # fmt: skip
    enrolment: Enrolment = row.Enrolment
    issued_on = row.issued_at.astimezone(clock.PARIS).date()
    relied_on = cohorts.rights_date(enrolment, steps.get(enrolment.id, ()))
    registration = registrations.counting(row.framework, (issued_on, relied_on))
    if registration is None:
        return None
    message, answered_at = rejected.get(str(row.decision_id), ("", None))
    asked_on = answered_at.astimezone(clock.PARIS).date() if answered_at else None
    return Holder(
        certificate_id=row.id, decision_id=row.decision_id, enrolment_id=row.enrolment_id, user_id=row.holder_id,
        name=row.holder_name, certificate=row.number, identity_id=row.identity_id, has_identity=row.has_identity,
        award=_award(registration, enrolment, issued_on, row.expires_on), rejection=message,
        due_on=policies.due_on(max(day for day in (issued_on, _begins(registration), asked_on) if day is not None)),
    )  # fmt: skip


def _award(registration: Recognition, enrolment: Enrolment, issued_on: date, expires_on: date | None) -> Award:
    is_vae = enrolment.access_route is AccessRoute.PRIOR_EXPERIENCE
    return Award(
        certification=Certification(registration.state.value, registration.reference),
        issued_on=issued_on, valid_until=expires_on, access=ACCESS[enrolment.access_route],
        vae_route=CLASSIC_VAE if is_vae else "",
    )  # fmt: skip
