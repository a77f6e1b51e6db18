"""The home page, role by role: what to do now comes first."""

from datetime import timedelta

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Role
from certify.core.outbox import OutboxMessage
from certify.declarations import queries as declarations
from certify.logbook.models import ReviewOutcome
from certify.organisations.models import Organisation
from certify.reports import home
from tests.factories.assessments import (
    INDICATORS,
    make_accepted_evidence,
    make_draft,
    make_signed,
    make_trainer,
    whole_grid,
)
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.declarations import make_declared
from tests.factories.juries import closed, make_certificate, make_jury, make_ready, opened, published, seat_member
from tests.factories.logbook import answer, make_entry, make_submitted
from tests.factories.people import actor_of, make_certifying_body, make_member, make_user
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import visit


def _home(app: Flask, user: User) -> BeautifulSoup:
    return visit(signed_in_client(app, user), "/")


def _todos(page: BeautifulSoup) -> list[str]:
    return [tag.get_text().replace("\u202f", " ") for tag in page.select("#todo .todo strong")]


def _trainee(session: Session, enrolment: Enrolment) -> User:
    return session.get_one(User, enrolment.user_id)


def _member(session: Session, enrolment: Enrolment, role: Role) -> User:
    return make_member(session, session.get_one(Organisation, enrolment.training_body_id), role)


def test_somebody_without_any_role_is_told_whom_to_ask(app: Flask, session: Session) -> None:
    assert "Rien ne vous attend" in _home(app, make_user(session)).get_text()


def test_a_trainee_finds_returned_entries_first_then_drafts_then_what_is_missing(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    make_entry(session, enrolment, title="Brouillon du mardi")
    returned = make_submitted(session, enrolment, title="Rencontre n° 7")
    answer(session, returned, ReviewOutcome.RETURNED)
    make_accepted_evidence(session, enrolment, ["1.1.1"])
    page = _home(app, _trainee(session, enrolment))
    assert _todos(page) == [
        "Compléter « Rencontre n° 7 »",
        "Terminer « Brouillon du mardi »",
        "Apporter une preuve pour l’indicateur 1.1.2",
        "Apporter une preuve pour l’indicateur 2.1.1",
    ]
    assert "1 sur 11" in page.find(id="file").get_text()


def test_a_trainee_with_a_whole_file_and_nothing_to_do_is_told_so(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    make_accepted_evidence(session, enrolment, INDICATORS)
    page = _home(app, _trainee(session, enrolment))
    assert "Vous êtes à jour" in page.get_text()
    assert "tous les indicateurs prouvés" in page.find(id="file").get_text()


def test_a_trainer_finds_entries_to_review_with_the_age_of_the_oldest(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    old = make_submitted(session, enrolment)
    old.submitted_at = clock.now() - timedelta(days=9)
    make_submitted(session, enrolment)
    page = _home(app, _member(session, enrolment, Role.TRAINER))
    assert _todos(page)[0] == "Relire 2 fiches du cahier"
    first = page.select_one("#todo .todo li")
    assert "depuis 9 jours" in first.get_text()
    assert "is-late" in first["class"]


def test_a_trainer_finds_trainees_to_assess_drafts_and_disputes(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    make_signed(session, enrolment)
    make_signed(session, enrolment, ratings=whole_grid(**{"3.2.1": "not_acquired"}))
    make_accepted_evidence(session, enrolment, ["1.1.1"])
    make_draft(session, enrolment, trainer)
    name = _trainee(session, enrolment).name
    todos = _todos(_home(app, trainer))
    assert f"Évaluer {name}" in todos
    assert f"Terminer l’évaluation de {name}" in todos
    assert "Vous accorder sur 1 compétence" in todos


def test_late_trainees_are_told_to_those_who_follow_them_only(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    assert "Relancer 1 stagiaire" in _todos(_home(app, _member(session, enrolment, Role.TRAINER)))
    page = _home(app, _member(session, enrolment, Role.REFERENT))
    assert _todos(page) == []
    assert page.find(id="cohorts") is not None


def test_a_coordinator_finds_invitations_without_answer(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session, state=EnrolmentState.INVITED)
    todos = _todos(_home(app, _member(session, enrolment, Role.COORDINATOR)))
    assert todos == ["Suivre 1 invitation sans réponse"]


def test_a_cohort_that_is_over_is_left_out(session: Session) -> None:
    past = clock.today() - timedelta(days=1)
    enrolment = make_enrolment(session, make_cohort(session, ends_on=past))
    actor = actor_of(session, _member(session, enrolment, Role.TRAINER))
    assert home.cohorts_under_way(session, actor) == []


def test_the_figures_of_a_cohort(session: Session) -> None:
    cohort = make_cohort(session)
    whole, started = make_enrolment(session, cohort), make_enrolment(session, cohort)
    make_enrolment(session, cohort, state=EnrolmentState.WITHDRAWN)
    make_accepted_evidence(session, whole, INDICATORS)
    make_accepted_evidence(session, started, ["1.1.1"])
    make_submitted(session, started)
    actor = actor_of(session, _member(session, whole, Role.TRAINER))
    (line,) = home.cohorts_under_way(session, actor)
    assert (line.trainees, line.complete, line.late, line.covered) == (2, 1, 1, len(INDICATORS) + 1)
    assert line.indicators == 2 * len(INDICATORS)


def test_a_registrar_finds_who_is_ready_for_a_jury(app: Flask, session: Session) -> None:
    ready, assessed = make_enrolment(session), make_enrolment(session)
    make_accepted_evidence(session, ready, INDICATORS)
    make_signed(session, ready)
    make_signed(session, assessed)
    body = session.get_one(Organisation, session.get_one(Cohort, ready.cohort_id).certifying_body_id)
    page = _home(app, make_member(session, body, Role.REGISTRAR))
    assert _todos(page) == ["Présenter 1 candidature à un jury"]
    assert _trainee(session, ready).name in page.find(id="ready").get_text()


def test_somebody_partly_assessed_is_not_ready(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_accepted_evidence(session, enrolment, INDICATORS)
    unseen = {code: None for code in INDICATORS if code.startswith("4.4")}
    make_signed(session, enrolment, ratings=whole_grid(**unseen))
    body = session.get_one(Organisation, session.get_one(Cohort, enrolment.cohort_id).certifying_body_id)
    assert home.ready_candidates(session, actor_of(session, make_member(session, body, Role.REGISTRAR))) == []


def test_a_registrar_of_another_body_finds_nobody(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_accepted_evidence(session, enrolment, INDICATORS)
    make_signed(session, enrolment)
    other = make_member(session, make_certifying_body(session), Role.REGISTRAR)
    assert home.ready_candidates(session, actor_of(session, other)) == []


def test_a_registrar_finds_sessions_to_prepare_to_follow_and_certificates_to_issue(
    app: Flask, session: Session
) -> None:
    prepared = make_jury(session)
    opened(session, make_jury(session, 2, cohort=prepared.cohort))
    published(session, closed(session, make_jury(session, cohort=prepared.cohort)))
    todos = _todos(_home(app, prepared.registrar))
    assert [todo.rpartition(" ")[0] for todo in todos[1:]] == ["Suivre la délibération du jury", "Préparer le jury"]
    assert todos[0] == "Délivrer 1 certificat"


def test_somebody_presented_to_a_jury_is_ready_no_more(session: Session) -> None:
    prepared = make_jury(session)
    make_ready(session, prepared.candidacies[0])
    assert home.ready_candidates(session, prepared.actor(session)) == []


def test_the_home_page_of_a_registrar_takes_as_many_statements_whatever_the_sessions(session: Session) -> None:
    prepared = make_jury(session)
    counts = []
    for _ in range(2):
        published(session, closed(session, make_jury(session, 2, cohort=prepared.cohort)))
        session.commit()
        actor = prepared.actor(session)
        with count_statements(session.get_bind()) as statements:
            assert home.registry(session, actor).to_issue
        counts.append(len(statements))
    assert counts[0] == counts[1], counts


def test_a_registrar_of_several_bodies_is_told_which_one_has_people_to_declare(app: Flask, session: Session) -> None:
    declared = make_declared(session, 2)
    make_member(session, make_certifying_body(session, name="Organisme B"), Role.REGISTRAR, declared.registrar)
    page = _home(app, declared.registrar)
    assert "Déclarer 2 personnes certifiées à la Caisse des Dépôts" in _todos(page)
    link = page.select_one(f"#todo a[href='/declarations?body={declared.body.id}']")
    assert link is not None
    assert declared.body.name in page.find(id="todo").get_text()


def test_declarations_take_as_many_statements_for_one_body_as_for_three(session: Session) -> None:
    first = make_declared(session, 2)
    counts = []
    for bodies in ([first.body.id], [first.body.id, *(make_declared(session).body.id for _ in range(2))]):
        with count_statements(session.get_bind()) as statements:
            assert len(declarations.overviews(session, bodies)) == len(bodies)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_member_of_a_jury_is_asked_for_their_declaration_then_for_their_reading(app: Flask, session: Session) -> None:
    prepared = make_jury(session)
    newcomer = make_user(session)
    seat_member(session, prepared.jury, newcomer, declared_at=None)
    assert _todos(_home(app, newcomer))[0].startswith("Déclarer vos liens")
    assert _todos(_home(app, prepared.members[1]))[0].startswith("Lire les dossiers du jury")


def test_a_president_is_told_to_deliberate(app: Flask, session: Session) -> None:
    prepared = opened(session, make_jury(session))
    assert _todos(_home(app, prepared.president))[0].startswith("Délibérer au jury")


def test_a_certified_person_finds_their_certificate(app: Flask, session: Session) -> None:
    certificate = make_certificate(session)
    todos = _todos(_home(app, session.get_one(User, certificate.holder_id)))
    assert "Consulter votre certificat" in todos


def test_an_administrator_finds_failed_jobs(app: Flask, session: Session) -> None:
    moment = clock.now()
    values = {"topic": "mail.send", "subscriber": "nobody", "payload": {}, "created_at": moment, "due_at": moment}
    session.add(OutboxMessage(**values, failed_at=moment))
    body = make_certifying_body(session)
    assert _todos(_home(app, make_member(session, body, Role.ADMINISTRATOR))) == ["Relancer 1 tâche en échec"]


def test_several_roles_make_several_sections(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainee = _trainee(session, enrolment)
    other = make_enrolment(session)
    make_submitted(session, other)
    make_member(session, session.get_one(Organisation, other.training_body_id), Role.TRAINER, trainee)
    page = _home(app, trainee)
    assert page.find(id="file") is not None
    assert page.find(id="cohorts") is not None
    assert "Relire 1 fiche du cahier" in _todos(page)


def test_the_home_page_takes_as_many_statements_whatever_the_number_of_trainees(app: Flask, session: Session) -> None:
    cohort = make_cohort(session)
    trainer = make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER)
    client = signed_in_client(app, trainer)
    counts = []
    for _ in range(3):
        for _ in range(4):
            enrolment = make_enrolment(session, cohort)
            make_accepted_evidence(session, enrolment, ["1.1.1"])
            make_submitted(session, enrolment)
        make_signed(session, enrolment, trainer)
        session.commit()
        with count_statements(session.get_bind()) as statements:
            visit(client, "/")
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 20, counts
