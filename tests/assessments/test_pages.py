"""Pages of assessments, as an assessor and a trainee go through them."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import services
from certify.assessments.models import Assessment, AssessmentState, Rating
from certify.assessments.policies import Rated
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.organisations.models import Organisation
from tests.factories.assessments import make_accepted_evidence, make_draft, make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of, make_member, make_organisation
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit

AUTOSAVE = {"X-Requested-With": "autosave", "Accept": "application/json"}


def _assessor(session: Session, assessment: Assessment) -> User:
    return session.get_one(User, assessment.assessor_id)


def _trainee(session: Session, assessment: Assessment) -> User:
    return session.get_one(User, session.get_one(Enrolment, assessment.enrolment_id).user_id)


def _all(level: str) -> dict[str, str]:
    return {f"level-{code}": level for code in whole_grid()}


def test_a_trainer_goes_from_the_list_to_a_signed_assessment(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    make_accepted_evidence(session, enrolment, ["1.1.1", "3.2.1"])
    trainer = make_trainer(session, enrolment)
    client = signed_in_client(app, trainer)
    index = visit(client, "/assessments")
    link = index.select_one("#to-assess a")
    assert link is not None
    start = visit(client, str(link["href"]))
    grid = follow(client, submit(client, start, "#start", kind="examination", held_on=clock.today().isoformat()))
    assert "Affiche de la rencontre" in grid.find(id="level-1.1.1").get_text()
    assert "Aucune preuve acceptée" in grid.find(id="level-1.1.2").get_text()
    values = _all("acquired") | {
        "level-2.1.1": "none",
        "comment-1.1.1": "Vu en rencontre",
        "comment": "Prête pour le jury",
    }
    confirm = follow(client, submit(client, grid, "#grid", press="Relire et signer", **values))
    assert "45" in confirm.select_one(".stats").get_text()
    signed = follow(client, submit(client, confirm, "#sign", press="Signer"))
    assert "Prête pour le jury" in signed.get_text()
    row = session.scalars(select(Assessment)).one()
    assert (row.state, row.assessor_id) == (AssessmentState.SIGNED, trainer.id)
    assert "non observé" in signed.find(id="i-2.1.1").get_text()
    again = visit(client, "/assessments")
    assert again.select_one("#to-assess a") is None
    assert again.select_one("#results table") is not None


def test_the_start_page_says_who_else_is_assessing(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    other = make_trainer(session, enrolment, given_name="Formatrice", family_name="B")
    make_draft(session, enrolment, other)
    trainer = make_trainer(session, enrolment)
    page = visit(signed_in_client(app, trainer), f"/trainees/{enrolment.id}/assessments")
    assert "Formatrice B évalue aussi cette personne" in page.get_text()


@pytest.mark.parametrize(("given", "expected"), [("31/02/2026", "n’existe pas"), ("", "Indiquez la date")])
def test_a_start_without_a_true_day_is_refused(app: Flask, session: Session, given: str, expected: str) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, make_trainer(session, enrolment))
    start = visit(client, f"/trainees/{enrolment.id}/assessments")
    page = read(submit(client, start, "#start", held_on=given), status=422)
    assert expected in page.select_one("[data-error-summary]").get_text()


def test_an_assessment_of_tomorrow_is_refused(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, make_trainer(session, enrolment))
    start = visit(client, f"/trainees/{enrolment.id}/assessments")
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    page = read(submit(client, start, "#start", held_on=tomorrow), status=422)
    assert "moment passé" in page.select_one("[data-error-summary]").get_text()


def test_a_draft_is_saved_without_javascript(app: Flask, session: Session) -> None:
    draft = make_draft(session)
    client = signed_in_client(app, _assessor(session, draft))
    grid = visit(client, f"/assessments/{draft.id}/edit")
    page = follow(
        client, submit(client, grid, "#grid", press="Enregistrer le brouillon", **{"level-1.1.1": "partly_acquired"})
    )
    assert "brouillon est enregistré" in page.get_text()
    chosen = page.select_one("input[name='level-1.1.1'][checked]")
    assert chosen is not None
    assert chosen["value"] == "partly_acquired"
    assert "1 sur 46" in page.select_one("[data-grid-count]").get_text()


def test_an_autosave_answers_when_it_saved_and_the_new_revision(app: Flask, session: Session) -> None:
    draft = make_draft(session)
    client = signed_in_client(app, _assessor(session, draft))
    visit(client, f"/assessments/{draft.id}/edit")
    answer = _autosave(client, draft, {"revision": "1", "level-1.1.1": "acquired", "comment": "x"})
    assert (answer.status_code, answer.get_json()["revision"]) == (200, 2)
    stale = _autosave(client, draft, {"revision": "1", "level-1.1.1": "not_acquired"})
    assert stale.status_code == 409
    assert "Rien n’a été écrasé" in stale.get_json()["message"]
    session.expire_all()
    assert session.scalars(select(Rating.level).where(Rating.assessment_id == draft.id)).all() == ["acquired"]


def _autosave(client: FlaskClient, draft: Assessment, data: dict[str, str]):  # type: ignore[no-untyped-def]
    page = visit(client, "/assessments")
    token = str(page.select_one("input[name=csrf_token]")["value"])
    return client.post(f"/assessments/{draft.id}/autosave", data=data | {"csrf_token": token}, headers=AUTOSAVE)


@pytest.mark.parametrize("data", [{"level-1.1.1": "excellent"}, {"comment": "é" * 100_000}, {"revision": "abc"}])
def test_an_autosave_that_cannot_be_taken_says_why(app: Flask, session: Session, data: dict[str, str]) -> None:
    draft = make_draft(session)
    client = signed_in_client(app, _assessor(session, draft))
    answer = _autosave(client, draft, {"revision": "1"} | data)
    assert answer.status_code == 422
    assert json.loads(answer.data)["message"]


def test_a_text_too_long_is_refused_and_kept(app: Flask, session: Session) -> None:
    draft = make_draft(session)
    client = signed_in_client(app, _assessor(session, draft))
    grid = visit(client, f"/assessments/{draft.id}/edit")
    page = read(submit(client, grid, "#grid", comment="👶 مرحبا " + "é" * 100_000), status=422)
    assert "trop long" in page.select_one("[data-error-summary]").get_text()
    assert page.find("textarea", attrs={"name": "comment"}).get_text().count("é") == 100_000


def test_two_tabs_of_the_same_grid_are_compared_and_nothing_is_overwritten(app: Flask, session: Session) -> None:
    draft = make_draft(session)
    client = signed_in_client(app, _assessor(session, draft))
    first = visit(client, f"/assessments/{draft.id}/edit")
    second = visit(client, f"/assessments/{draft.id}/edit")
    follow(client, submit(client, first, "#grid", press="Enregistrer", **{"level-1.1.1": "acquired", "comment": "Un"}))
    typed = {"level-1.1.1": "not_acquired", "comment-1.2.1": "Deuxième onglet", "comment": "Deux"}
    conflict = read(submit(client, second, "#grid", press="Enregistrer", **typed), status=409)
    text = conflict.get_text()
    assert "Deux enregistrements" in text
    assert {"Un", "Deux", "Deuxième onglet"} <= {quote.get_text().strip() for quote in conflict.select(".quote")}
    session.expire_all()
    assert session.get_one(Assessment, draft.id).comment == "Un"
    page = follow(client, submit(client, conflict, "#keep", press="Garder ma saisie"))
    assert page.find("textarea", attrs={"name": "comment"}).get_text().strip() == "Deux"
    assert "Deuxième onglet" in page.get_text()


def test_another_trainer_reads_a_draft_but_cannot_write_in_it(app: Flask, session: Session) -> None:
    draft = make_draft(session)
    client = signed_in_client(app, _assessor(session, draft))
    grid = visit(client, f"/assessments/{draft.id}/edit")
    other = signed_in_client(app, make_trainer(session, session.get_one(Enrolment, draft.enrolment_id)))
    shown = visit(other, f"/assessments/{draft.id}/edit", follow=True)
    assert shown.select_one("form#grid") is None
    token = {"csrf_token": str(shown.select_one("input[name=csrf_token]")["value"])}
    answer = submit(_With(other, token), grid, "#grid", comment="Ma lecture", **{"level-1.1.1": "acquired"})
    page = read(answer, status=403)
    assert "Ma lecture" in page.get_text()
    assert "autre personne" in page.get_text()
    session.expire_all()
    assert session.get_one(Assessment, draft.id).comment == ""


class _With:
    """A visitor that sends its own token with a form somebody else's page gave."""

    def __init__(self, client: FlaskClient, values: dict[str, str]) -> None:
        self.client, self.values = client, values

    def get(self, *args: object, **kwargs: object):  # type: ignore[no-untyped-def]
        return self.client.get(*args, **kwargs)

    def post(self, *args: object, data: dict[str, object], **kwargs: object):  # type: ignore[no-untyped-def]
        return self.client.post(*args, data=data | self.values, **kwargs)


def test_what_is_sent_after_the_signature_is_shown_and_not_taken(app: Flask, session: Session) -> None:
    draft = make_draft(session)
    assessor = _assessor(session, draft)
    client = signed_in_client(app, assessor)
    grid = visit(client, f"/assessments/{draft.id}/edit")
    actor = actor_of(session, assessor)
    services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid())
    services.sign(session, actor, draft)
    session.commit()
    page = read(submit(client, grid, "#grid", comment="Trop tard"), status=409)
    assert "Trop tard" in page.get_text()
    session.expire_all()
    assert session.get_one(Assessment, draft.id).comment == ""


def test_an_unfinished_grid_lists_what_is_missing_and_is_not_signed(app: Flask, session: Session) -> None:
    draft = make_draft(session)
    client = signed_in_client(app, _assessor(session, draft))
    services.save(
        session, actor_of(session, _assessor(session, draft)), draft, revision=1, comment="",
        ratings={code: rated for code, rated in whole_grid().items() if code not in ("1.1.1", "4.4.3")},
    )  # fmt: skip
    session.commit()
    page = visit(client, f"/assessments/{draft.id}/sign")
    links = [str(link["href"]) for link in page.select("[data-error-summary] a")]
    assert [link.partition("#")[2] for link in links] == ["level-1.1.1", "level-4.4.3"]
    read(submit(client, page, "#sign"), status=422)
    session.expire_all()
    assert session.get_one(Assessment, draft.id).state is AssessmentState.DRAFT


def test_signing_what_changed_since_it_was_read_is_refused(app: Flask, session: Session) -> None:
    draft = make_draft(session)
    assessor = _assessor(session, draft)
    client = signed_in_client(app, assessor)
    services.save(session, actor_of(session, assessor), draft, revision=1, comment="", ratings=whole_grid())
    session.commit()
    page = visit(client, f"/assessments/{draft.id}/sign")
    services.save(session, actor_of(session, assessor), draft, revision=2, comment="autre", ratings={})
    session.commit()
    read(submit(client, page, "#sign", press="Signer"), status=409)
    session.expire_all()
    assert session.get_one(Assessment, draft.id).state is AssessmentState.DRAFT


def test_a_signed_assessment_is_corrected_by_another_one(app: Flask, session: Session) -> None:
    signed = make_signed(session, comment="Première version")
    client = signed_in_client(app, _assessor(session, signed))
    page = visit(client, f"/assessments/{signed.id}")
    grid = follow(client, submit(client, page, "form[action$='/correct']"))
    confirm = follow(client, submit(client, grid, "#grid", press="Relire", comment="Seconde version"))
    follow(client, submit(client, confirm, "#sign", press="Signer"))
    old = visit(client, f"/assessments/{signed.id}")
    assert "ne compte plus" in old.get_text()
    assert "Première version" in old.get_text()
    assert old.select_one("form[action$='/correct']") is None


def test_a_draft_is_given_up_from_its_page(app: Flask, session: Session) -> None:
    draft = make_draft(session)
    client = signed_in_client(app, _assessor(session, draft))
    grid = visit(client, f"/assessments/{draft.id}/edit")
    follow(client, submit(client, grid, "form[action$='/discard']"))
    assert session.scalars(select(Assessment.id)).all() == []


def test_a_trainee_reads_signed_assessments_about_them_and_no_draft(app: Flask, session: Session) -> None:
    signed = make_signed(session, comment="Belle écoute")
    draft = make_draft(session, session.get_one(Enrolment, signed.enrolment_id))
    client = signed_in_client(app, _trainee(session, signed))
    page = visit(client, f"/assessments/{signed.id}")
    assert "Belle écoute" in page.get_text()
    assert page.select_one("main form") is None
    assert client.get(f"/assessments/{draft.id}").status_code == 404
    assert client.get("/assessments").status_code == 403


def test_nobody_of_another_body_finds_an_assessment(app: Flask, session: Session) -> None:
    signed = make_signed(session)
    stranger = make_member(session, make_organisation(session), Role.TRAINER)
    client = signed_in_client(app, stranger)
    for url in (f"/assessments/{signed.id}", f"/assessments/{signed.id}/edit", f"/assessments/{signed.id}/sign",
                f"/trainees/{signed.enrolment_id}/assessments"):  # fmt: skip
        assert client.get(url).status_code == 404


def test_a_referent_reads_what_is_signed_and_no_draft(app: Flask, session: Session) -> None:
    signed = make_signed(session)
    body = session.get_one(Organisation, signed.training_body_id)
    draft = make_draft(session, session.get_one(Enrolment, signed.enrolment_id))
    client = signed_in_client(app, make_member(session, body, Role.REFERENT))
    assert visit(client, f"/assessments/{signed.id}").select_one("main form") is None
    assert client.get(f"/assessments/{draft.id}").status_code == 404
    index = visit(client, "/assessments")
    assert len(index.select("#results tbody tr")) == 1
    assert index.select_one("#to-assess") is None


def test_the_list_is_searched_sorted_filtered_and_exported(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    make_signed(session, enrolment, trainer)
    make_signed(session, enrolment)
    client = signed_in_client(app, trainer)
    assert len(visit(client, "/assessments").select("#results tbody tr")) == 1
    everybody = visit(client, f"/assessments?whose=all&cohort={enrolment.cohort_id}&sort=assessor&direction=desc")
    assert len(everybody.select("#results tbody tr")) == 2
    assert "Aucune évaluation ne correspond" in visit(client, "/assessments?q=introuvable").get_text()
    assert "Aucune évaluation ne correspond" in visit(client, "/assessments?cohort=xx").get_text()
    export = client.get("/assessments?whose=all&format=csv")
    assert export.mimetype == "text/csv"
    assert len(export.get_data(as_text=True).strip().splitlines()) == 3


def test_an_altered_signed_assessment_is_shown_as_altered(app: Flask, session: Session) -> None:
    signed = make_signed(session)
    rows = Rating.__table__
    session.connection().execute(rows.update().where(rows.c.indicator == "1.1.1").values(level="not_acquired"))
    session.commit()
    page = visit(signed_in_client(app, _assessor(session, signed)), f"/assessments/{signed.id}")
    assert "L’empreinte ne correspond plus" in page.get_text()


def test_the_grid_takes_as_many_statements_whatever_the_history(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    draft = make_draft(session, enrolment, trainer)
    client = signed_in_client(app, trainer)
    counts = []
    for _ in range(3):
        with count_statements(session.get_bind()) as statements:
            visit(client, f"/assessments/{draft.id}/edit")
        counts.append(len(statements))
        make_accepted_evidence(session, enrolment, ["1.1.1", "2.1.1"])
        make_signed(session, enrolment, ratings=whole_grid() | {"1.1.1": Rated("acquired", comment="Vu")})
        session.commit()
    assert counts[1] == counts[2]
