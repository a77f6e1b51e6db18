"""Pages of habilitations, and what a grid shows of them."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import services
from certify.assessments.models import (
    Assessment,
    AssessmentKind,
    AssessmentState,
    AssessorHabilitation,
    Rating,
)
from certify.assessments.policies import Rated
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.frameworks.models import FrameworkVersion
from certify.organisations.models import Organisation
from tests.factories.assessments import INDICATORS, make_habilitated
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of, make_habilitation, make_member, make_organisation, make_user
from tests.services.signing_in import signed_in_client
from tests.services.visiting import follow, read, submit, visit, words

FIRST = frozenset(code for code in INDICATORS if code.startswith("1."))


def _body(session: Session, enrolment: Enrolment) -> Organisation:
    return session.get_one(Organisation, enrolment.training_body_id)


def _coordination(app: Flask, session: Session, enrolment: Enrolment) -> FlaskClient:
    named = make_user(session, given_name="Coordinatrice", family_name="A", email="coordination@exemple.test")
    return signed_in_client(app, make_member(session, _body(session, enrolment), Role.COORDINATOR, named))


def _all(level: str, codes: frozenset[str] = frozenset(INDICATORS)) -> dict[str, str]:
    return {f"level-{code}": level for code in codes}


def _draft(session: Session, enrolment: Enrolment, trainer: User) -> Assessment:
    kind = AssessmentKind.FORMATIVE
    draft = services.start(session, actor_of(session, trainer), enrolment, kind=kind, held_on=clock.today())
    session.commit()
    return draft


def test_coordination_habilitates_a_trainer_then_ends_it(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_user(session, given_name="Formatrice", family_name="B")
    make_member(session, _body(session, enrolment), Role.TRAINER, trainer)
    client = _coordination(app, session, enrolment)
    empty = visit(client, "/assessors")
    assert "Personne n’est encore habilité" in words(empty)
    form = visit(client, "/assessors/new")
    missing = read(submit(client, form, "#habilitate", scope="some"), status=422)
    assert "Choisissez une personne" in words(missing)
    assert "Cochez au moins un bloc" in words(missing)
    until = clock.today().replace(year=clock.today().year + 2)
    page = follow(
        client,
        submit(
            client, form, "#habilitate", person=str(trainer.id), scope="some", blocks=["1", "3"],
            ends_on=until.isoformat(),
        ),
    )  # fmt: skip
    assert len(page.select("#habilitations tbody tr")) == 2
    assert "Formatrice B" in words(page)
    follow(client, submit(client, page, "#habilitations form[action$='/end']"))
    assert len(visit(client, "/assessors").select("#habilitations tbody tr")) == 1
    past = visit(client, "/assessors?state=past")
    assert "terminée" in words(past)
    assert past.select_one("#habilitations form") is None
    assert visit(client, "/assessors?state=past&q=inconnue").select_one("#habilitations .empty") is not None
    sheet = client.get("/assessors?state=all&format=csv").get_data(as_text=True)
    assert (sheet.count("\r\n"), sheet.count("Formatrice")) == (3, 2)
    blocks = session.scalars(select(AssessorHabilitation.block).order_by(AssessorHabilitation.block)).all()
    assert blocks == ["1", "3"]


def test_a_registrar_chooses_the_body_first_where_there_are_several(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    certifying = session.get_one(Organisation, version.certifying_body_id)
    other = make_organisation(session, name="Organisme voisin")
    make_habilitation(session, certifying, other)
    client = signed_in_client(app, make_member(session, certifying, Role.REGISTRAR))
    choice = visit(client, "/assessors/new")
    links = [str(link["href"]) for link in choice.select(".links-list a")]
    assert len(links) == 2
    texts = [words(visit(client, link)) for link in links]
    assert sum("n’a pas de formatrice ni de formateur" in text for text in texts) == 2
    assert client.get(f"/assessors/new?body={enrolment.id}&version={version.id}").status_code == 404


def test_a_date_before_the_first_day_is_refused_beside_its_field(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_member(session, _body(session, enrolment), Role.TRAINER)
    client = _coordination(app, session, enrolment)
    form = visit(client, "/assessors/new")
    page = read(submit(client, form, "#habilitate", person=str(trainer.id), ends_on="2020-01-01"), status=422)
    assert "doit suivre son début" in page.select_one("#ends_on-error").get_text()


def test_a_body_that_may_not_assess_is_told_so(app: Flask, session: Session) -> None:
    body = make_organisation(session)
    client = signed_in_client(app, make_member(session, body, Role.COORDINATOR))
    assert "doit d’abord être habilité" in words(visit(client, "/assessors"))
    assert "Aucun organisme n’évalue" in words(visit(client, "/assessors/new"))


def test_a_trainer_without_a_habilitation_reads_whom_to_ask(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    _coordination(app, session, enrolment)
    trainer = make_member(session, _body(session, enrolment), Role.TRAINER)
    client = signed_in_client(app, trainer)
    url = f"/trainees/{enrolment.id}/assessments"
    page = visit(client, url, status=403)
    assert "Coordinatrice A" in words(page)
    assert page.select_one("a[href='mailto:coordination@exemple.test']") is not None
    make_habilitated(session, trainer, enrolment)
    session.commit()
    assert visit(client, url).select_one("#start") is not None


def test_a_grid_shows_only_the_habilitated_blocks(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_member(session, _body(session, enrolment), Role.TRAINER)
    make_habilitated(session, trainer, enrolment, "1")
    draft = _draft(session, enrolment, trainer)
    client = signed_in_client(app, trainer)
    grid = visit(client, f"/assessments/{draft.id}/edit")
    assert [section["id"] for section in grid.select("section[data-grid]")] == ["block-1"]
    assert "1 blocs sur 4" in words(grid)
    confirm = follow(client, submit(client, grid, "#grid", press="Relire", **_all("acquired", FIRST)))
    signed = follow(client, submit(client, confirm, "#sign", press="Signer"))
    assert [section["id"] for section in signed.select("section[id^='block-']")] == ["block-1"]
    assert "porte sur 1 blocs sur 4" in words(signed)
    trainee = signed_in_client(app, session.get_one(User, enrolment.user_id))
    assert visit(trainee, f"/assessments/{draft.id}").select_one("#block-2") is None


def test_what_was_typed_on_a_block_lost_meanwhile_is_shown_and_not_taken(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_member(session, _body(session, enrolment), Role.TRAINER)
    rows = make_habilitated(session, trainer, enrolment, "1", "2")
    draft = _draft(session, enrolment, trainer)
    client, coordination = signed_in_client(app, trainer), _coordination(app, session, enrolment)
    grid = visit(client, f"/assessments/{draft.id}/edit")
    listed = visit(coordination, "/assessors")
    follow(coordination, submit(coordination, listed, f"form[action='/assessors/{rows[1].id}/end']"))
    typed = {"level-1.1.1": "acquired", "level-2.1.1": "acquired", "comment-2.1.1": "Vu lundi"}
    page = read(submit(client, grid, "#grid", press="Enregistrer", **typed), status=409)
    assert "Vu lundi" in words(page)
    assert "Coordinatrice A" in words(page)
    assert session.scalars(select(Rating.indicator)).all() == []


def test_a_draft_beyond_its_habilitation_is_read_and_the_rest_can_be_signed(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_member(session, _body(session, enrolment), Role.TRAINER)
    rows = make_habilitated(session, trainer, enrolment, "1", "2")
    draft = _draft(session, enrolment, trainer)
    client, coordination = signed_in_client(app, trainer), _coordination(app, session, enrolment)
    grid = visit(client, f"/assessments/{draft.id}/edit")
    typed = _all("acquired", FIRST) | {"level-2.1.1": "acquired", "comment-2.1.1": "Vu lundi"}
    follow(client, submit(client, grid, "#grid", press="Enregistrer", **typed))
    listed = visit(coordination, "/assessors")
    follow(coordination, submit(coordination, listed, f"form[action='/assessors/{rows[1].id}/end']"))
    again = visit(client, f"/assessments/{draft.id}/edit")
    assert "Vu lundi" in again.select_one("#beyond").get_text()
    refused = visit(client, f"/assessments/{draft.id}/sign")
    assert "Signer l’évaluation" not in [button.get_text() for button in refused.select("#sign button")]
    read(submit(client, refused, "#sign"), status=422)
    kept = follow(client, submit(client, refused, "form[action$='/leave-out']"))
    confirm = follow(client, submit(client, kept, "#grid", press="Relire"))
    follow(client, submit(client, confirm, "#sign", press="Signer"))
    session.expire_all()
    assert session.get_one(Assessment, draft.id).state is AssessmentState.SIGNED
    assert set(session.scalars(select(Rating.indicator))) == FIRST


def test_a_draft_without_any_habilitation_left_is_read_with_whom_to_ask(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_member(session, _body(session, enrolment), Role.TRAINER)
    (row,) = make_habilitated(session, trainer, enrolment)
    draft = _draft(session, enrolment, trainer)
    services.save(
        session, actor_of(session, trainer), draft, revision=1, comment="Gardé", ratings={"1.1.1": Rated("acquired")}
    )
    client, coordination = signed_in_client(app, trainer), _coordination(app, session, enrolment)
    follow(coordination, submit(coordination, visit(coordination, "/assessors"), "form[action$='/end']"))
    for url in (f"/assessments/{draft.id}/edit", f"/assessments/{draft.id}/sign"):
        page = visit(client, url, follow=True)
        assert page.select_one("form#grid") is None
        assert "Gardé" in words(page)
        assert "Coordinatrice A" in words(page)
    assert row.ended_at is not None
    start = visit(client, f"/trainees/{enrolment.id}/assessments", status=403)
    assert "Vos brouillons sont gardés" in words(start)
