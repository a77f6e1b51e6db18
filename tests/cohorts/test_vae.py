"""Validation of prior experience: steps recorded and struck out, files a year, clocks shown, files by urgency."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts import queries, services
from certify.cohorts.models import AccessRoute, Cohort, Enrolment, VaeStep, VaeStepKind
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Invalid, NotFound
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.following import make_step
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

FILED, ADMITTED = VaeStepKind.FEASIBILITY_FILED, VaeStepKind.ADMITTED
NEW_YEAR = date(clock.today().year, 1, 1)


def _vae(session: Session, cohort: Cohort | None = None, number: int = 1, **values: object) -> Enrolment:
    person = values.pop("user", None) or make_user(session, given_name="Stagiaire", family_name=f"{number:02d}")
    return make_enrolment(session, cohort, person, access_route=AccessRoute.PRIOR_EXPERIENCE, **values)  # type: ignore[arg-type]


def _coordinator(session: Session, enrolment: Enrolment) -> Actor:
    body = session.get_one(Organisation, enrolment.training_body_id)
    return actor_of(session, make_member(session, body, Role.COORDINATOR))


def test_a_step_is_recorded_once_and_never_ahead_of_time(session: Session) -> None:
    enrolment, today = _vae(session), clock.today()
    actor = _coordinator(session, enrolment)
    services.record_step(session, actor, enrolment, kind=FILED, on=NEW_YEAR)
    session.flush()
    with pytest.raises(Invalid, match="déjà enregistrée"):
        services.record_step(session, actor, enrolment, kind=FILED, on=NEW_YEAR)
    with pytest.raises(Invalid, match="pas encore venu"):
        services.record_step(session, actor, enrolment, kind=ADMITTED, on=today + timedelta(days=1))
    assert [step.kind for step in queries.steps_of(session, [enrolment.id])[enrolment.id]] == [FILED]


def test_a_jury_needs_a_file_and_a_result_needs_a_jury(session: Session) -> None:
    enrolment, today = _vae(session), clock.today()
    actor = _coordinator(session, enrolment)
    with pytest.raises(Invalid, match="dossier de validation"):
        services.record_step(session, actor, enrolment, kind=VaeStepKind.JURY_HELD, on=today)
    with pytest.raises(Invalid, match="réunion du jury"):
        services.record_step(session, actor, enrolment, kind=VaeStepKind.RESULT_NOTIFIED, on=today)
    for kind in (VaeStepKind.VALIDATION_FILED, VaeStepKind.JURY_HELD, VaeStepKind.RESULT_NOTIFIED):
        services.record_step(session, actor, enrolment, kind=kind, on=today)
        session.flush()
    file = queries.vae_of(session, enrolment)
    assert file is not None
    assert [one.state.value for one in file.clocks if one.started_on] == ["met", "met"]


def test_somebody_who_comes_by_another_route_has_no_vae(session: Session) -> None:
    enrolment = make_enrolment(session)
    with pytest.raises(Conflict, match="pas une VAE"):
        services.record_step(session, _coordinator(session, enrolment), enrolment, kind=FILED, on=NEW_YEAR)
    assert queries.vae_of(session, enrolment) is None
    assert queries.rights_date(enrolment, ()) == enrolment.entered_on


def test_one_file_a_year_for_the_same_certification_whatever_the_training_body(session: Session) -> None:
    person = make_user(session)
    here = _vae(session, user=person)
    version_of_here = session.get_one(Cohort, here.cohort_id)
    elsewhere = make_cohort(
        session, make_organisation(session), None, certifying_body_id=version_of_here.certifying_body_id
    )
    elsewhere.framework_version_id = here.framework_version_id
    there = _vae(session, elsewhere, user=person)
    services.record_step(session, _coordinator(session, here), here, kind=FILED, on=NEW_YEAR)
    session.flush()
    actor = _coordinator(session, there)
    with pytest.raises(Invalid, match="une seule demande par an") as refused:
        services.record_step(session, actor, there, kind=FILED, on=NEW_YEAR + timedelta(days=1))
    assert "R6412-3" in str(refused.value.message)
    services.record_step(session, actor, there, kind=FILED, on=NEW_YEAR - timedelta(days=1))
    services.record_step(session, actor, there, kind=FILED, on=NEW_YEAR + timedelta(days=2), blocks=["1"])
    session.flush()
    assert [step.blocks for step in queries.steps_of(session, [there.id])[there.id]] == [[], ["1"]]


def test_three_files_a_year_for_different_certifications(session: Session) -> None:
    person = make_user(session)
    for _n in range(3):
        enrolment = _vae(session, user=person)
        services.record_step(session, _coordinator(session, enrolment), enrolment, kind=FILED, on=NEW_YEAR)
        session.flush()
    fourth = _vae(session, user=person)
    with pytest.raises(Invalid, match="Trois dossiers"):
        services.record_step(session, _coordinator(session, fourth), fourth, kind=FILED, on=NEW_YEAR)


def test_a_file_that_asks_for_every_block_asks_for_the_certification(session: Session) -> None:
    enrolment = _vae(session)
    actor = _coordinator(session, enrolment)
    step = services.record_step(session, actor, enrolment, kind=FILED, on=NEW_YEAR, blocks=["4", "3", "2", "1"])
    assert step.blocks == []
    later = services.record_step(session, actor, enrolment, kind=ADMITTED, on=NEW_YEAR, blocks=["1"])
    assert later.blocks == []


def test_a_step_struck_out_stays_readable_and_counts_no_more(session: Session) -> None:
    enrolment = _vae(session)
    actor = _coordinator(session, enrolment)
    step = services.record_step(session, actor, enrolment, kind=FILED, on=NEW_YEAR)
    session.flush()
    with pytest.raises(Invalid, match="pourquoi"):
        services.strike_step(session, actor, enrolment, step, reason=" ")
    services.strike_step(session, actor, enrolment, step, reason="Mauvais dossier")
    session.commit()
    assert queries.steps_of(session, [enrolment.id]) == {}
    row = queries.step_rows(session, enrolment)[0]
    assert (row.step.id, row.struck_by, row.recorded_by) == (step.id, actor.name, actor.name)
    with pytest.raises(NotFound):
        services.strike_step(session, actor, enrolment, step, reason="Encore")
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == "cohorts:vae-step:struck-out")).one()
    assert event.detail["reason"] == "Mauvais dossier"
    services.record_step(session, actor, enrolment, kind=FILED, on=NEW_YEAR)
    session.flush()
    step.on = NEW_YEAR - timedelta(days=3)
    with pytest.raises(Conflict):
        session.flush()


def test_rights_date_from_the_admission_even_by_silence(session: Session) -> None:
    enrolment, today = _vae(session), clock.today()
    assert queries.rights_date(enrolment, ()) is None
    step = make_step(session, enrolment, FILED, today - timedelta(days=100))
    found = queries.rights_date(enrolment, [step])
    assert found is not None
    assert step.on < found < today


def _many(session: Session, cohort: Cohort, count: int) -> None:
    for n in range(count):
        enrolment = _vae(session, cohort, n)
        make_step(session, enrolment, FILED, clock.today() - timedelta(days=10 + n))
    session.commit()


def test_files_are_listed_the_most_urgent_first(session: Session) -> None:
    cohort, today = make_cohort(session), clock.today()
    quiet, late, soon, lapsed = (_vae(session, cohort, n) for n in range(4))
    make_step(session, late, VaeStepKind.VALIDATION_FILED, today - timedelta(days=200))
    make_step(session, soon, FILED, today - timedelta(days=50))
    make_step(session, lapsed, ADMITTED, today - timedelta(days=300))
    make_enrolment(session, cohort)
    actor = _coordinator(session, quiet)
    lines = queries.vae_lines(session, actor)
    assert [line.enrolment.id for line in lines] == [late.id, lapsed.id, soon.id, quiet.id]
    assert lines[1].file.is_lapsed
    assert [line.name for line in queries.vae_lines(session, actor, words="stagiaire 02")] == ["Stagiaire 02"]
    stranger = actor_of(session, make_member(session, make_organisation(session), Role.COORDINATOR))
    assert queries.vae_lines(session, stranger) == []


@pytest.mark.engines("sqlite")
def test_the_pages_of_vae_ask_the_database_the_same_whatever_the_numbers(session: Session, sign_in: SignIn) -> None:
    counts = []
    for number in (2, 60):
        cohort = make_cohort(session)
        _many(session, cohort, number)
        client = sign_in(make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.COORDINATOR))
        client.get("/vae")
        seen = []
        for path in ("/vae", "/vae?format=csv", "/vae?page=2", f"/cohorts/{cohort.id}/vae"):
            with count_statements(session.get_bind().engine) as sent:
                assert client.get(path).status_code == 200
            seen.append(len(sent))
        counts.append(seen)
    assert counts[0] == counts[1]


@pytest.mark.engines("sqlite")
def test_a_coordinator_records_a_step_reads_the_clocks_and_strikes_it_out(session: Session, sign_in: SignIn) -> None:
    enrolment = _vae(session)
    body = session.get_one(Organisation, enrolment.training_body_id)
    client = sign_in(make_member(session, body, Role.COORDINATOR))
    page = visit(client, f"/enrolments/{enrolment.id}/vae")
    assert "L6421-4" in words(page)
    assert "Aucune étape" in words(page)
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    page = read(submit(client, page, kind="feasibility_filed", on=tomorrow), status=422)
    assert "pas encore venu" in words(page)
    page = follow(client, submit(client, page, on=clock.today().isoformat(), blocks=["1", "2"]))
    assert "Limité aux blocs 1, 2" in words(page)
    assert "en cours" in words(page)
    assert "Feuille" not in words(page)
    page = follow(client, submit(client, page, ".strike form", reason="Mauvais dossier"))
    assert "Barré par" in words(page)
    rows = client.get("/vae?format=csv").get_data(as_text=True).splitlines()
    assert rows[1].startswith("Stagiaire 01;")
    assert "Dossiers de VAE" in words(visit(client, "/vae?q=01"))
    assert "Aucun dossier de VAE" in words(visit(client, "/vae?q=introuvable"))


@pytest.mark.engines("sqlite")
def test_a_mistaken_strike_says_what_is_missing(session: Session, sign_in: SignIn) -> None:
    enrolment = _vae(session)
    make_step(session, enrolment, FILED, NEW_YEAR)
    client = sign_in(make_member(session, session.get_one(Organisation, enrolment.training_body_id), Role.COORDINATOR))
    page = visit(client, f"/enrolments/{enrolment.id}/vae")
    assert "Dites pourquoi" in words(read(submit(client, page, ".strike form", reason=" "), status=422))
    assert submit(client, page, ".strike form", reason="X", step_id="rien").status_code == 404
    assert len(list(session.scalars(select(VaeStep)))) == 1


@pytest.mark.engines("sqlite")
def test_who_only_reads_a_vae_records_nothing(session: Session, sign_in: SignIn) -> None:
    enrolment = _vae(session)
    make_step(session, enrolment, FILED, clock.today() - timedelta(days=100))
    body = session.get_one(Organisation, enrolment.training_body_id)
    client = sign_in(make_member(session, body, Role.REFERENT))
    page = visit(client, f"/enrolments/{enrolment.id}/vae")
    assert "recevable par silence" in words(page)
    assert not page.select("main form")
    stranger = sign_in(make_member(session, make_organisation(session), Role.COORDINATOR))
    assert stranger.get(f"/enrolments/{enrolment.id}/vae").status_code == 404
    other = make_enrolment(session, session.get_one(Cohort, enrolment.cohort_id))
    session.commit()
    assert "ne vient pas par la VAE" in words(visit(client, f"/enrolments/{other.id}/vae"))


@pytest.mark.engines("sqlite")
def test_somebody_sees_the_clocks_of_their_own_vae(session: Session, sign_in: SignIn) -> None:
    enrolment, other = _vae(session), make_enrolment(session)
    make_step(session, enrolment, FILED, clock.today() - timedelta(days=100))
    page = visit(sign_in(session.get_one(User, enrolment.user_id)), "/vae/own")
    assert "recevable par silence" in words(page)
    assert "Dossier de faisabilité complet" in words(page)
    assert "Vous ne venez pas par la VAE" in words(visit(sign_in(session.get_one(User, other.user_id)), "/vae/own"))
