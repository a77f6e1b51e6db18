"""The rules of a programme: who sets them, what nobody set, what follows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import services as assessments
from certify.assessments.models import Standing
from certify.cohorts.models import Cohort
from certify.core import clock
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.db import db
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.outbox import OutboxMessage
from certify.frameworks import queries, services
from certify.frameworks.models import FrameworkVersion, ProgrammeRules
from certify.organisations.models import Organisation
from competencies import SETTABLE_CONFLICTS
from competencies.programme import Aggregation, Programme
from tests.factories.assessments import make_signed, whole_grid
from tests.factories.cohorts import make_enrolment, make_version
from tests.factories.people import actor_of, make_certifying_body, make_member, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

_DEFAULT = "valeur par défaut du logiciel, non fournie par le programme"


def _registrar(session: Session, version: FrameworkVersion) -> User:
    return make_member(session, session.get_one(Organisation, version.certifying_body_id), Role.REGISTRAR)


def _programme(session: Session, version: FrameworkVersion) -> Programme:
    return queries.programme_of(session, version.certifying_body_id, version.code)


def test_a_programme_without_rules_has_the_defaults_of_the_software(session: Session) -> None:
    assert _programme(session, make_version(session)) == Programme()


def test_the_last_rules_set_are_in_force_and_the_others_stay(session: Session) -> None:
    version = make_version(session)
    actor = actor_of(session, _registrar(session, version))
    services.set_rules(session, actor, version, content={"hours": 120}, known=0)
    services.set_rules(session, actor, version, content={"hours": 140, "aggregation": "latest"}, known=1)
    assert _programme(session, version) == Programme(hours=140, aggregation=Aggregation.LATEST)
    history = queries.rules_history(session, version.certifying_body_id, version.code)
    assert [(row.rules.number, row.programme.hours) for row in history] == [(2, 140), (1, 120)]
    assert {row.author for row in history} == {actor.name}
    session.commit()
    tags = session.scalars(select(AuditEvent.tag).where(AuditEvent.organisation_id == version.certifying_body_id))
    assert list(tags).count("frameworks:programme:set") == 2


def test_the_same_rules_again_make_no_row(session: Session) -> None:
    version = make_version(session)
    actor = actor_of(session, _registrar(session, version))
    first = services.set_rules(session, actor, version, content={"hours": 120}, known=0)
    assert services.set_rules(session, actor, version, content={"hours": 120}, known=0) is first
    other = make_version(session)
    stranger = actor_of(session, _registrar(session, other))
    assert services.set_rules(session, stranger, other, content={}, known=0) is None


def test_rules_read_before_somebody_changed_them_are_a_conflict(session: Session) -> None:
    version = make_version(session)
    actor = actor_of(session, _registrar(session, version))
    services.set_rules(session, actor, version, content={"hours": 120}, known=0)
    with pytest.raises(Conflict):
        services.set_rules(session, actor, version, content={"hours": 130}, known=0)


def test_rules_that_make_no_sense_are_refused_with_their_place(session: Session) -> None:
    version = make_version(session)
    actor = actor_of(session, _registrar(session, version))
    with pytest.raises(Invalid, match="attendance"):
        services.set_rules(session, actor, version, content={"attendance": 120}, known=0)
    assert session.scalars(select(ProgrammeRules)).all() == []


def test_only_the_certifying_body_sets_rules(session: Session) -> None:
    version = make_version(session)
    stranger = make_member(session, make_certifying_body(session), Role.REGISTRAR)
    with pytest.raises(Forbidden):
        services.set_rules(session, actor_of(session, stranger), version, content={"hours": 1}, known=0)


def test_the_rules_of_many_programmes_are_one_statement(session: Session) -> None:
    versions = [make_version(session) for _ in range(3)]
    for version in versions[:2]:
        actor = actor_of(session, _registrar(session, version))
        services.set_rules(session, actor, version, content={"hours": 7}, known=0)
    pairs = [(version.certifying_body_id, version.code) for version in versions]
    session.flush()
    with count_statements(db.engine) as statements:
        found = queries.programmes_of(session, pairs)
    assert len(statements) == 1, str(statements)
    assert [found[pair].hours for pair in pairs] == [7, 7, 0]
    assert queries.programmes_of(session, []) == {}


def test_a_cohort_follows_the_programme_of_its_framework(session: Session) -> None:
    cohort = session.get_one(Cohort, make_enrolment(session).cohort_id)
    version = session.get_one(FrameworkVersion, cohort.framework_version_id)
    assert queries.programme_of_cohort(session, cohort) == Programme()
    actor = actor_of(session, _registrar(session, version))
    services.set_rules(session, actor, version, content={"meetings": 4}, known=0)
    services.set_rules(session, actor, version, content={"meetings": 5}, known=1)
    assert queries.programme_of_cohort(session, cohort).meetings == 5


def test_standings_are_made_anew_after_the_rules_have_changed(session: Session, run_jobs: Callable[[], int]) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment, ratings=whole_grid("acquired"), held_on=clock.today() - timedelta(days=9))
    make_signed(session, enrolment, ratings=whole_grid("partly_acquired"))
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    session.commit()
    run_jobs()
    session.expire_all()
    assert session.get_one(Standing, enrolment.id).competencies["1.1"] == "partly_acquired"
    actor = actor_of(session, _registrar(session, version))
    services.set_rules(session, actor, version, content={"aggregation": "highest"}, known=0)
    session.commit()
    assert run_jobs() >= 1
    session.expire_all()
    assert session.get_one(Standing, enrolment.id).competencies["1.1"] == "acquired"
    signed = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == assessments.SIGNED)).all()
    assert len([one for one in signed if one.payload["enrolment_id"] == str(enrolment.id)]) == 3


def test_whoever_sees_a_version_reads_its_rules_and_what_nobody_set(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    page = visit(
        sign_in(session.get_one(User, enrolment.user_id)), f"/frameworks/{enrolment.framework_version_id}/programme"
    )
    assert _DEFAULT in words(page)
    assert page.select_one("main form") is None


def test_the_rules_of_a_framework_of_others_are_not_found(session: Session, sign_in: SignIn) -> None:
    version, other = make_version(session), make_version(session)
    client = sign_in(_registrar(session, version))
    assert client.get(f"/frameworks/{other.id}/programme").status_code == 404
    enrolment = make_enrolment(session)
    trainee = sign_in(session.get_one(User, enrolment.user_id))
    assert trainee.post(f"/frameworks/{enrolment.framework_version_id}/programme").status_code in (400, 403)
    assert sign_in(make_user(session)).get(f"/frameworks/{version.id}/programme").status_code == 403


def test_a_registrar_sets_rules_on_the_page_and_reads_what_changed(session: Session, sign_in: SignIn) -> None:
    version = make_version(session)
    client = sign_in(_registrar(session, version))
    page = visit(client, f"/frameworks/{version.id}/programme")
    values = {"hours": "120", "attendance": "80", "aggregation": "times", "times": "3", "blocking": ["hours"]}
    page = follow(
        client,
        submit(client, page, "main form", press="Enregistrer les règles", **values, **{"freshness-0-months": "12"}),
    )
    text = words(page)
    assert "rien n’est demandé (valeur par défaut) 120" in text
    session.expire_all()
    found = _programme(session, version)
    assert (found.hours, found.attendance, found.aggregation, found.times) == (120, 80, Aggregation.TIMES, 3)
    assert found.blocking == {"hours"}
    assert list(found.freshness.values()) == [12]
    page = follow(client, submit(client, page, "main form", press="Enregistrer les règles", hours="140"))
    assert "120 140" in words(page)
    assert "Règles n° 2" in words(page)


def test_a_document_is_added_and_taken_away_without_a_script(session: Session, sign_in: SignIn) -> None:
    version = make_version(session)
    client = sign_in(_registrar(session, version))
    page = visit(client, f"/frameworks/{version.id}/programme")
    page = read(submit(client, page, "main form", press="Ajouter un document", hours="99"))
    assert page.select_one("#hours")["value"] == "99"  # type: ignore[index]
    page = read(submit(client, page, "main form", press="Ajouter un document", **{
        "documents-0-code": "memoire", "documents-0-fr": "Mémoire", "documents-0-en": "Essay",
    }))  # fmt: skip
    page = read(submit(client, page, "main form", press="Retirer le document 2"))
    assert session.scalars(select(ProgrammeRules)).all() == []
    page = follow(
        client, submit(client, page, "main form", press="Enregistrer les règles", blocking=["document:memoire"])
    )
    session.expire_all()
    found = _programme(session, version)
    assert [one.code for one in found.documents] == ["memoire"]
    assert found.blocking == {"document:memoire"}
    page = read(submit(client, page, "main form", press="Retirer le document 1"))
    assert page.select_one("#documents-0-code") is None


def test_a_number_out_of_its_range_is_refused_beside_its_field(session: Session, sign_in: SignIn) -> None:
    version = make_version(session)
    client = sign_in(_registrar(session, version))
    page = visit(client, f"/frameworks/{version.id}/programme")
    page = read(submit(client, page, "main form", press="Enregistrer les règles", attendance="140"), status=422)
    assert "Écrivez un nombre de 0 à 100." in words(page)


@pytest.mark.engines("sqlite")
def test_odd_buttons_and_documents_are_refused_without_a_fault(session: Session, sign_in: SignIn) -> None:
    version = make_version(session)
    client = sign_in(_registrar(session, version))
    page = visit(client, f"/frameworks/{version.id}/programme")
    token = page.select_one("main form input[name=csrf_token]")["value"]  # type: ignore[index]
    for wanted in ("remove:documents:9", "add:hours", "add:nothing", "x", "remove:documents:-1"):
        answer = client.post(
            f"/frameworks/{version.id}/programme", data={"csrf_token": token, "row": wanted, "hours": "-2"}
        )
        assert answer.status_code == 422, wanted
    data = {"csrf_token": token, "documents-0-code": "é è", "documents-0-fr": "Mémoire"}
    assert "Écrivez un code en lettres sans accent" in words(
        read(client.post(f"/frameworks/{version.id}/programme", data=data), status=422)
    )


def test_what_is_asked_of_groups_says_where_each_figure_comes_from(session: Session, sign_in: SignIn) -> None:
    version = make_version(session)
    client = sign_in(_registrar(session, version))
    page = visit(client, f"/frameworks/{version.id}/programme")
    asked = _facts(page)
    assert asked["Rencontres par mois"] == "2 publié dans la présentation du programme"
    assert asked["Parents, au moins"] == f"8 {_DEFAULT}"
    values = {"fidelity-size_min": "6", "fidelity-months": "8"}
    page = follow(client, submit(client, page, "main form", press="Enregistrer les règles", **values))
    asked = _facts(page)
    assert asked["Parents, au moins"] == "6"
    assert asked["Mois entre la première et la dernière rencontre, au moins"] == "8"
    assert asked["Parents, au plus"] == f"12 {_DEFAULT}"
    assert "Groupes · Parents, au moins 8 (valeur par défaut) 6" in words(page)
    assert "8 (publié) 8" in words(page)
    session.expire_all()
    found = _programme(session, version).fidelity
    assert (found.size_min, found.months) == (6, 8)
    assert {"size_min", "months"} <= found.published


def test_a_group_larger_than_it_may_be_is_refused_beside_its_field(session: Session, sign_in: SignIn) -> None:
    version = make_version(session)
    client = sign_in(_registrar(session, version))
    page = visit(client, f"/frameworks/{version.id}/programme")
    values = {"fidelity-size_min": "14", "fidelity-late_max": "900"}
    page = read(submit(client, page, "main form", press="Enregistrer les règles", **values), status=422)
    assert "Écrivez aussi le plus grand nombre de parents" in _asked_of_groups(page)
    assert "Écrivez un nombre de 0 à 50." in _asked_of_groups(page)
    values = {"fidelity-size_min": "", "fidelity-size_max": "5", "fidelity-late_max": ""}
    page = read(submit(client, page, "main form", press="Enregistrer les règles", **values), status=422)
    assert "Écrivez un nombre de 8 ou plus, le plus petit." in _asked_of_groups(page)
    assert session.scalars(select(ProgrammeRules)).all() == []


def _asked_of_groups(page: Any) -> str:
    return words(page.select_one("#fidelity"))


def _facts(page: Any, of: str = "groups") -> dict[str, str]:
    lists = page.select_one(f"#{of}-in-force > dl")
    rows = zip(lists.select("dt"), lists.select("dd"), strict=True)
    return {words(label): words(value) for label, value in rows}


def test_what_is_asked_of_juries_is_set_refused_and_told_with_its_sources(session: Session, sign_in: SignIn) -> None:
    version = make_version(session)
    client = sign_in(_registrar(session, version))
    page = visit(client, f"/frameworks/{version.id}/programme")
    asked = _facts(page, "juries")
    assert asked["Part de membres externes, au moins (%)"] == f"50 {_DEFAULT}"
    assert asked["Liens qui empêchent de siéger"] == f"tous {_DEFAULT}"
    assert asked["Mois de validité de la certification (0 : sans limite)"] == f"sans limite {_DEFAULT}"
    assert "Code du travail, art. D6412-6 : un jury de VAE compte au moins deux personnes." in words(page)
    wrong = {"jury-fewest_members": "1", "jury-quorum": "3", "jury-validity_months": "6"}
    page = read(submit(client, page, "main form", press="Enregistrer les règles", **wrong), status=422)
    told = words(page.select_one("#jury"))
    assert "Écrivez un nombre de 2 à 20." in told
    assert "Le renouvellement s’ouvrirait avant la délivrance" in told
    wrong = {"jury-fewest_members": "", "jury-validity_months": "6", "jury-renewal_months_before": "6"}
    page = read(submit(client, page, "main form", press="Enregistrer les règles", **wrong), status=422)
    told = words(page.select_one("#jury"))
    assert "Le quorum ne peut pas dépasser le nombre de membres demandé" in told
    assert told.count("Le renouvellement s’ouvrirait") == 1
    assert session.scalars(select(ProgrammeRules)).all() == []
    values = {
        "jury-fewest_members": "3", "jury-quorum": "3", "jury-validity_months": "36",
        "jury-renewal_months_before": "4", "jury-let_pass": ["same_house"], "jury-is_balance_hidden": "y",
    }  # fmt: skip
    page = follow(client, submit(client, page, "main form", press="Enregistrer les règles", **values))
    asked = _facts(page, "juries")
    assert asked["Membres du jury, au moins"] == "3"
    assert asked["Liens qui empêchent de siéger"].startswith("tous, sauf hors VAE : exerce dans la même Maison")
    assert asked["Équilibre entre femmes et hommes montré pour la VAE"] == "non"
    assert "Jurys · Membres présents pour délibérer, au moins 2 (valeur par défaut) 3" in words(page)
    rules = _programme(session, version).jury
    assert (rules.fewest_members, rules.quorum, rules.validity_months, rules.external_percent) == (3, 3, 36, 50)
    assert rules.blocking == set(SETTABLE_CONFLICTS) - {"same_house"}
    assert not rules.is_balance_shown
    kept = page.select_one("#jury input[value=same_house]")
    assert kept is not None
    assert kept.has_attr("checked")
