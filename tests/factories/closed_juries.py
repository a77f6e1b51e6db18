"""Jury sessions already closed, as many people certified as wanted, ready for their certificates."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.core import clock
from certify.core.access import Role
from certify.juries.models import BlockDecision, Candidacy, JuryDecision, JurySeat, JurySession, SessionState
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_member, make_user


@dataclass(frozen=True)
class ClosedJury:
    """A closed session, whoever issues its certificates, and what it decided."""

    jury: JurySession
    registrar: User
    decisions: Sequence[JuryDecision]


def make_closed_jury(session: Session, size: int) -> ClosedJury:
    """Make a closed session that grants the whole certification to so many people."""
    cohort = make_cohort(session)
    body = session.get_one(Organisation, cohort.certifying_body_id)
    moment = clock.now()
    jury = JurySession(
        certifying_body_id=body.id, framework_version_id=cohort.framework_version_id, reference=f"{moment.year}-001",
        held_on=clock.today(), place="Salle du conseil", state=SessionState.PUBLISHED, created_at=moment,
        opened_at=moment, closed_at=moment, published_at=moment,
    )  # fmt: skip
    session.add(jury)
    session.flush()
    president = make_user(session, given_name="Jury", family_name="1")
    session.add(JurySeat(session_id=jury.id, user_id=president.id, is_president=True, declared_at=moment))
    registrar = make_member(session, body, Role.REGISTRAR)
    decisions = []
    for number in range(size):
        holder = make_user(session, given_name="Stagiaire", family_name=f"{number + 1:03d}")
        candidacy = Candidacy(
            session_id=jury.id, enrolment_id=make_enrolment(session, cohort, holder).id, created_at=moment
        )
        session.add(candidacy)
        session.flush()
        decisions.append(_granted(candidacy, president))
    session.add_all(decisions)
    session.flush()
    return ClosedJury(jury, registrar, decisions)


def _granted(candidacy: Candidacy, president: User) -> JuryDecision:
    acquired = competencies.BlockOutcome.ACQUIRED.value
    return JuryDecision(
        candidacy_id=candidacy.id, number=1, outcome=competencies.WholeOutcome.OBTAINED.value, taken_at=clock.now(),
        taken_by_id=president.id,
        blocks=[
            BlockDecision(block=block.code, outcome=acquired, proposed=acquired) for block in competencies.demo().blocks
        ],
    )  # fmt: skip
