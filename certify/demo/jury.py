"""The demonstration's jury sessions: one published, with its certificates; one in deliberation; one to compose."""

from datetime import date, time, timedelta

from sqlalchemy import select

import competencies
from certify.accounts.models import User
from certify.certificates import services as certificates
from certify.cohorts import services as cohorts
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import clock
from certify.demo import stories
from certify.demo.bodies import People, actor_of, session
from certify.frameworks.queries import framework_of
from certify.identities import services as identities
from certify.identities.models import ProofKind
from certify.juries import dossiers, queries, services
from certify.juries.models import Candidacy, JuryDecision, JurySession, SignatureMethod
from competencies.civil_status import CivilStatus, Sex

_QUALITIES = {
    "president": "Cadre de la petite enfance, présidence",
    "juror": "Facilitateur·rice en exercice",
    "second_juror": "Responsable de relais petite enfance",
}
_DAY = timedelta(days=1)


def hold(people: People, candidates: dict[str, list[Enrolment]]) -> None:
    """Hold the past session to its end, open the next one, and begin to compose the one after."""
    past = _sit(people, candidates["past"], before=30, since=28)
    with clock.at(clock.now() - 28 * _DAY):
        decisions = [_decide(people, past, enrolment) for enrolment in candidates["past"]]
        minutes = services.close(session(), people.actor("president"), past)
        session().flush()
        for key in _QUALITIES:
            services.sign(session(), people.actor(key), minutes, method=SignatureMethod.AUTHENTICATOR)
        services.publish(session(), people.actor("registrar"), past)
        session().flush()
    with clock.at(clock.now() - 27 * _DAY):
        for decision in decisions:
            certificates.issue(session(), people.actor("registrar"), decision)
            session().flush()
        for enrolment in candidates["past"][:1]:
            cohorts.change_state(session(), people.actor("coordinator"), enrolment, state=EnrolmentState.COMPLETED)
    now = _sit(people, candidates["next"], before=9, since=0)
    for enrolment in candidates["next"]:
        _identify(enrolment)
        _vote(people, now, enrolment)
    with clock.at(clock.now() - 2 * _DAY):
        _compose(people, candidates["past"][1:])


def _sit(people: People, enrolments: list[Enrolment], *, before: int, since: int) -> JurySession:
    """Convene a session so many days ago, have its members declare their links, and open it."""
    with clock.at(clock.now() - before * _DAY):
        made = _prepare(people, enrolments, clock.today() + (before - since) * _DAY, tuple(_QUALITIES))
        services.convene(session(), people.actor("registrar"), made)
        session().flush()
    with clock.at(clock.now() - since * _DAY):
        for key in _QUALITIES:
            services.declare(session(), people.actor(key), made)
            session().flush()
        services.open_deliberation(session(), people.actor("registrar"), made)
        session().flush()
    return made


def _compose(people: People, enrolments: list[Enrolment]) -> None:
    """Begin a session that cannot sit as it is: a member trained the candidate, who comes back for what remains."""
    made = _prepare(people, enrolments, clock.today() + 30 * _DAY, ("president", "trainer"))
    candidacy = session().scalars(select(Candidacy).where(Candidacy.session_id == made.id)).first()
    if candidacy is not None:
        services.set_needs(
            session(), people.actor("registrar"), made, candidacy.id, passes_at=time(10, 30), extra_time_percent=33,
            arrangements=stories.jury("arrangements"),
        )  # fmt: skip
    session().flush()


def _prepare(people: People, enrolments: list[Enrolment], held_on: date, members: tuple[str, ...]) -> JurySession:
    registrar = people.actor("registrar")
    made = services.create_session(
        session(), registrar, people.certifying_body, people.version,
        reference=queries.next_reference(session(), people.certifying_body.id, held_on.year),
        held_on=held_on, starts_at=time(9, 30), place="Loos, salle 2",
    )  # fmt: skip
    session().flush()
    for key in members:
        user = people.users[key]
        services.add_seat(
            session(), registrar, made, email=user.email, given_name=user.given_name, family_name=user.family_name,
            quality=_QUALITIES.get(key, ""), is_external=key in _QUALITIES, is_president=key == "president",
            is_qualified=key == "juror", gender="F" if key == "president" else "",
        )  # fmt: skip
        session().flush()
    services.add_candidates(session(), registrar, made, [enrolment.id for enrolment in enrolments])
    session().flush()
    return made


def _identify(enrolment: Enrolment) -> None:
    """Have a candidate give their identity, that the coordination has yet to compare with the document."""
    holder = session().get_one(User, enrolment.user_id)
    status = CivilStatus(
        given_names=(holder.given_name,), birth_name=stories.jury("birth_name"), sex=Sex.FEMALE,
        birth_year=1990, birth_month=1, birth_day=1, birth_commune_code="59350",
    )  # fmt: skip
    identities.give(session(), actor_of(holder), status=status, proof=ProofKind.IDENTITY_CARD)
    session().flush()


def _vote(people: People, jury: JurySession, enrolment: Enrolment) -> None:
    candidacy = _candidacy(jury, enrolment)
    outcomes = {
        block.code: competencies.BlockOutcome.ACQUIRED
        for block in framework_of(session(), enrolment.framework_version_id).blocks
    }
    services.vote(session(), people.actor("juror"), candidacy, outcomes=outcomes, comments={})
    session().flush()


def _candidacy(jury: JurySession, enrolment: Enrolment) -> Candidacy:
    query = select(Candidacy).where(Candidacy.session_id == jury.id, Candidacy.enrolment_id == enrolment.id)
    return session().scalars(query).one()


def _decide(people: People, jury: JurySession, enrolment: Enrolment) -> JuryDecision:
    candidacy = _candidacy(jury, enrolment)
    framework = framework_of(session(), enrolment.framework_version_id)
    proposals = dossiers.file_of(session(), candidacy).proposals
    blocks = {block.code: proposals[block.code] for block in framework.blocks}
    missing = [code for code, outcome in blocks.items() if outcome is not competencies.BlockOutcome.ACQUIRED]
    decision = services.decide(
        session(),
        people.actor("president"),
        candidacy,
        expected=0,
        blocks=blocks,
        reasons=dict.fromkeys(missing, stories.jury("block_missing")),
        outcome=competencies.propose_whole(blocks),
        reason=stories.jury("whole_partial" if missing else "obtained"),
    )
    session().flush()
    return decision
