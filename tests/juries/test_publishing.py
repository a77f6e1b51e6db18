"""Minutes made again, results published or taken back, and the decisions and appeals that come after."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.core.mail import MailMessage
from certify.juries import queries, results, services, signatures
from certify.juries.models import (
    Candidacy,
    DecisionKind,
    JuryDecision,
    JuryExtract,
    JuryMinutes,
    JurySession,
    JuryStep,
    SessionState,
    SignatureMethod,
)
from certify.juries.reading import reader_of
from certify.juries.services import Ruling
from tests.factories.juries import (
    ACQUIRED,
    BLOCKS,
    NOT_ACQUIRED,
    awards,
    grant,
    make_closed_jury,
    make_jury,
    make_published_jury,
    opened,
    published,
    seat_member,
)
from tests.factories.people import make_user

PARTLY = competencies.BlockOutcome.PARTLY_ACQUIRED
WHOLE = competencies.WholeOutcome
KIND = DecisionKind


def _ruling(**outcomes: competencies.BlockOutcome) -> Ruling:
    blocks = {code: outcomes.get(f"b{code}", ACQUIRED) for code in BLOCKS}
    why = dict.fromkeys(BLOCKS, "Motif écrit par le jury.")
    return Ruling(blocks, competencies.propose_whole(blocks), "Une pièce avait été oubliée.", why)


def test_opening_a_closed_session_again_asks_for_other_minutes(session: Session) -> None:
    made = make_closed_jury(session)
    first = queries.minutes_of(session, made.jury.id)
    assert first is not None
    services.sign(session, made.actor(session, made.president), first, method=SignatureMethod.MAIL)
    with pytest.raises(Invalid, match="pourquoi"):
        services.reopen(session, made.actor(session), made.jury, reason=" ")
    services.reopen(session, made.actor(session), made.jury, reason="Une pièce n’avait pas été lue.")
    assert first.superseded_at is not None
    with pytest.raises(Conflict, match="ne se signe plus"):
        services.sign(session, made.actor(session, made.members[1]), first, method=SignatureMethod.MAIL)
    grant(session, made, made.candidacies[0], b4=NOT_ACQUIRED)
    second = services.close(session, made.actor(session, made.president), made.jury)
    assert (second.number, second.facts["number"], second.facts["candidates"][0]["decision"]) == (2, 2, 2)
    assert [one["reason"] for one in second.facts["reopened"]] == ["Une pièce n’avait pas été lue."]
    assert signatures.missing(session, second) == [one["seat"] for one in second.facts["members"]]
    published(session, made)
    assert session.scalars(select(JuryMinutes.number).order_by(JuryMinutes.number)).all() == [1, 2]


def test_results_taken_back_award_nothing_until_published_again(session: Session) -> None:
    made = make_published_jury(session, 2)
    actor = made.actor(session)
    assert len(awards(session, made)) == 2
    with pytest.raises(Invalid, match="pourquoi"):
        services.unpublish(session, actor, made.jury, reason="")
    services.unpublish(session, actor, made.jury, reason="Erreur de transcription.")
    assert awards(session, made) == []
    assert (made.jury.state, made.jury.access_ends_on, made.jury.published_at) == (SessionState.CLOSED, None, None)
    services.publish(session, actor, made.jury)
    assert len(awards(session, made)) == 2
    assert len(session.scalars(select(JuryExtract)).all()) == 2
    steps = session.scalars(select(JuryStep).order_by(JuryStep.number)).all()
    assert [step.to_state.value for step in steps][-3:] == ["published", "closed", "published"]
    assert [step.reason for step in steps][-2] == "Erreur de transcription."


def test_after_publication_each_change_is_another_dated_decision(session: Session) -> None:
    made = make_published_jury(session, b4=NOT_ACQUIRED)
    candidacy, actor, today = made.candidacies[0], made.actor(session), clock.today()
    with pytest.raises(Forbidden):
        services.withdraw(
            session, made.actor(session, made.president), candidacy, kind=KIND.FRAUD, expected=1, decided_on=today,
            reason="Pièce falsifiée.",
        )  # fmt: skip
    with pytest.raises(Conflict, match="rien à rétablir"):
        services.reinstate(session, actor, candidacy, expected=1, decided_on=today, reason="Erreur.")
    with pytest.raises(Invalid, match="entre le jour"):
        services.withdraw(
            session, actor, candidacy, kind=KIND.FRAUD, expected=1, decided_on=today + timedelta(days=1), reason="Oui."
        )
    services.decide_again(
        session, actor, candidacy, kind=KIND.CORRECTION, expected=1, decided_on=today, ruling=_ruling()
    )
    assert [one.leads_to_a_certificate for one in awards(session, made)] == [True]
    services.withdraw(
        session, actor, candidacy, kind=KIND.FRAUD, expected=2, decided_on=today, reason="Pièce falsifiée."
    )
    taken_back = awards(session, made)[0]
    assert (taken_back.leads_to_a_certificate, taken_back.kind, taken_back.acquired) == (False, KIND.FRAUD, ())
    with pytest.raises(Conflict, match="déjà retirée"):
        services.withdraw(
            session, actor, candidacy, kind=KIND.CANCELLATION, expected=3, decided_on=today, reason="Encore."
        )
    with pytest.raises(Conflict, match="rétablissez-la"):
        services.decide_again(
            session, actor, candidacy, kind=KIND.CORRECTION, expected=3, decided_on=today, ruling=_ruling()
        )
    back = services.reinstate(
        session, actor, candidacy, expected=3, decided_on=today, reason="La pièce était authentique."
    )
    rows = session.scalars(select(JuryDecision).order_by(JuryDecision.number)).all()
    assert [(row.number, row.kind.value, row.outcome) for row in rows] == [
        (1, "deliberation", "partly_obtained"), (2, "correction", "obtained"), (3, "fraud", "refused"),
        (4, "reinstatement", "obtained"),
    ]  # fmt: skip
    assert back.restores_id == rows[1].id
    assert [one.decided_on for one in awards(session, made)] == [today]
    assert len(session.scalars(select(JuryExtract)).all()) == 4


def test_an_extract_names_who_sat_though_somebody_of_the_same_name_stood_aside(session: Session) -> None:
    made = make_jury(session)
    homonym = make_user(session, given_name=made.members[1].given_name, family_name=made.members[1].family_name)
    aside = seat_member(session, made.jury, homonym)
    made.members.append(homonym)
    opened(session, made)
    services.recuse(session, made.actor(session, homonym), made.candidacies[0], seat_id=aside.id)
    grant(session, made, made.candidacies[0])
    services.close(session, made.actor(session, made.president), made.jury)
    minutes = queries.minutes_of(session, made.jury.id)
    assert minutes is not None
    for user in made.members:
        if str(aside.id) in signatures.sat(minutes) or user is not homonym:
            services.sign(session, made.actor(session, user), minutes, method=SignatureMethod.MAIL)
    services.publish(session, made.actor(session), made.jury)
    extract = session.scalars(select(JuryExtract)).one()
    assert [one["name"] for one in extract.facts["members"]].count(homonym.name) == 1
    assert len(extract.facts["members"]) == 3


def test_minutes_are_signed_by_one_person_at_least(session: Session) -> None:
    made = make_closed_jury(session)
    minutes = queries.minutes_of(session, made.jury.id)
    assert minutes is not None
    first, second, last = (uuid.UUID(one) for one in signatures.missing(session, minutes))
    for seat in (first, second):
        services.state_missing(session, made.actor(session), minutes, seat_id=seat, reason="Empêchement durable.")
    with pytest.raises(Conflict, match="au moins une signature"):
        services.state_missing(session, made.actor(session), minutes, seat_id=last, reason="Empêchement durable.")
    with pytest.raises(Conflict, match="Il manque la signature"):
        services.publish(session, made.actor(session), made.jury)


def test_nothing_is_decided_afterwards_on_results_that_are_not_published(session: Session) -> None:
    made = make_closed_jury(session)
    with pytest.raises(Conflict, match="rouvrant la délibération"):
        services.withdraw(
            session, made.actor(session), made.candidacies[0], kind=KIND.FRAUD, expected=1, decided_on=clock.today(),
            reason="Pièce falsifiée.",
        )  # fmt: skip


def test_an_appeal_is_lodged_in_time_and_answered_by_a_decision_or_a_dated_refusal(session: Session) -> None:
    made = make_published_jury(session, 2, b4=NOT_ACQUIRED)
    first, second = made.candidacies
    people = [session.get_one(User, session.get_one(Enrolment, one.enrolment_id).user_id) for one in made.candidacies]
    appeal = services.lodge(session, made.actor(session, people[0]), first, grounds="Ma fiche 12 n’a pas été lue.")
    with pytest.raises(Conflict, match="déjà enregistré"):
        services.lodge(session, made.actor(session, people[0]), first, grounds="Encore.")
    with pytest.raises(Forbidden):
        services.lodge(session, made.actor(session, people[1]), first, grounds="Pas la mienne.")
    today = clock.today()
    services.answer(
        session, made.actor(session), appeal, is_upheld=True, words="La fiche a été relue.", answered_on=today,
        expected=1, ruling=_ruling(),
    )  # fmt: skip
    standing = results.own_results(session, made.actor(session, people[0]))[0]
    assert (standing.decision.kind, standing.decision.outcome) == (KIND.APPEAL, "obtained")
    assert standing.appeals[0].decision_id == standing.decision.id
    with pytest.raises(Conflict, match="déjà reçu"):
        services.answer(session, made.actor(session), appeal, is_upheld=False, words="Non.", answered_on=today)
    with clock.at(clock.now() + timedelta(days=61)):
        with pytest.raises(Conflict, match="délai"):
            services.lodge(session, made.actor(session, people[1]), second, grounds="Trop tard.")
        late = services.lodge(
            session, made.actor(session), second, grounds="Lettre reçue.", received_on=today + timedelta(days=60)
        )
        services.answer(
            session, made.actor(session), late, is_upheld=False, words="Le jury confirme.", answered_on=clock.today()
        )
    other = results.own_results(session, made.actor(session, people[1]))[0]
    assert (other.decision.number, other.appeals[0].is_upheld, other.appeals[0].answer) == (
        1, False, "Le jury confirme.",
    )  # fmt: skip


def test_results_are_read_by_the_candidate_alone_and_only_once_published(session: Session) -> None:
    made = make_closed_jury(session, 2)
    holder = session.get_one(User, session.get_one(Enrolment, made.candidacies[0].enrolment_id).user_id)
    actor = made.actor(session, holder)
    assert results.own_results(session, actor) == []
    published(session, made)
    assert [one.candidacy.id for one in results.own_results(session, actor)] == [made.candidacies[0].id]
    with pytest.raises(NotFound):
        results.own_result(session, actor, made.candidacies[1].id)


def test_the_access_of_members_ends_some_days_after_publication_not_the_registrar_s(session: Session) -> None:
    made = make_published_jury(session)
    for days, user, is_refused in (
        (30, made.president, False),
        (31, made.president, True),
        (31, made.registrar, False),
    ):
        with clock.at(clock.now() + timedelta(days=days)):
            actor = made.actor(session, user)
            loaded = queries.candidacy_for(session, actor, made.candidacies[0].id)
            assert (reader_of(session, loaded, actor).refusal is not None) is is_refused


def test_everybody_concerned_is_told_by_mail_once(session: Session, run_jobs) -> None:  # type: ignore[no-untyped-def]
    made = make_closed_jury(session, 2)
    session.commit()
    run_jobs()
    asked = session.scalars(select(MailMessage).where(MailMessage.subject.contains("à signer"))).all()
    assert {one.recipient for one in asked} == {one.email for one in made.members}
    jury = session.get_one(JurySession, made.jury.id)
    made.jury = jury
    published(session, made)
    session.commit()
    run_jobs()
    candidacy = session.get_one(Candidacy, made.candidacies[0].id)
    services.withdraw(
        session, made.actor(session), candidacy, kind=KIND.CANCELLATION, expected=1, decided_on=clock.today(),
        reason="Inscription annulée.",
    )  # fmt: skip
    session.commit()
    run_jobs()
    services.unpublish(session, made.actor(session), session.get_one(JurySession, jury.id), reason="Erreur.")
    session.commit()
    run_jobs()
    subjects = [one.subject for one in session.scalars(select(MailMessage))]
    told = ("Votre résultat est publié", "Votre résultat est retiré pour correction", "Une nouvelle décision sur")
    assert [sum(words in subject for subject in subjects) for words in told] == [2, 2, 1]
    extracts = session.scalars(select(JuryExtract)).all()
    assert len(extracts) == 3
    assert all(one.storage_key and len(one.sha256) == 64 for one in extracts)


def test_nobody_is_told_of_what_was_taken_back_meanwhile(session: Session, run_jobs) -> None:  # type: ignore[no-untyped-def]
    made = make_published_jury(session)
    services.withdraw(
        session, made.actor(session), made.candidacies[0], kind=KIND.CANCELLATION, expected=1,
        decided_on=clock.today(), reason="Inscription annulée.",
    )  # fmt: skip
    services.unpublish(session, made.actor(session), made.jury, reason="Erreur.")
    session.commit()
    run_jobs()
    subjects = [one.subject for one in session.scalars(select(MailMessage))]
    assert not any("Votre résultat est publié" in one or "nouvelle décision" in one for one in subjects)
