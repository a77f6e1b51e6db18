"""The demonstration's jury sessions: one closed, with its certificates; one in deliberation."""

from datetime import timedelta

from sqlalchemy import select

import competencies
from certify.certificates import services as certificates
from certify.cohorts import services as cohorts
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import clock
from certify.demo import stories
from certify.demo.bodies import People, session
from certify.frameworks.queries import framework_of
from certify.juries import candidates as files
from certify.juries import queries, services
from certify.juries.models import Candidacy, JuryDecision, JurySession

_QUALITIES = {
    "president": "Cadre de la petite enfance, présidence",
    "juror": "Facilitateur·rice en exercice",
    "second_juror": "Responsable de relais petite enfance",
}
_DAY = timedelta(days=1)


def hold(people: People, candidates: dict[str, list[Enrolment]]) -> None:
    """Hold the past session to its end and open the next one."""
    with clock.at(clock.now() - 30 * _DAY):
        past = _convened(people, candidates["past"])
    with clock.at(clock.now() - 28 * _DAY):
        decisions = [_decide(people, past, enrolment) for enrolment in candidates["past"]]
        services.close(session(), people.actor("president"), past)
        session().flush()
    with clock.at(clock.now() - 27 * _DAY):
        for decision in decisions:
            certificates.issue(session(), people.actor("registrar"), decision)
            session().flush()
        for enrolment in candidates["past"][:1]:
            cohorts.change_state(session(), people.actor("coordinator"), enrolment, state=EnrolmentState.COMPLETED)
    with clock.at(clock.now() - 2 * _DAY):
        _convened(people, candidates["next"])


def _convened(people: People, enrolments: list[Enrolment]) -> JurySession:
    registrar = people.actor("registrar")
    today = clock.today()
    made = services.create_session(
        session(),
        registrar,
        people.certifying_body,
        people.version,
        reference=queries.next_reference(session(), people.certifying_body.id, today.year),
        held_on=today,
        place="Loos, salle 2",
    )
    session().flush()
    for key, quality in _QUALITIES.items():
        user = people.users[key]
        services.add_seat(
            session(),
            registrar,
            made,
            email=user.email,
            given_name=user.given_name,
            family_name=user.family_name,
            quality=quality,
            is_external=True,
            is_president=key == "president",
        )
        session().flush()
    services.add_candidates(session(), registrar, made, [enrolment.id for enrolment in enrolments])
    session().flush()
    for key in _QUALITIES:
        services.declare(session(), people.actor(key), made)
        session().flush()
    services.open_deliberation(session(), registrar, made)
    session().flush()
    return made


def _decide(people: People, jury: JurySession, enrolment: Enrolment) -> JuryDecision:
    candidacy = (
        session()
        .scalars(select(Candidacy).where(Candidacy.session_id == jury.id, Candidacy.enrolment_id == enrolment.id))
        .one()
    )
    framework = framework_of(session(), enrolment.framework_version_id)
    proposals = files.file_of(session(), candidacy).proposals
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
