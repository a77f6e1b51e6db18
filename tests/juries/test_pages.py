import io
from collections.abc import Callable

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import files
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.juries import queries, services
from certify.juries.models import JuryDecision, JurySession, SessionState, SignatureMethod
from certify.organisations.models import Organisation
from tests.factories.assessments import make_accepted_evidence
from tests.factories.cohorts import make_enrolment
from tests.factories.juries import (
    BLOCKS,
    Prepared,
    make_candidate,
    make_jury,
    make_published_jury,
    make_ready,
    opened,
    seat_member,
)
from tests.factories.people import make_certifying_body, make_member, make_user
from tests.services.signing_in import SignIn
from tests.services.visiting import follow, read, submit, visit


def test_the_registrar_prepares_a_session_from_the_list(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    client = sign_in(made.registrar)
    page = visit(client, "/juries")
    assert made.jury.reference in page.get_text()
    page = visit(client, "/juries/new")
    answer = submit(client, page, "main form", held_on="12/06/2026", place="Lille, salle 2", reference="2026-950")
    page = follow(client, answer)
    assert "2026-950" in page.get_text()
    assert "Personne ne siège encore" in page.get_text()


def test_a_session_refused_keeps_what_was_typed(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    client = sign_in(made.registrar)
    form = visit(client, "/juries/new")
    page = read(
        submit(client, form, "main form", held_on="31/02/2026", place="Lille", reference=made.jury.reference),
        status=422,
    )
    assert "n’existe pas" in page.get_text()
    assert "déjà celle d’une autre session" in page.get_text()
    assert page.find("input", {"name": "place"})["value"] == "Lille"  # type: ignore[index]


def test_the_list_of_sessions_is_searched_filtered_and_exported(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session, reference="2026-777")
    client = sign_in(made.registrar)
    assert "2026-777" in visit(client, "/juries?q=777&state=created&sort=place").get_text()
    assert "Aucune session ne correspond" in visit(client, "/juries?state=closed").get_text()
    answer = client.get("/juries?format=csv")
    assert answer.mimetype == "text/csv"
    assert "2026-777" in answer.get_data(as_text=True)


def test_somebody_with_no_session_is_told_what_to_do(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    registrar = make_member(session, _another_body(session), Role.REGISTRAR)
    assert "Préparer la première session" in visit(sign_in(registrar), "/juries").get_text()
    assert sign_in(registrar).get(f"/juries/{made.jury.id}").status_code == 404


def _another_body(session: Session) -> Organisation:
    return make_certifying_body(session)


def test_the_page_shows_who_may_not_sit_and_the_record_that_tells_so(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    training_body = session.get_one(Organisation, made.cohort.training_body_id)
    tied = make_member(
        session, training_body, Role.TRAINER, make_user(session, given_name="Formatrice", family_name="A")
    )
    seat_member(session, made.jury, tied)
    client = sign_in(made.registrar)
    words = visit(client, f"/juries/{made.jury.id}").get_text(" ")
    assert "Formatrice A" in words
    assert "a formé la personne candidate" in words
    assert "Formateur·rice dans son organisme de formation" in words
    assert "Ouvrir la délibération" not in words


def test_the_registrar_calls_members_and_presents_people(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session, 0)
    enrolment = make_enrolment(session, made.cohort, make_candidate(session))
    client = sign_in(made.registrar)
    page = visit(client, f"/juries/{made.jury.id}")
    form = f'form[action="/juries/{made.jury.id}/seats"]'
    refused = read(submit(client, page, form, email="pas une adresse", given_name="Jury"), status=422)
    assert "Cette adresse n’est pas complète" in refused.get_text()
    answer = submit(
        client, page, form, email="jury-4@exemple.test", given_name="Jury", family_name="4", quality="Élue locale"
    )
    assert "Jury 4" in follow(client, answer).get_text()
    page = visit(client, f"/juries/{made.jury.id}/candidates?q=stagiaire")
    assert read(submit(client, page, 'main form[method="post"]'), status=422)
    answer = submit(client, page, 'main form[method="post"]', enrolments=[str(enrolment.id)])
    assert "1 candidature est ajoutée." in follow(client, answer).get_text().replace("\u202f", " ")


def test_a_member_declares_then_reads_the_files(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    juror = make_user(session, given_name="Jury", family_name="4")
    seat_member(session, made.jury, juror, declared_at=None)
    client = sign_in(juror)
    address = f"/candidacies/{made.candidacies[0].id}"
    assert client.get(address).status_code == 403
    assert visit(client, f"/juries/{made.jury.id}").find("a", href=f"/juries/{made.jury.id}/declare")
    page = visit(client, f"/juries/{made.jury.id}/declare")
    assert "Cochez cette case" in read(submit(client, page), status=422).get_text()
    follow(client, submit(client, page, agreed=True))
    visit(client, address)


def test_a_file_is_read_by_its_jury_alone_and_leaves_a_trace(session: Session, sign_in: SignIn) -> None:
    made, other = make_jury(session), make_jury(session)
    address = f"/candidacies/{made.candidacies[0].id}"
    auditor = make_member(session, made.body, Role.AUDITOR)
    for user in (other.president, other.registrar, auditor):
        assert sign_in(user).get(address).status_code == 404
    visit(sign_in(made.members[1]), address)
    traces = session.scalars(select(AuditEvent).where(AuditEvent.tag == "jury:file:read"))
    assert [trace.actor_id for trace in traces] == [made.members[1].id]


def test_the_jury_reads_accepted_evidence_and_nothing_else(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    enrolment = session.get_one(Enrolment, made.candidacies[0].enrolment_id)
    stored = files.keep(b"%PDF-1.4 une preuve", "preuve.pdf", "application/pdf", folder="evidence")
    item = make_accepted_evidence(session, enrolment, ["1.1.1"], storage_key=stored.key, sha256=stored.sha256)
    stranger = make_accepted_evidence(session, make_enrolment(session), ["1.1.1"], storage_key=stored.key)
    client = sign_in(made.president)
    page = visit(client, f"/candidacies/{made.candidacies[0].id}")
    address = f"/candidacies/{made.candidacies[0].id}/evidence/{item.id}"
    assert page.find("a", href=address)
    piece = visit(client, address)
    assert piece.find("a", href=f"{address}?file=1")
    answer = client.get(f"{address}?file=1")
    assert (answer.status_code, answer.data) == (200, b"%PDF-1.4 une preuve")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(f"/candidacies/{made.candidacies[0].id}/evidence/{stranger.id}").status_code == 404


def test_the_president_decides_with_reasons_beside_the_fields(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session)
    make_ready(session, made.candidacies[0])
    opened(session, made)
    address = f"/candidacies/{made.candidacies[0].id}"
    client = sign_in(made.president)
    form = f'form[action="{address}"]'
    page = visit(client, address)
    answer = submit(client, page, form, **{"block-2-outcome": "not_acquired", "block-1-reason": "Texte gardé."})
    refused = read(answer, status=422)
    assert "s’écarte des évaluations" in refused.get_text()
    assert "contredit les décisions par bloc" in refused.get_text()
    assert refused.find("textarea", {"name": "block-1-reason"}).get_text().strip() == "Texte gardé."  # type: ignore[union-attr]
    values = {
        "block-2-outcome": "not_acquired",
        "block-2-reason": "Le réseau n’est pas nommé.",
        "outcome": "partly_obtained",
    }
    answer = submit(client, refused, form, **values, reason="Trois blocs acquis sur quatre.")
    assert "partiellement obtenue" in follow(client, answer).get_text()
    assert "Décision n° 1" in visit(client, address).get_text().replace("\u202f", " ")
    stale = submit(client, page, form)
    assert stale.status_code == 409
    assert "Une autre décision" in stale.get_data(as_text=True)


def test_a_member_who_does_not_preside_cannot_decide(session: Session, sign_in: SignIn) -> None:
    made = opened(session, make_jury(session))
    client = sign_in(made.members[1])
    address = f"/candidacies/{made.candidacies[0].id}"
    page = visit(client, address)
    assert page.select_one(f'form[action="{address}"]') is None
    token = page.find("input", {"name": "csrf_token"})["value"]  # type: ignore[index]
    assert client.post(address, data={"csrf_token": token}).status_code in (403, 404)
    assert session.scalars(select(JuryDecision)).all() == []


def test_the_president_closes_and_the_minutes_are_read_then_printed(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    made = make_jury(session)
    make_ready(session, made.candidacies[0])
    opened(session, made)
    client = sign_in(made.president)
    address = f"/candidacies/{made.candidacies[0].id}"
    follow(client, submit(client, visit(client, address), f'form[action="{address}"]'))
    page = visit(client, f"/juries/{made.jury.id}/deliberation")
    page = follow(client, submit(client, page, f'form[action="/juries/{made.jury.id}/close"]'))
    assert "attend la signature de chaque membre" in page.get_text()
    _sign_all(session, made)
    assert "en cours de fabrication" in visit(client, f"/juries/{made.jury.id}").get_text()
    twin = visit(client, f"/juries/{made.jury.id}/minutes").get_text(" ")
    assert client.get(f"/juries/{made.jury.id}/minutes.pdf").status_code == 404
    run_jobs()
    answer = client.get(f"/juries/{made.jury.id}/minutes.pdf")
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages).split())
    for said in (made.jury.reference, made.president.name, "Cadre de la petite enfance", "Certification obtenue"):
        assert said in words
    for said in (made.jury.reference, made.president.name, "Cadre de la petite enfance"):
        assert said in twin
    assert client.get(f"/juries/{made.jury.id}/minutes.pdf").data == answer.data
    assert "Ouvrir le PDF" in visit(client, f"/juries/{made.jury.id}").get_text()


def _sign_all(session: Session, made: Prepared) -> None:
    minutes = queries.minutes_of(session, made.jury.id)
    assert minutes is not None
    for user in made.members:
        services.sign(session, made.actor(session, user), minutes, method=SignatureMethod.MAIL)
    session.commit()


def test_nobody_presents_or_calls_anyone_once_open(session: Session, sign_in: SignIn) -> None:
    made = opened(session, make_jury(session))
    client = sign_in(made.registrar)
    page = visit(client, f"/juries/{made.jury.id}")
    assert page.select_one(f'form[action="/juries/{made.jury.id}/seats"]') is None
    token = page.find("input", {"name": "csrf_token"})["value"]  # type: ignore[index]
    answer = client.post(f"/juries/{made.jury.id}/seats/{made.jury.seats[0].id}/remove", data={"csrf_token": token})
    assert answer.status_code == 409


@pytest.mark.engines("sqlite")
def test_a_session_of_many_candidates_is_paged(session: Session, sign_in: SignIn) -> None:
    made = make_jury(session, 53)
    page = visit(sign_in(made.registrar), f"/juries/{made.jury.id}?page=2")
    assert "51 à 53 sur 53" in page.get_text().replace("\u202f", " ")


@pytest.mark.engines("sqlite")
def test_a_published_session_is_shown_to_its_registrar_with_the_way_to_certificates(
    session: Session, sign_in: SignIn
) -> None:
    made = make_published_jury(session)
    assert session.get_one(JurySession, made.jury.id).state is SessionState.PUBLISHED
    page = visit(sign_in(made.registrar), f"/juries/{made.jury.id}")
    assert page.find("a", href=f"/juries/{made.jury.id}/certificates")
    assert len(BLOCKS) == 4
