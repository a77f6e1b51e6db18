"""Administration: state of the application, jobs, audit, mailbox."""

import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import audit, clock, mail
from certify.core.access import Role
from certify.core.outbox import OutboxMessage
from certify.organisations.models import Organisation
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.signing_in import signed_in_client
from tests.services.visiting import follow, submit, visit


@pytest.fixture
def body(session: Session) -> Organisation:
    return make_organisation(session, name="Organisme A")


@pytest.fixture
def administrator(session: Session, body: Organisation) -> User:
    return make_member(
        session, body, Role.ADMINISTRATOR, make_user(session, given_name="Administratrice", family_name="A")
    )


def make_failed_job(session: Session) -> OutboxMessage:
    mail.queue_plain(session, to="a@exemple.test", subject="Essai", text="Essai")
    job = session.scalars(select(OutboxMessage)).one()
    job.failed_at, job.attempts, job.last_error = clock.now(), 8, "ConnectionRefusedError: le serveur ne répond pas"
    session.flush()
    return job


def test_the_administration_page_says_what_is_switched_off(app: Flask, administrator: User) -> None:
    text = visit(signed_in_client(app, administrator), "/administration").get_text()

    assert "Aucun antivirus" in text
    assert "montrés sur la page « Courriels écrits »".replace("« ", "«\u202f").replace(" »", "\u202f»") in text
    assert "La double authentification obligatoire est désactivée" not in text


@pytest.mark.settings(require_second_factor=False, clamd_url="tcp://127.0.0.1:3310")
def test_a_relaxed_second_factor_is_said_and_an_antivirus_too(app: Flask, administrator: User) -> None:
    text = visit(signed_in_client(app, administrator), "/administration").get_text()

    assert "La double authentification obligatoire est désactivée" in text
    assert "Aucun antivirus" not in text


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TRAINER, Role.AUDITOR])
def test_only_administrators_open_it(app: Flask, session: Session, body: Organisation, role: Role) -> None:
    client = signed_in_client(app, make_member(session, body, role))

    assert [client.get(path).status_code for path in ("/administration", "/administration/jobs")] == [403, 403]


def test_a_failed_job_is_shown_with_its_error_and_retried(app: Flask, session: Session, administrator: User) -> None:
    job = make_failed_job(session)
    client = signed_in_client(app, administrator)
    assert "1 tâche a échoué" in visit(client, "/administration").get_text()
    page = visit(client, "/administration/jobs?state=failed")
    assert "le serveur ne répond pas" in page.get_text()

    answer = submit(client, page, "form[action$='/retry']")

    assert "relancée" in follow(client, answer).get_text()
    session.expire_all()
    assert (job.failed_at, job.attempts) == (None, 0)


def test_a_job_that_did_not_fail_is_not_retried(app: Flask, session: Session, administrator: User) -> None:
    job = make_failed_job(session)
    job.failed_at = None
    client = signed_in_client(app, administrator)
    token = visit(client, "/administration").select_one("input[name=csrf_token]")["value"]  # type: ignore[index]

    for wanted in (job.id, uuid.uuid4()):
        assert client.post(f"/administration/jobs/{wanted}/retry", data={"csrf_token": token}).status_code == 404


def test_jobs_are_filtered_by_state(app: Flask, session: Session, administrator: User) -> None:
    make_failed_job(session)
    client = signed_in_client(app, administrator)

    assert "mail.send" in visit(client, "/administration/jobs").get_text()
    assert "Aucune tâche ici" in visit(client, "/administration/jobs?state=done").get_text()


def test_the_audit_page_tells_what_happened_in_words_and_by_whom(
    app: Flask, session: Session, body: Organisation, administrator: User
) -> None:
    audit.record(
        session,
        actor_of(session, administrator),
        "organisation:membership:started",
        body,
        organisation_id=body.id,
        role="trainer",
        user_id=uuid.uuid4(),
    )
    client = signed_in_client(app, administrator)

    text = visit(client, "/administration/audit").select_one("#events").get_text()  # type: ignore[union-attr]

    assert "Rôle donné" in text
    assert "Administratrice A" in text
    assert "Formateur·rice" in text
    assert "user_id" not in text


def test_the_audit_of_another_organisation_is_out_of_reach(
    app: Flask, session: Session, body: Organisation, administrator: User
) -> None:
    other = make_organisation(session, name="Organisme B")
    audit.record(session, None, "cohorts:cohort:created", other, organisation_id=other.id)
    client = signed_in_client(app, administrator)

    for path in ("/administration/audit", f"/administration/audit?organisation={other.id}"):
        assert "Promotion créée" not in visit(client, path).get_text()
    assert "cohorts:cohort:created" not in client.get("/administration/audit?format=csv").get_data(as_text=True)


def test_the_audit_is_filtered_by_date_and_code_and_exported(
    app: Flask, session: Session, body: Organisation, administrator: User
) -> None:
    audit.record(session, None, "cohorts:cohort:created", body, organisation_id=body.id)
    client = signed_in_client(app, administrator)
    today = clock.today().isoformat()

    assert "Promotion créée" in visit(client, f"/administration/audit?since={today}&until={today}&q=cohort").get_text()
    assert "Aucun événement" in visit(client, "/administration/audit?until=01/01/2020").get_text()
    assert "Aucun événement" in visit(client, "/administration/audit?q=inconnu").get_text()
    assert "cohorts:cohort:created" in client.get("/administration/audit?format=csv").get_data(as_text=True)


def test_a_day_that_does_not_exist_is_named(app: Flask, administrator: User) -> None:
    page = visit(signed_in_client(app, administrator), "/administration/audit?since=31/02/2026", status=422)

    assert "n’existe pas" in page.get_text()


def test_the_audit_page_takes_as_many_statements_for_fifty_events_as_for_one(
    app: Flask, session: Session, body: Organisation, administrator: User
) -> None:
    for number in range(60):
        audit.record(
            session,
            actor_of(session, administrator),
            "cohorts:cohort:created",
            body,
            organisation_id=body.id,
            number=number,
        )
    client = signed_in_client(app, administrator)

    page = visit(client, "/administration/audit")

    assert len(page.select("#events tbody tr")) == 50
    assert "60" in page.select_one(".table-tools").get_text()  # type: ignore[union-attr]


def test_the_mailbox_shows_mails_to_anybody_with_live_links(client: FlaskClient, session: Session) -> None:
    mail.queue_plain(
        session,
        to="stagiaire03@exemple.test",
        subject="Votre invitation",
        text="Ouvrez http://127.0.0.1:8000/invitation/abc\n<script>",
    )
    session.commit()

    page = visit(client, "/mailbox")
    shown = visit(client, page.select_one("#mails a[data-user-text]")["href"])  # type: ignore[index,arg-type]

    assert shown.select_one(".letter a[href='http://127.0.0.1:8000/invitation/abc']")
    assert "<script>" in shown.select_one(".letter").get_text()  # type: ignore[union-attr]


@pytest.mark.settings(mail_mailbox=False)
def test_there_is_no_mailbox_where_mails_are_sent(client: FlaskClient, session: Session) -> None:
    mail.queue_plain(session, to="stagiaire03@exemple.test", subject="Votre invitation", text="…")
    session.commit()
    found = session.scalars(select(mail.MailMessage)).one()

    assert [client.get(path).status_code for path in ("/mailbox", f"/mailbox/{found.id}")] == [404, 404]
    assert "/mailbox" not in visit(client, "/aide").decode()


def test_an_unknown_mail_is_not_found(client: FlaskClient) -> None:
    assert client.get(f"/mailbox/{uuid.uuid4()}").status_code == 404
