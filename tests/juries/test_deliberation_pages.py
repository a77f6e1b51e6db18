"""The pages of the deliberation, the minutes, the results and what comes after, without JavaScript."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.mail import MailMessage
from certify.juries import queries, results, services
from certify.juries.models import (
    Appeal,
    Candidacy,
    JuryDecision,
    JurySession,
    JurySignature,
    MissingSignature,
    Recusal,
    SessionState,
    SignatureMethod,
    Vote,
)
from certify.organisations.models import Organisation
from tests.factories.juries import (
    BLOCKS,
    NOT_ACQUIRED,
    Prepared,
    make_appeal,
    make_closed_jury,
    make_jury,
    make_published_jury,
    make_ready,
    opened,
    published,
)
from tests.factories.people import make_certifying_body, make_member
from tests.services.signing_in import SignIn
from tests.services.signing_in import sign_in as enter
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit

REASON = "Une pièce avait été oubliée."


def _holder(session: Session, made: Prepared, at: int = 0) -> User:
    return session.get_one(User, session.get_one(Enrolment, made.candidacies[at].enrolment_id).user_id)


def _words(page: Any) -> str:
    return " ".join(page.get_text(" ").replace("\u202f", " ").replace("\u00a0", " ").split())


def test_members_vote_in_secret_then_together_and_the_form_of_the_president_is_filled_by_their_votes(
    session: Session, sign_in: SignIn
) -> None:
    made = make_jury(session)
    make_ready(session, made.candidacies[0])
    opened(session, made)
    address = f"/candidacies/{made.candidacies[0].id}"
    voting = f'form[action="{address}/votes"]'
    said = ("acquired", "not_acquired", "not_acquired")
    for place, (user, outcome) in enumerate(zip(made.members, said, strict=True)):
        client = sign_in(user)
        page = visit(client, address)
        if place == 0:
            refused = read(submit(client, page, voting), status=422)
            assert "Choisissez, ou abstenez-vous." in _words(refused)
        if place == 1:
            assert "Chacun vote sans voir le vote des autres" in _words(page)
            assert "Résultat du vote" not in _words(page)
        values = {f"vote-{code}-outcome": outcome for code in BLOCKS} | {"vote-1-comment": f"Note du membre {place}."}
        page = follow(client, submit(client, page, voting, **values))
    assert "Résultat du vote" in _words(page)
    assert "Note du membre 0." in _words(page)
    form = visit(sign_in(made.president), address)
    chosen = form.select(f'form[action="{address}"] input[name="block-1-outcome"][checked]')
    assert [one["value"] for one in chosen] == ["not_acquired"]
    assert "Le vote conduit à : non acquis." in _words(form)
    assert len(session.scalars(select(Vote)).all()) == 12


def test_the_president_notes_presence_opens_votes_notes_a_recusal_and_closes(session: Session, sign_in: SignIn) -> None:
    made = opened(session, make_jury(session, 2))
    first, second = (one.id for one in made.candidacies)
    client, day = sign_in(made.president), f"/juries/{made.jury.id}/deliberation"
    page = visit(client, day)
    assert "2 décisions manquent encore" in _words(page)
    seats = [str(one.seat.id) for one in queries.members_of(session, made.jury)]
    form = f'form[action="/juries/{made.jury.id}/presence"]'
    assert "Cochez les membres" in _words(read(submit(client, page, form, present=[]), status=422))
    page = follow(client, submit(client, page, form, present=seats))
    address = f"/candidacies/{first}"
    refused = submit(client, visit(client, address), f'form[action="{address}/votes/open"]')
    assert refused.status_code == 409
    page = visit(client, address)
    values = {f"vote-{code}-outcome": "abstention" for code in BLOCKS}
    page = follow(client, submit(client, page, f'form[action="{address}/votes"]', **values))
    page = follow(client, submit(client, page, f'form[action="{address}/votes/open"]'))
    assert "pas de majorité" in _words(page)
    recusal = f'form[action="{address}/recusals"]'
    third = next(one for one in made.jury.seats if one.user_id == made.members[2].id)
    naming = read(submit(client, page, recusal, seat=str(third.id), why="Appeler au 06 12 34 56 78."), status=422)
    assert "permet de reconnaître quelqu’un" in _words(naming)
    page = follow(client, submit(client, page, recusal, seat=str(third.id), why="Ancien service commun."))
    assert f"Récusation : {made.members[2].name}" in _words(page)
    assert session.scalars(select(Recusal)).one().reason == "Ancien service commun."
    assert sign_in(made.members[2]).get(address).status_code == 403
    for one in (first, second):
        reasons = {f"block-{code}-reason": "Vu en séance." for code in BLOCKS}
        outcomes = {f"block-{code}-outcome": "acquired" for code in BLOCKS}
        form = f'form[action="/candidacies/{one}"]'
        page = visit(client, f"/candidacies/{one}")
        page = follow(client, submit(client, page, form, **outcomes, **reasons, outcome="obtained"))
    page = follow(client, submit(client, page, f'form[action="/juries/{made.jury.id}/close"]'))
    assert "n’a pas siégé" not in _words(page)
    assert "récusation pour cette candidature" in _words(page)
    assert client.get(day).status_code == 303


def test_a_member_signs_with_a_mailed_code_that_a_wrong_try_uses_up(session: Session, sign_in: SignIn) -> None:
    made = make_closed_jury(session)
    client, address = sign_in(made.members[1]), f"/juries/{made.jury.id}/minutes"
    signing = f'form[action="{address}/sign"]'
    page = visit(client, address)
    assert "Un code compte six chiffres" in _words(read(submit(client, page, signing, code="12"), status=422))
    page = follow(client, submit(client, page, f'form[action="{address}/code"]'))
    mail = session.scalars(select(MailMessage).where(MailMessage.subject.contains("code pour signer"))).one()
    assert mail.recipient == made.members[1].email
    found = re.search(r"^(\d{3}) (\d{3})$", mail.text, re.MULTILINE)
    assert found
    code = "".join(found.groups())
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(4):
        page = read(submit(client, page, signing, code=wrong), status=422)
        assert "Ce code n’est pas le bon" in _words(page)
    page = follow(client, submit(client, page, signing, code=f"{code[:3]} {code[3:]}"))
    assert "Votre signature est enregistrée" in _words(page)
    assert session.scalars(select(JurySignature)).one().method is SignatureMethod.MAIL
    assert page.select_one(signing) is None


def test_a_member_with_an_authenticator_signs_with_it(app: Flask, session: Session, client: FlaskClient) -> None:
    made = make_closed_jury(session)
    member = made.members[1]
    factory = app.extensions["security"].totp_factory
    member.tf_primary_method, member.tf_totp_secret = "authenticator", factory.generate_totp_secret()
    session.commit()
    enter(client, member)
    address = f"/juries/{made.jury.id}/minutes"
    page = visit(client, address)
    assert page.select_one(f'form[action="{address}/code"]') is None
    signing = f'form[action="{address}/sign"]'
    assert "Ce code n’est pas le bon" in _words(read(submit(client, page, signing, code="000000"), status=422))
    totp = TOTP.from_source(factory.get_totp_uri("x", member.tf_totp_secret))
    page = follow(client, submit(client, page, signing, code=totp.generate().token))
    assert "Votre signature est enregistrée" in _words(page)
    assert session.scalars(select(JurySignature)).one().method is SignatureMethod.AUTHENTICATOR


def test_the_registrar_states_a_missing_signature_publishes_and_takes_it_back(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    made = make_closed_jury(session)
    minutes = queries.minutes_of(session, made.jury.id)
    assert minutes is not None
    for user in made.members[:2]:
        services.sign(session, made.actor(session, user), minutes, method=SignatureMethod.MAIL)
    absent = next(one for one in made.jury.seats if one.user_id == made.members[2].id)
    session.commit()
    client, address = sign_in(made.registrar), f"/juries/{made.jury.id}/minutes"
    page = visit(client, address)
    assert page.select_one(f'form[action="/juries/{made.jury.id}/publish"]') is None
    form = f'form[action="{address}/missing"]'
    assert "Écrivez pourquoi" in _words(read(submit(client, page, form, seat=str(absent.id)), status=422))
    page = follow(client, submit(client, page, form, seat=str(absent.id), why_unsigned="Empêchement durable."))
    assert session.scalars(select(MissingSignature)).one().reason == "Empêchement durable."
    page = follow(client, submit(client, page, f'form[action="/juries/{made.jury.id}/publish"]'))
    assert "publiés" in _words(page)
    run_jobs()
    words = _pdf_words(client.get(f"{address}.pdf").data)
    for said in ("ne signe pas", "Empêchement durable.", "code reçu par courriel", minutes.facts["digest"]):
        assert said in words
    page = visit(client, address)
    form = f'form[action="/juries/{made.jury.id}/unpublish"]'
    assert "Écrivez pourquoi" in _words(read(submit(client, page, form), status=422))
    page = follow(client, submit(client, page, form, reason="Erreur de transcription."))
    form = f'form[action="/juries/{made.jury.id}/reopen"]'
    page = follow(client, submit(client, page, form, reason="À reprendre avec le jury."))
    session.expire_all()
    assert session.get_one(JurySession, made.jury.id).state is SessionState.DELIBERATING
    assert "sera remplacé" in _words(visit(client, address))


def _pdf_words(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_candidate_reads_their_result_their_extract_and_contests_it(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    made = make_closed_jury(session, 2, b4=NOT_ACQUIRED)
    holder = _holder(session, made)
    client = sign_in(holder)
    assert "Aucun résultat publié" in _words(visit(client, "/results"))
    published(session, made)
    other = made.candidacies[1].id
    session.commit()
    run_jobs()
    page = visit(client, "/results")
    for said in ("partiellement obtenue", "Il vous reste un bloc à acquérir", "Motif écrit par le jury.", "Extrait"):
        assert said in _words(page)
    own = f"/results/{made.candidacies[0].id}"
    words = _pdf_words(client.get(f"{own}/extract.pdf").data)
    for said in (holder.name, "Motif de la décision", "Ce qui reste à acquérir", "Contester cette décision"):
        assert said in words
    assert _holder(session, made, 1).name not in words
    for path in (f"/results/{other}/extract.pdf", f"/results/{other}/appeal"):
        assert client.get(path).status_code == 404
    form = visit(client, f"{own}/appeal")
    assert "Écrivez pourquoi" in _words(read(submit(client, form, "main form"), status=422))
    page = follow(client, submit(client, form, "main form", grounds="Ma fiche 12 n’a pas été lue."))
    assert "en attente de réponse" in _words(page)
    assert page.find("a", href=f"{own}/appeal") is None
    late = made.actor(session, _holder(session, made, 1))
    assert results.own_results(session, late)[0].may_appeal
    with clock.at(clock.now() + timedelta(days=61)):
        assert not results.own_results(session, late)[0].may_appeal


def test_the_registrar_corrects_withdraws_reinstates_and_answers_an_appeal(session: Session, sign_in: SignIn) -> None:
    appeal = make_appeal(session)
    candidacy = appeal.candidacy_id
    jury = session.get_one(JurySession, session.get_one(Candidacy, candidacy).session_id)
    registrar = make_member(session, session.get_one(Organisation, jury.certifying_body_id), Role.REGISTRAR)
    client, after = sign_in(registrar), f"/candidacies/{candidacy}/after"
    assert "à répondre" in _words(visit(client, f"/juries/{jury.id}/outcomes"))
    page = visit(client, f"/appeals/{appeal.id}")
    assert "Choisissez la réponse" in _words(read(submit(client, page, "main form"), status=422))
    page = follow(
        client, submit(client, page, "main form", verdict="refused", answer="Le jury confirme.", reason="", outcome="")
    )
    assert "Le jury confirme." in _words(page)
    assert session.scalars(select(Appeal)).one().is_upheld is False
    today, full = clock.today().isoformat(), {f"block-{code}-outcome": "acquired" for code in BLOCKS}
    page = visit(client, f"/candidacies/{candidacy}/correct")
    refused = submit(client, page, "main form", **full, outcome="obtained", reason="", decided_on=today)
    assert "Écrivez pourquoi la décision change" in _words(read(refused, status=422))
    page = follow(client, submit(client, page, "main form", **full, outcome="obtained", reason=REASON))
    assert "rectification d’une erreur matérielle" in _words(page)
    form, older = (visit(client, f"/candidacies/{candidacy}/withdraw") for _ in range(2))
    page = follow(client, submit(client, form, "main form", kind="cancellation", reason="Inscription annulée."))
    assert "Rétablir la décision" in _words(page)
    stale = read(submit(client, older, "main form", kind="cancellation", reason="Encore."), status=409)
    assert "Une autre décision vient d’être enregistrée" in _words(stale)
    form = visit(client, f"/candidacies/{candidacy}/reinstate")
    page = follow(client, submit(client, form, "main form", reason="Inscription retrouvée."))
    form = visit(client, f"/candidacies/{candidacy}/letter")
    page = follow(client, submit(client, form, "main form", grounds="Lettre reçue."))
    rows = session.scalars(select(JuryDecision.kind).order_by(JuryDecision.number)).all()
    assert [one.value for one in rows] == ["deliberation", "correction", "cancellation", "reinstatement"]
    stranger = sign_in(make_member(session, make_certifying_body(session), Role.REGISTRAR))
    for path in (after, f"/appeals/{appeal.id}", f"/juries/{jury.id}/outcomes"):
        assert stranger.get(path).status_code == 404


def test_a_coordinator_reads_what_juries_write_to_the_training_body(session: Session, sign_in: SignIn) -> None:
    made = opened(session, make_jury(session))
    services.decide(
        session, made.actor(session, made.president), made.candidacies[0], expected=0,
        blocks=dict.fromkeys(BLOCKS, NOT_ACQUIRED), reasons=dict.fromkeys(BLOCKS, "Rien de prouvé."),
        outcome=competencies.WholeOutcome.REFUSED,
        reason="Le dossier est vide.", comment_training_body="Reprendre le cahier.", comment_internal="Entre nous.",
    )  # fmt: skip
    services.close(session, made.actor(session, made.president), made.jury)
    body = session.get_one(Organisation, made.cohort.training_body_id)
    client = sign_in(make_member(session, body, Role.COORDINATOR))
    address = f"/cohorts/{made.cohort.id}/jury-decisions"
    assert "Aucun résultat publié" in _words(visit(client, address))
    published(session, made)
    session.commit()
    words = _words(visit(client, address))
    assert "Reprendre le cahier." in words
    assert "Entre nous." not in words
    assert "Reprendre le cahier." not in _words(visit(sign_in(_holder(session, made)), "/results"))


@pytest.mark.engines("sqlite")
def test_pages_of_a_jury_send_as_many_statements_whatever_the_candidates(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    counts: list[list[int]] = []
    for size in (1, 4):
        made = opened(session, make_jury(session, size))
        session.commit()
        seen = []
        client = sign_in(made.president)
        for path in (f"/juries/{made.jury.id}/deliberation", f"/candidacies/{made.candidacies[0].id}"):
            client.get(path)
            with count_statements(session.get_bind()) as statements:
                assert client.get(path).status_code == 200
            seen.append(len(statements))
        made = make_published_jury(session, size)
        session.commit()
        body = session.get_one(Organisation, made.cohort.training_body_id)
        readers = (
            (made.registrar, f"/juries/{made.jury.id}/outcomes"), (made.president, f"/juries/{made.jury.id}/minutes"),
            (make_member(session, body, Role.COORDINATOR), f"/cohorts/{made.cohort.id}/jury-decisions"),
        )  # fmt: skip
        for user, path in readers:
            client = sign_in(user)
            client.get(path)
            with count_statements(session.get_bind()) as statements:
                assert client.get(path).status_code == 200
            seen.append(len(statements))
        counts.append(seen)
    assert counts[0] == counts[1]


@pytest.mark.engines("sqlite")
def test_each_reading_of_a_file_is_traced(session: Session, sign_in: SignIn) -> None:
    made = opened(session, make_jury(session))
    session.commit()
    visit(sign_in(made.members[1]), f"/candidacies/{made.candidacies[0].id}")
    traces = session.scalars(select(AuditEvent).where(AuditEvent.tag == "jury:file:read")).all()
    assert [trace.actor_id for trace in traces] == [made.members[1].id]
