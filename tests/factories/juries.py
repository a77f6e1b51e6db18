"""Jury sessions: prepared, deliberating, closed; and the certificates of a closed one."""

import itertools
import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.certificates import services as certificates
from certify.certificates.models import Certificate
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Actor, Permission, Role
from certify.frameworks.models import FrameworkVersion
from certify.juries import candidates as files
from certify.juries import dossiers, queries, services
from certify.juries.models import (
    Appeal,
    Candidacy,
    CompositionDerogation,
    JuryDecision,
    JurySeat,
    JurySession,
    SignatureMethod,
)
from certify.organisations.models import Organisation
from tests.factories.assessments import INDICATORS, make_accepted_evidence, make_signed, whole_grid
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import actor_of, make_member, make_user

_numbers = itertools.count(1)
ACQUIRED = competencies.BlockOutcome.ACQUIRED
NOT_ACQUIRED = competencies.BlockOutcome.NOT_ACQUIRED
BLOCKS = tuple(block.code for block in competencies.demo().blocks)


@dataclass
class Prepared:
    """A session with those who sit, those presented, and whoever keeps it."""

    jury: JurySession
    body: Organisation
    cohort: Cohort
    registrar: User
    members: list[User]
    candidacies: list[Candidacy] = field(default_factory=list)

    @property
    def president(self) -> User:
        """Who presides."""
        return self.members[0]

    def actor(self, session: Session, user: User | None = None) -> Actor:
        """Return somebody as an actor, the registrar by default."""
        return actor_of(session, user or self.registrar)


def make_jury(session: Session, candidates: int = 1, *, cohort: Cohort | None = None, **values: Any) -> Prepared:
    """Prepare a session that may open: a president, two members, all external, all declared."""
    cohort = cohort or make_cohort(session)
    body = session.get_one(Organisation, cohort.certifying_body_id)
    registrar = make_member(session, body, Role.REGISTRAR)
    version = session.get_one(FrameworkVersion, cohort.framework_version_id)
    named = {"reference": f"2026-{next(_numbers):03d}", "held_on": clock.today(), "place": "Lille, salle 2"} | values
    jury = services.create_session(session, actor_of(session, registrar), body, version, **named)
    members = [make_user(session, given_name="Jury", family_name=str(number)) for number in (1, 2, 3)]
    for user in members:
        seat_member(session, jury, user, is_president=user is members[0])
    made = Prepared(jury, body, cohort, registrar, members)
    for _ in range(candidates):
        add_candidate(session, made)
    return declared(session, made)


def seat_member(session: Session, jury: JurySession, user: User, **values: Any) -> JurySeat:
    """Seat somebody, external and declared unless said otherwise."""
    defaults = {"quality": "Cadre de la petite enfance", "declared_at": clock.now()}
    seat = JurySeat(session_id=jury.id, user_id=user.id, **defaults | values)
    session.add(seat)
    session.flush()
    session.expire(jury)
    return seat


def add_candidate(session: Session, prepared: Prepared, enrolment: Enrolment | None = None) -> Candidacy:
    """Present somebody."""
    enrolment = enrolment or make_enrolment(session, prepared.cohort, make_candidate(session))
    held = files.acquired_before(session, [enrolment.id]).get(enrolment.id, frozenset())
    candidacy = Candidacy(
        session_id=prepared.jury.id, enrolment_id=enrolment.id, created_at=clock.now(), acquired=sorted(held)
    )
    session.add(candidacy)
    session.flush()
    prepared.candidacies.append(candidacy)
    return candidacy


def make_candidate(session: Session, **values: object) -> User:
    """Make a person to certify."""
    names = {"given_name": "Stagiaire", "family_name": f"{next(_numbers):02d}"}
    return make_user(session, **names | values)


def make_ready(session: Session, candidacy: Candidacy, **levels: str | None) -> None:
    """Sign an assessment of everything, acquired unless said otherwise, and accept evidence for every indicator."""
    enrolment = session.get_one(Enrolment, candidacy.enrolment_id)
    make_signed(session, enrolment, ratings=whole_grid("acquired", **levels), comment="Une pratique sûre.")
    make_accepted_evidence(session, enrolment, INDICATORS)


def declared(session: Session, prepared: Prepared) -> Prepared:
    """Sign, for every member said to have declared, that nothing ties them to the candidates."""
    session.flush()
    session.expire(prepared.jury)
    seats = session.scalars(select(JurySeat).where(JurySeat.session_id == prepared.jury.id)).all()
    for seat in seats:
        if seat.declared_at is not None and prepared.candidacies:
            jury = queries.jury_for(session, prepared.actor(session), prepared.jury.id, Permission.JURY_READ)
            services.declare(session, actor_of(session, session.get_one(User, seat.user_id)), jury)
    return prepared


def opened(session: Session, prepared: Prepared) -> Prepared:
    """Open the deliberation, every declaration signed."""
    declared(session, prepared)
    services.open_deliberation(session, prepared.actor(session), prepared.jury)
    session.flush()
    return prepared


def grant(session: Session, prepared: Prepared, candidacy: Candidacy, **outcomes: Any) -> JuryDecision:
    """Record a decision: every block acquired, but those given as b1=…, b2=… ."""
    proposals = dossiers.file_of(session, candidacy).proposals
    blocks = {code: outcomes.get(f"b{code}", ACQUIRED) for code in BLOCKS}
    explained = {
        code: "Motif écrit par le jury." for code in BLOCKS if blocks[code] != ACQUIRED or proposals[code] != ACQUIRED
    }
    whole = competencies.WholeOutcome(outcomes.get("whole", competencies.propose_whole(blocks)))
    last = files.last_decisions(session, [candidacy.id]).get(candidacy.id)
    return services.decide(
        session, prepared.actor(session, prepared.president), candidacy, expected=last.number if last else 0,
        blocks=blocks, reasons=explained, outcome=whole, reason="" if whole == "obtained" else "Motif de la décision.",
    )  # fmt: skip


def closed(session: Session, prepared: Prepared, **outcomes: Any) -> Prepared:
    """Open, decide on everybody the same way, and close."""
    opened(session, prepared)
    for candidacy in prepared.candidacies:
        grant(session, prepared, candidacy, **outcomes)
    services.close(session, prepared.actor(session, prepared.president), prepared.jury)
    session.flush()
    return prepared


def published(session: Session, prepared: Prepared) -> Prepared:
    """Sign the minutes of a closed session as each member who sat, and publish its results."""
    minutes = queries.minutes_of(session, prepared.jury.id)
    assert minutes is not None
    for user in prepared.members:
        services.sign(session, prepared.actor(session, user), minutes, method=SignatureMethod.AUTHENTICATOR)
    services.publish(session, prepared.actor(session), prepared.jury)
    session.flush()
    return prepared


def make_published_jury(session: Session, candidates: int = 1, **outcomes: Any) -> Prepared:
    """Make a session whose results are published, ready for its certificates."""
    return published(session, make_closed_jury(session, candidates, **outcomes))


def make_closed_jury(session: Session, candidates: int = 1, **outcomes: Any) -> Prepared:
    """Make a closed session."""
    return closed(session, make_jury(session, candidates), **outcomes)


def make_appeal(session: Session) -> Appeal:
    """Contest a published decision, as the candidate."""
    made = make_published_jury(session, b4=NOT_ACQUIRED)
    candidacy = made.candidacies[0]
    holder = session.get_one(User, session.get_one(Enrolment, candidacy.enrolment_id).user_id)
    return services.lodge(session, made.actor(session, holder), candidacy, grounds="Une pièce n’a pas été lue.")


def awards(session: Session, prepared: Prepared) -> list[queries.Award]:
    """Return what a session decided."""
    return queries.awards_of(session, session.get_one(JurySession, prepared.jury.id))


def make_certificate(session: Session, prepared: Prepared | None = None, **holder: object) -> Certificate:
    """Issue a certificate, of a session made for it unless one is given."""
    if prepared is None:
        prepared = make_jury(session, 0)
        person = make_candidate(session, **holder)
        add_candidate(session, prepared, make_enrolment(session, prepared.cohort, person))
        published(session, closed(session, prepared))
    award = awards(session, prepared)[0]
    return certificates.issue(session, prepared.actor(session), award)


def identifier(value: object) -> uuid.UUID:
    """Return the identifier at the end of an address."""
    return uuid.UUID(str(value).rstrip("/").rsplit("/", 1)[-1])


def make_derogation(session: Session) -> CompositionDerogation:
    """Set a rule aside in a session being prepared: a member's link with its candidate."""
    made = make_jury(session, 1)
    seat = session.scalars(select(JurySeat).where(JurySeat.session_id == made.jury.id).limit(1)).one()
    row = CompositionDerogation(
        session_id=made.jury.id, candidacy_id=made.candidacies[0].id, seat_id=seat.id, violation="conflict_trained",
        reason="Aucun autre membre qualifié.", granted_at=clock.now(), granted_by_id=made.registrar.id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
