"""Pages of supervision, as its people go through them without JavaScript."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.anonymity.policies import Passage
from certify.anonymity.queries import subject_for
from certify.anonymity.services import flag
from certify.cohorts.models import Cohort, Enrolment, Presence
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.db import db
from certify.organisations.models import Organisation
from certify.supervision import services
from certify.supervision.models import SupervisionSession, SupervisionSignature
from certify.supervision.queries import NOTES_READ
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.fieldwork import make_group_of, make_supervision
from tests.factories.people import actor_of, make_member, make_user
from tests.services.signing_in import PASSWORD, SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words


def _person(session: Session, enrolment: Enrolment) -> User:
    return session.get_one(User, enrolment.user_id)


def _trainer(session: Session, cohort: Cohort, role: Role = Role.TRAINER) -> User:
    return make_member(session, session.get_one(Organisation, cohort.training_body_id), role)


def _came(session: Session, held: SupervisionSession, leader: User, *enrolments: Enrolment) -> None:
    presences = {one.id: Presence.PRESENT for one in enrolments}
    services.record_presence(session, actor_of(session, leader), held, presences=presences, revision=held.revision)
    session.commit()


def test_a_trainer_plans_a_session_records_presence_and_both_sides_sign(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    trainer, enrolment = _trainer(session, cohort), make_enrolment(session, cohort)
    visitor = sign_in(trainer)
    page = visit(visitor, "/supervision/new")
    page = follow(
        visitor,
        submit(
            visitor, page, kind="practice_analysis", half="morning", theme="Accueillir", trainees=[str(enrolment.id)]
        ),
    )
    assert "présence pas encore notée" in words(page)
    address = page.url.split("localhost")[1]
    page = follow(visitor, submit(visitor, page, 'form[action$="/attendance"]'))
    page = follow(visitor, submit(visitor, page, 'form[action$="/sign"]'))
    assert "Signé par qui a mené la séance" in words(page)
    trainee = sign_in(_person(session, enrolment))
    assert "à signer" in words(visit(trainee, "/supervision/own"))
    page = visit(trainee, address)
    assert not page.select('form[action$="/attendance"]')
    page = follow(trainee, submit(trainee, page, 'form[action$="/sign"]'))
    assert "Signé par la ou le stagiaire" in words(page)
    assert "signée des deux côtés" in words(visit(trainee, "/supervision/own"))
    assert "complètes" in words(visit(visitor, "/supervision"))


def test_an_observation_expects_who_facilitates_its_group(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    group = make_group_of(session, enrolment)
    visitor = sign_in(_trainer(session, session.get_one(Cohort, enrolment.cohort_id)))
    page = visit(visitor, f"/supervision/new?group={group.id}")
    refused = read(submit(visitor, page, kind="observation", group_id="", half="morning"), status=422)
    assert "Choisissez le groupe" in words(refused)
    page = follow(visitor, submit(visitor, page, kind="observation", half="afternoon"))
    assert _person(session, enrolment).name in words(page)
    assert group.code in words(page)


def test_both_sides_write_notes_and_a_clash_shows_both_texts(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, session.get_one(Cohort, enrolment.cohort_id))
    held = make_supervision(session, trainer.id, enrolment)
    visitor, trainee = sign_in(trainer), sign_in(_person(session, enrolment))
    address = f"/supervision/{held.id}/notes"
    first, second = visit(visitor, address), visit(trainee, address)
    assert "Le premier." in words(follow(visitor, submit(visitor, first, notes="Le premier.")))
    refused = read(submit(trainee, second, notes="Le second."), status=422)
    assert "Le premier." in words(refused)
    assert "Le second." in words(refused)
    assert "Les deux." in words(follow(trainee, submit(trainee, refused, notes="Les deux.")))
    refused = read(submit(trainee, visit(trainee, address), notes="Appeler le 06 12 34 56 78."), status=422)
    assert "reconnaître" in words(refused)


def test_reading_notes_of_a_session_one_is_not_of_leaves_one_trace_a_day(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    trainer = _trainer(session, cohort)
    held = make_supervision(session, trainer.id, enrolment, notes="Laisser plus de silence.")
    reader = _trainer(session, cohort, Role.COORDINATOR)
    session.commit()
    for person in (trainer, _person(session, enrolment), reader, reader):
        assert "plus de silence" in words(visit(sign_in(person), f"/supervision/{held.id}"))
    session.rollback()
    events = list(session.scalars(select(AuditEvent).where(AuditEvent.tag == NOTES_READ)))
    assert [(one.actor_id, one.object_id) for one in events] == [(reader.id, held.id)]


def test_a_flagged_passage_is_masked_until_the_notes_are_written_again(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    trainer, reader = _trainer(session, cohort), _trainer(session, cohort, Role.REFERENT)
    held = make_supervision(session, trainer.id, enrolment)
    leader = actor_of(session, trainer)
    services.write_notes(session, leader, held, notes="La maman de Zoé a pleuré.", revision=held.revision)
    session.commit()
    visitor, address = sign_in(reader), f"/supervision/{held.id}"
    assert visit(visitor, address).select(f'a[href="/flags/supervision_session/{held.id}"]')
    subject = subject_for(session, actor_of(session, reader), "supervision_session", held.id)
    flag(session, actor_of(session, reader), subject, passages=[Passage("notes", 12, 15)])
    session.commit()
    for person in (reader, _person(session, enrolment)):
        assert "Zoé" not in words(visit(sign_in(person), address))
    assert "Zoé" in words(visit(sign_in(trainer), address))
    services.write_notes(session, leader, held, notes="Un parent a pleuré, puis parlé.", revision=held.revision)
    session.commit()
    assert "Un parent a pleuré, puis parlé." in words(visit(visitor, address))


def test_a_trainee_beside_the_supervisor_signs_with_their_own_password(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    person = _person(session, enrolment)
    trainer = _trainer(session, session.get_one(Cohort, enrolment.cohort_id))
    accounts.set_password(session, person, PASSWORD)
    held = make_supervision(session, trainer.id, enrolment)
    _came(session, held, trainer, enrolment)
    visitor = sign_in(trainer)
    assert visit(visitor, f"/supervision/{held.id}").select(f'a[href$="/sign/{enrolment.id}"]')
    page = visit(visitor, f"/supervision/{held.id}/sign/{enrolment.id}")
    refused = read(submit(visitor, page, password="une tout autre phrase"), status=422)
    assert "pas le mot de passe" in words(refused)
    page = follow(visitor, submit(visitor, page, password=PASSWORD))
    assert "Signé par la ou le stagiaire" in words(page)
    signature = session.scalars(select(SupervisionSignature)).one()
    assert (signature.signer_id, signature.facts["is_together"]) == (person.id, True)
    assert visitor.get(f"/supervision/{held.id}/sign/{enrolment.id}").status_code == 404


def test_passwords_are_not_guessed_from_the_page_of_a_session(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    accounts.set_password(session, _person(session, enrolment), PASSWORD)
    trainer = _trainer(session, session.get_one(Cohort, enrolment.cohort_id))
    held = make_supervision(session, trainer.id, enrolment)
    _came(session, held, trainer, enrolment)
    visitor = sign_in(trainer)
    page = visit(visitor, f"/supervision/{held.id}/sign/{enrolment.id}")
    answers = [submit(visitor, page, password=f"une phrase au hasard {n}").status_code for n in range(12)]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_only_who_leads_the_session_lets_somebody_sign_there(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    accounts.set_password(session, _person(session, enrolment), PASSWORD)
    trainer = _trainer(session, cohort)
    held = make_supervision(session, trainer.id, enrolment)
    _came(session, held, trainer, enrolment)
    other = sign_in(_trainer(session, cohort))
    assert other.get(f"/supervision/{held.id}/sign/{enrolment.id}").status_code == 404
    assert other.get(f"/supervision/{held.id}/notes").status_code == 404


def test_a_signed_session_that_changes_shows_the_older_signatures(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, session.get_one(Cohort, enrolment.cohort_id))
    held = make_supervision(session, trainer.id, enrolment)
    _came(session, held, trainer, enrolment)
    services.sign_as_supervisor(session, actor_of(session, trainer), held, revision=held.revision)
    session.commit()
    visitor = sign_in(trainer)
    page = visit(visitor, f"/supervision/{held.id}/edit")
    assert "déjà signée" in words(page)
    page = follow(visitor, submit(visitor, page, theme="Conclure une rencontre"))
    assert "signature d’une version précédente" in words(page)
    assert page.select('form[action$="/sign"]')
    page = follow(visitor, submit(visitor, page, 'form[action$="/cancel"]'))
    assert "annulée" in words(page)


def test_hours_are_listed_by_trainee_and_exported(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, session.get_one(Cohort, enrolment.cohort_id))
    held = make_supervision(session, trainer.id, enrolment, minutes=150)
    _came(session, held, trainer, enrolment)
    visitor = sign_in(trainer)
    assert "2 h 30" in words(visit(visitor, "/supervision/totals"))
    lines = visitor.get("/supervision/totals?format=csv").get_data(as_text=True).splitlines()
    assert len(lines) == 2
    assert "2\u00a0h\u00a030" in lines[1]
    trainee = sign_in(_person(session, enrolment))
    assert "2 h 30" in words(visit(trainee, "/supervision/own"))
    for staff_page in ("/supervision", "/supervision/totals"):
        assert trainee.get(staff_page).status_code == 404


def test_the_sheet_is_a_pdf_of_one_page_for_its_people(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, session.get_one(Cohort, enrolment.cohort_id))
    held = make_supervision(session, trainer.id, enrolment, place="Salle des familles", notes="Rien de cela.")
    _came(session, held, trainer, enrolment)
    services.sign_as_supervisor(session, actor_of(session, trainer), held, revision=held.revision)
    session.commit()
    answer = sign_in(_person(session, enrolment)).get(f"/supervision/{held.id}/sheet.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert sign_in(make_user(session)).get(f"/supervision/{held.id}/sheet.pdf").status_code in (403, 404)


@pytest.mark.parametrize("address", ["/supervision", "/supervision/own", "/supervision/totals"])
def test_lists_ask_the_database_as_much_for_many_sessions_as_for_few(
    session: Session, sign_in: SignIn, address: str
) -> None:
    enrolment = make_enrolment(session)
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    trainer = _trainer(session, cohort)
    held = make_supervision(session, trainer.id, enrolment)
    _came(session, held, trainer, enrolment)
    visitor: FlaskClient = sign_in(_person(session, enrolment) if address.endswith("own") else trainer)
    visit(visitor, address)
    with count_statements(db.engine) as few:
        visit(visitor, address)
    for _ in range(12):
        make_supervision(session, trainer.id, enrolment, make_enrolment(session, cohort))
    session.commit()
    with count_statements(db.engine) as many:
        visit(visitor, address)
    assert len(few) == len(many), str(many)


def test_the_page_of_a_session_asks_the_database_as_much_for_many_people_as_for_few(
    session: Session, sign_in: SignIn
) -> None:
    cohort = make_cohort(session)
    trainer = _trainer(session, cohort)
    small = make_supervision(session, trainer.id, make_enrolment(session, cohort))
    big = make_supervision(session, trainer.id, *(make_enrolment(session, cohort) for _ in range(10)))
    session.commit()
    visitor, counts = sign_in(trainer), []
    visit(visitor, f"/supervision/{small.id}")
    for held in (small, big):
        with count_statements(db.engine) as seen:
            visit(visitor, f"/supervision/{held.id}")
        counts.append(len(seen))
    assert counts[0] == counts[1]
