"""The pages on which a trainee looks at their own path, and those on which the staff read it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import services
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState
from certify.assessments.policies import Rated
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core.access import Role
from certify.organisations.models import Organisation
from tests.factories.assessments import (
    make_accepted_evidence,
    make_draft,
    make_own,
    make_own_draft,
    make_signed,
    make_trainer,
    whole_grid,
)
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of, make_member
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import Page, follow, read, submit, visit, words

NEVER_DECIDES = "Une auto-évaluation n’entre jamais dans la décision du jury"


def _trainee(session: Session, enrolment: Enrolment) -> User:
    return session.get_one(User, enrolment.user_id)


def _client(app: Flask, session: Session, enrolment: Enrolment) -> FlaskClient:
    return signed_in_client(app, _trainee(session, enrolment))


def test_a_trainee_goes_from_the_menu_to_a_signed_self_assessment(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    make_accepted_evidence(session, enrolment, ["1.1.1"])
    client = _client(app, session, enrolment)
    home = visit(client, "/")
    assert home.select_one(".sidenav a[href='/self-assessment']") is not None
    own = visit(client, "/self-assessment")
    grid = follow(client, submit(client, own, "#next form", press="Commencer"))
    assert "pas encore eu l’occasion" in words(grid)
    assert "non observé" not in words(grid).lower()
    assert "Affiche de la rencontre" in grid.find(id="level-1.1.1").get_text()
    values = {f"level-{code}": "acquired" for code in whole_grid()} | {"level-2.1.1": "none", "comment": "Je progresse"}
    confirm = follow(client, submit(client, grid, "#grid", press="Relire et signer", **values))
    signed = follow(client, submit(client, confirm, "#sign", press="Signer mon auto-évaluation"))
    for page in (own, grid, confirm, signed):
        assert NEVER_DECIDES in words(page)
        assert _current(page) == "Mon auto-évaluation"
    assert "pas encore eu l’occasion" in signed.find(id="i-2.1.1").get_text()
    row = session.scalars(select(Assessment)).one()
    assert (row.kind, row.state) == (AssessmentKind.SELF, AssessmentState.SIGNED)
    again = visit(client, "/self-assessment")
    assert again.select_one(f"#signed a[href='/assessments/{row.id}']") is not None
    assert again.select_one("#next form") is not None


def _current(page: Page) -> str:
    link = page.select_one(".sidenav [aria-current]")
    assert link is not None
    return " ".join(link.get_text().split())


def test_opening_the_page_writes_nothing(app: Flask, session: Session) -> None:
    client = _client(app, session, make_enrolment(session))
    visit(client, "/self-assessment")
    visit(client, "/self-assessment")
    assert session.scalar(select(func.count()).select_from(Assessment)) == 0


def test_a_draft_is_taken_up_again_saved_and_given_up(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = _client(app, session, enrolment)
    draft = make_own_draft(session, enrolment)
    session.commit()
    own = visit(client, "/self-assessment")
    assert own.select_one("#next form") is None
    grid = visit(client, str(own.select_one("#next a")["href"]))
    saved = follow(client, submit(client, grid, "#grid", press="Enregistrer", **{"level-1.1.1": "partly_acquired"}))
    assert "Vous seul·e le voyez" in words(saved)
    assert NEVER_DECIDES in words(visit(client, f"/assessments/{draft.id}"))
    token = str(saved.select_one("input[name=csrf_token]")["value"])
    answer = client.post(
        f"/assessments/{draft.id}/autosave",
        data={"csrf_token": token, "revision": "2", "level-1.1.2": "acquired"},
        headers={"X-Requested-With": "autosave", "Accept": "application/json"},
    )
    assert answer.get_json()["revision"] == 3
    stale = read(submit(client, saved, "#grid", press="Enregistrer", comment="Autre onglet"), status=409)
    assert NEVER_DECIDES in words(stale)
    gone = follow(client, submit(client, visit(client, f"/assessments/{draft.id}/edit"), "form[action$='/discard']"))
    assert gone.select_one("h1").get_text().strip() == "Mon auto-évaluation"
    assert session.scalars(select(Assessment.id)).all() == []


def test_the_same_button_pressed_twice_opens_one_draft(app: Flask, session: Session) -> None:
    client = _client(app, session, make_enrolment(session))
    own = visit(client, "/self-assessment")
    places = {submit(client, own, "#next form").headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert session.scalar(select(func.count()).select_from(Assessment)) == 1


def test_a_path_that_is_over_says_so_and_offers_no_button(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    own = make_own(session, enrolment)
    enrolment.state = EnrolmentState.COMPLETED
    page = visit(_client(app, session, enrolment), "/self-assessment")
    assert page.select_one("main form") is None
    assert page.select_one(f"a[href='/assessments/{own.id}']") is not None


def test_a_signed_self_assessment_is_corrected_by_its_author(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    own = make_own(session, enrolment)
    client = _client(app, session, enrolment)
    grid = follow(client, submit(client, visit(client, f"/assessments/{own.id}"), "form[action$='/correct']"))
    assert "Vous aviez écrit" in words(grid)
    confirm = follow(client, submit(client, grid, "#grid", press="Relire", comment="Mieux dit"))
    follow(client, submit(client, confirm, "#sign", press="Signer"))
    assert "a été corrigée depuis" in words(visit(client, f"/assessments/{own.id}"))
    assert "remplacée" in words(visit(client, "/self-assessment"))


def test_what_is_sent_after_the_signature_is_shown_to_its_author(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    draft = make_own_draft(session, enrolment)
    client = _client(app, session, enrolment)
    grid = visit(client, f"/assessments/{draft.id}/edit")
    actor = actor_of(session, _trainee(session, enrolment))
    services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid())
    services.sign(session, actor, draft)
    session.commit()
    page = read(submit(client, grid, "#grid", comment="Trop tard"), status=409)
    assert "Trop tard" in page.get_text()
    assert NEVER_DECIDES in words(page)


def test_another_trainee_finds_nothing(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    mate = make_enrolment(session, session.get_one(Cohort, enrolment.cohort_id))
    own, draft = make_own(session, enrolment), make_own_draft(session, enrolment)
    client = _client(app, session, mate)
    for found in (own, draft):
        for page in ("", "/edit", "/sign"):
            assert client.get(f"/assessments/{found.id}{page}").status_code == 404
    token = str(visit(client, "/self-assessment").select_one("input[name=csrf_token]")["value"])
    for verb in ("edit", "autosave", "sign", "discard", "correct"):
        answer = client.post(f"/assessments/{own.id}/{verb}", data={"csrf_token": token})
        assert answer.status_code == 404, verb


def test_a_trainee_finds_no_draft_of_their_trainer_by_any_address(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    draft, signed = make_draft(session, enrolment), make_signed(session, enrolment)
    client = _client(app, session, enrolment)
    for page in ("", "/edit", "/sign"):
        assert client.get(f"/assessments/{draft.id}{page}").status_code == 404
    assert client.get(f"/assessments/{signed.id}/edit").status_code == 404
    assert _current(visit(client, f"/assessments/{signed.id}")) == "Ma progression"


@pytest.mark.parametrize("role", [Role.TRAINER, Role.REFERENT, Role.COORDINATOR])
def test_the_staff_read_what_is_signed_change_nothing_and_find_no_draft(
    app: Flask, session: Session, role: Role
) -> None:
    enrolment = make_enrolment(session)
    own = make_own(session, enrolment, comment="Je progresse")
    draft = make_own_draft(session, enrolment)
    body = session.get_one(Organisation, enrolment.training_body_id)
    client = signed_in_client(app, make_member(session, body, role))
    page = visit(client, f"/assessments/{own.id}")
    assert NEVER_DECIDES in words(page)
    assert "Je progresse" in words(page)
    assert page.select_one("main form") is None
    for where in ("", "/edit", "/sign"):
        assert client.get(f"/assessments/{draft.id}{where}").status_code == 404
    token = str(page.select_one("input[name=csrf_token]")["value"])
    for verb in ("autosave", "sign", "discard", "correct"):
        data = {"csrf_token": token, "revision": str(own.revision)}
        assert client.post(f"/assessments/{own.id}/{verb}", data=data).status_code in (403, 404), verb
    session.expire_all()
    assert session.get_one(Assessment, own.id).comment == "Je progresse"


def test_what_a_trainer_sends_in_a_self_assessment_is_shown_and_not_taken(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    own = make_own(session, enrolment)
    client = signed_in_client(app, make_trainer(session, enrolment))
    token = str(visit(client, f"/assessments/{own.id}").select_one("input[name=csrf_token]")["value"])
    data = {"csrf_token": token, "revision": "2", "comment": "Ma lecture"}
    page = read(client.post(f"/assessments/{own.id}/edit", data=data), status=403)
    assert "Ma lecture" in words(page)


def test_the_staff_read_the_latest_self_assessment_beside_theirs(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    ratings = whole_grid(**{"3.2.1": "partly_acquired"}) | {"1.1.1": Rated("acquired", comment="Je le fais souvent")}
    own = make_own(session, enrolment, ratings)
    make_signed(session, enrolment, trainer)
    page = visit(signed_in_client(app, trainer), f"/trainees/{enrolment.id}")
    section = page.find(id="self-assessments")
    assert section.select_one(f"a[href='/assessments/{own.id}']") is not None
    assert NEVER_DECIDES in " ".join(section.get_text().split())
    assert page.find(id="assessments").select_one(f"a[href='/assessments/{own.id}']") is None
    assert "Auto-évaluation" in page.find(id="i-3.2.1").get_text()
    assert "Je le fais souvent" in page.find(id="i-1.1.1").get_text()
    assert "ne sont pas d’accord" not in words(page)
    listed = visit(signed_in_client(app, trainer), "/assessments?whose=all")
    assert "Auto-évaluation" in words(listed)
    assert NEVER_DECIDES in words(listed)


def test_progress_leads_to_the_self_assessment(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    page = visit(_client(app, session, enrolment), "/progress")
    assert page.select_one(".page-actions a[href='/self-assessment']") is not None


def test_only_trainees_open_the_page(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    assert signed_in_client(app, make_trainer(session, enrolment)).get("/self-assessment").status_code == 403


def test_the_page_takes_as_many_statements_whatever_the_history(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = _client(app, session, enrolment)
    counts = []
    for _ in range(3):
        make_own(session, enrolment)
        session.commit()
        with count_statements(session.get_bind()) as statements:
            visit(client, "/self-assessment")
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2], counts
