"""Who is to be declared: the holders of a registered certification, what is missing of them, and until when."""

import uuid
from collections.abc import Collection, Mapping, Sequence
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
from certify.declarations.models import Deposit, DepositItem, ItemState
from certify.declarations.passages import ACCESS, CLASSIC_VAE, Award, Certification
from certify.frameworks.models import FrameworkVersion, Recognition
from certify.identities.models import CivilIdentity
from certify.juries.queries import Candidacy, JuryDecision, JurySession

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

    @property
    def due(self) -> int:
        """How many are to be declared, ready or not."""
        return self.ready + self.incomplete

    @classmethod
    def of(cls, holders: Sequence[Holder]) -> "Overview":
        """Count holders."""
        return cls(
            ready=sum(1 for one in holders if not one.missing),
            incomplete=sum(1 for one in holders if one.missing),
            late=sum(1 for one in holders if one.urgency == "late"),
            rejected=sum(1 for one in holders if one.rejection),
        )


@dataclass(frozen=True)
class _Rejection:
    """Why a line was last rejected, and when corrected data was last asked of it."""

    message: str = ""
    asked_at: datetime | None = None


def overviews(session: Session, body_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Overview]:
    """Return where the declarations of bodies stand, those that have something registered, for a registrar's home."""
    found = _holders(session, body_ids)
    return {body_id: Overview.of(holders) for body_id, holders in found.items()}


def is_open(session: Session, body_id: uuid.UUID) -> bool:
    """Whether a body has anything registered: before, nothing is declared (C. trav. L6113-8)."""
    return body_id in certificates.registrations_of(session, [body_id]).bodies


def holders_of(session: Session, body_id: uuid.UUID) -> list[Holder]:
    """Return everybody to declare, the nearest deadline first; a constant number of statements.

    A correction of the certificate changes neither what is declared nor until when: see `certificates.queries`.
    """
    return _holders(session, [body_id]).get(body_id, [])


def _holders(session: Session, body_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[Holder]]:
    registrations = certificates.registrations_of(session, body_ids)
    found: dict[uuid.UUID, list[Holder]] = {body_id: [] for body_id in body_ids if body_id in registrations.bodies}
    if not found:
        return found
    rows = _rows(session, found)
    steps = _steps(session, [row.Enrolment for row in rows])
    rejected = _rejections(session, found)
    for row in rows:
        holder = _holder(row, registrations, steps, rejected)
        if holder is not None:
            found[row.certifying_body_id].append(holder)
    for holders in found.values():
        holders.sort(key=lambda one: (one.due_on, one.name, one.certificate))
    return found


def _rows(session: Session, body_ids: Collection[uuid.UUID]) -> Sequence[Any]:
    live = select(DepositItem.certificate_id).where(DepositItem.state.in_(_LIVE))
    issued = certificates.whole_issued(body_ids, but=live).subquery()
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
        .add_columns(func.coalesce(JuryDecision.decided_on, JurySession.held_on).label("decided_on"))
        .join(JuryDecision, JuryDecision.id == issued.c.decision_id)
        .join(Candidacy, Candidacy.id == JuryDecision.candidacy_id)
        .join(JurySession, JurySession.id == Candidacy.session_id)
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


def _rejections(session: Session, body_ids: Collection[uuid.UUID]) -> Mapping[str, _Rejection]:
    """Return why the last deposit of each line was rejected, and when corrected data was asked.

    A file refused as a whole says nothing of a line: it asks for no correction, and leaves the deadline alone.
    """
    query = (
        select(DepositItem.technical_id, DepositItem.message, DepositItem.answered_at, Deposit.message.label("whole"))
        .join(Deposit, Deposit.id == DepositItem.deposit_id)
        .where(Deposit.certifying_body_id.in_(body_ids), DepositItem.state == ItemState.REJECTED)
        .order_by(DepositItem.answered_at)
    )
    found: dict[str, _Rejection] = {}
    for row in session.execute(query):
        asked_at = row.answered_at if not row.whole or row.message != row.whole else None
        before = found.get(row.technical_id, _Rejection())
        found[row.technical_id] = _Rejection(row.message, asked_at or before.asked_at)
    return found


def _holder(
    row: Any, registrations: certificates.Registrations, steps: Mapping[uuid.UUID, list[VaeStep]],
    rejected: Mapping[str, _Rejection],
) -> Holder | None:  # fmt: skip
    enrolment: Enrolment = row.Enrolment
    done = steps.get(enrolment.id, ())
    registration = registrations.counting(row.certifying_body_id, row.framework, row.decided_on, enrolment, done)
    if registration is None:
        return None
    issued_on = row.issued_at.astimezone(clock.PARIS).date()
    rejection = rejected.get(str(row.decision_id), _Rejection())
    asked_on = rejection.asked_at.astimezone(clock.PARIS).date() if rejection.asked_at else None
    return Holder(
        certificate_id=row.id, decision_id=row.decision_id, enrolment_id=row.enrolment_id, user_id=row.holder_id,
        name=row.holder_name, certificate=row.number, identity_id=row.identity_id, has_identity=row.has_identity,
        award=_award(registration, enrolment, issued_on, row.expires_on), rejection=rejection.message,
        due_on=policies.due_on(max(day for day in (issued_on, _begins(registration), asked_on) if day is not None)),
    )  # fmt: skip


def _begins(row: Recognition) -> date | None:
    return max((day for day in (row.decided_on, row.starts_on) if day is not None), default=None)


def _award(registration: Recognition, enrolment: Enrolment, issued_on: date, expires_on: date | None) -> Award:
    is_vae = enrolment.access_route is AccessRoute.PRIOR_EXPERIENCE
    return Award(
        certification=Certification(registration.state.value, registration.reference),
        issued_on=issued_on, valid_until=expires_on, access=ACCESS[enrolment.access_route],
        vae_route=CLASSIC_VAE if is_vae else "",
    )  # fmt: skip
