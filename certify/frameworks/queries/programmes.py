"""Reads about what leads to a certification: the rules of its programme, and what the State recognises of it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.frameworks.models import FrameworkVersion, ProgrammeRules, Recognition, RegistrationState
from competencies.programme import Programme

Pair = tuple[uuid.UUID, str]
"""A certifying body, and the code of one of its frameworks."""


class OnVersion(Protocol):
    """Something that works on one framework version, as a cohort does."""

    @property
    def framework_version_id(self) -> uuid.UUID:
        """The version."""


@dataclass(frozen=True)
class RulesRow:
    """The rules of a programme as one person set them one day."""

    rules: ProgrammeRules
    author: str

    @property
    def programme(self) -> Programme:
        """The rules as the domain reads them."""
        return Programme.from_document(self.rules.content)


@dataclass(frozen=True)
class RecognitionRow:
    """What was recorded of a recognition one day, and by whom."""

    recognition: Recognition
    author: str


def programme_of(session: Session, certifying_body_id: uuid.UUID, framework_code: str) -> Programme:
    """Return the rules in force for a certification; the defaults of the software when nobody set any."""
    pair = (certifying_body_id, framework_code)
    return programmes_of(session, [pair])[pair]


def programmes_of(session: Session, pairs: Iterable[Pair]) -> dict[Pair, Programme]:
    """Return the rules in force for many certifications, in one statement."""
    wanted = dict.fromkeys(pairs)
    if not wanted:
        return {}
    found = {
        (row.certifying_body_id, row.framework_code): Programme.from_document(row.content)
        for row in session.scalars(_latest_rules(wanted))
    }
    return {pair: found.get(pair, Programme()) for pair in wanted}


def _latest_rules(pairs: Iterable[Pair]) -> Select[ProgrammeRules]:
    bodies, codes = {body for body, _code in pairs}, {code for _body, code in pairs}
    latest = (
        select(
            ProgrammeRules.certifying_body_id, ProgrammeRules.framework_code,
            func.max(ProgrammeRules.number).label("number"),
        )
        .where(ProgrammeRules.certifying_body_id.in_(bodies), ProgrammeRules.framework_code.in_(codes))
        .group_by(ProgrammeRules.certifying_body_id, ProgrammeRules.framework_code)
        .subquery()
    )  # fmt: skip
    return select(ProgrammeRules).join(
        latest,
        and_(
            latest.c.certifying_body_id == ProgrammeRules.certifying_body_id,
            latest.c.framework_code == ProgrammeRules.framework_code,
            latest.c.number == ProgrammeRules.number,
        ),
    )


def programme_of_cohort(session: Session, cohort: OnVersion) -> Programme:
    """Return the rules of the programme that a cohort follows."""
    version = FrameworkVersion
    query = (
        select(ProgrammeRules.content)
        .join(
            version,
            and_(
                version.certifying_body_id == ProgrammeRules.certifying_body_id,
                version.code == ProgrammeRules.framework_code,
            ),
        )
        .where(version.id == cohort.framework_version_id)
    )
    content = session.scalar(query.order_by(ProgrammeRules.number.desc()).limit(1))
    return Programme() if content is None else Programme.from_document(content)


def rules_history(session: Session, certifying_body_id: uuid.UUID, framework_code: str) -> list[RulesRow]:
    """Return every set of rules a programme has had, the one in force first, in one statement."""
    query = (
        select(ProgrammeRules, User)
        .outerjoin(User, User.id == ProgrammeRules.recorded_by_id)
        .where(ProgrammeRules.certifying_body_id == certifying_body_id, ProgrammeRules.framework_code == framework_code)
        .order_by(ProgrammeRules.number.desc())
    )
    return [RulesRow(rules, user.name if user else "") for rules, user in session.execute(query)]


def recognition_of(
    session: Session, certifying_body_id: uuid.UUID, framework_code: str, on: date
) -> Recognition | None:
    """Return the registration of a certification in force on a day; None before, after, and when there is none.

    Whatever shows a register, its number, a level of qualification or what a training account pays for asks this first
    (C. trav. L6113-5, L6113-6, R6113-12: a registration is decided, begins and ends on dates). Renewed under another
    number, a certification keeps the registration of before for the days that it covered; a row that says that nothing
    is registered cancels those before it.
    """
    query = select(Recognition).where(
        Recognition.certifying_body_id == certifying_body_id, Recognition.framework_code == framework_code
    )
    known: set[str] = set()
    for row in session.scalars(query.order_by(Recognition.number.desc())):
        if row.state is RegistrationState.NOT_REGISTERED:
            return None
        if row.reference not in known and _is_in_force(row, on):
            return row
        # A later row on the same registration says all there is to say of it.
        known.add(row.reference)
    return None


def _is_in_force(row: Recognition, on: date) -> bool:
    begins = max((day for day in (row.decided_on, row.starts_on) if day is not None), default=None)
    return begins is not None and begins <= on and (row.ends_on is None or on <= row.ends_on)


def last_recognition(session: Session, certifying_body_id: uuid.UUID, framework_code: str) -> Recognition | None:
    """Return what was last recorded of a recognition, for the certifying body itself: see `recognition_of`."""
    query = select(Recognition).where(
        Recognition.certifying_body_id == certifying_body_id, Recognition.framework_code == framework_code
    )
    return session.scalars(query.order_by(Recognition.number.desc()).limit(1)).first()


def recognition_history(session: Session, certifying_body_id: uuid.UUID, framework_code: str) -> list[RecognitionRow]:
    """Return everything recorded of a recognition, the last row first, in one statement."""
    query = (
        select(Recognition, User)
        .outerjoin(User, User.id == Recognition.recorded_by_id)
        .where(Recognition.certifying_body_id == certifying_body_id, Recognition.framework_code == framework_code)
        .order_by(Recognition.number.desc())
    )
    return [RecognitionRow(row, user.name if user else "") for row, user in session.execute(query)]
