"""The register as a whole: its filters, what is taken away of it, its monthly extracts, its documents read again."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates import queries, reactions, services
from certify.certificates.models import Certificate, RegisterExtract
from certify.certificates.services import extracts, rereading
from certify.certificates.services.checking import Finding, check_file
from certify.core import clock, files, object_store
from certify.core.access import Actor, Role
from certify.core.db import db
from certify.core.mail import MailMessage
from certify.reports.models import Export
from tests.factories.closed_juries import ClosedJury, make_closed_jury
from tests.factories.people import actor_of, make_certifying_body, make_member
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, submit, visit, words

REASON = "Un point du dossier est en cours d’examen."
RunJobs = Callable[[], int]


@pytest.fixture
def jury(session: Session) -> ClosedJury:
    return make_closed_jury(session, 4)


@pytest.fixture
def registrar(session: Session, jury: ClosedJury) -> Actor:
    return actor_of(session, jury.registrar)


def rename(session: Session, user_id: object, family_name: str) -> None:
    session.get_one(User, user_id).family_name = family_name
    session.flush()


def test_the_register_narrows_by_state_and_is_taken_away_as_it_is_shown(
    session: Session, sign_in: SignIn, jury: ClosedJury, registrar: Actor, run_jobs: RunJobs
) -> None:
    first, second, third, fourth = services.issue_all(session, registrar, jury.jury)
    services.suspend(session, registrar, second, reason=REASON)
    services.revoke(session, registrar, third, reason=REASON)
    ended = {"expires_on": clock.today() - timedelta(days=1)}
    table = Certificate.__table__
    session.connection().execute(table.update().where(table.c.id == fourth.id).values(**ended))
    numbers = {"valid": first.number, "suspended": second.number, "revoked": third.number, "expired": fourth.number}
    session.commit()
    client = sign_in(session.get_one(User, registrar.user_id))
    for state, number in numbers.items():
        said = words(visit(client, f"/certificates?state={state}"))
        assert [other for other in numbers.values() if other in said] == [number], state
        assert number in client.get(f"/certificates?state={state}&format=csv").get_data(as_text=True)
    assert "Aucun certificat ne correspond" in words(visit(client, "/certificates?state=replaced"))
    page = visit(client, "/certificates?state=revoked")
    page = follow(client, submit(client, page, 'form[action^="/certificates/register/"]'))
    run_jobs()
    export = session.scalars(select(Export)).one()
    sheet = zipfile.ZipFile(io.BytesIO(files.read(export.storage_key))).read("xl/worksheets/sheet1.xml").decode()
    assert [number for number in numbers.values() if number in sheet] == [numbers["revoked"]]


def test_a_session_gives_its_documents_in_one_archive_byte_for_byte(
    session: Session, sign_in: SignIn, jury: ClosedJury, registrar: Actor, run_jobs: RunJobs
) -> None:
    rename(
        session, session.get_one(Certificate, services.issue_all(session, registrar, jury.jury)[0].id).holder_id, "Z"
    )
    session.commit()
    run_jobs()
    client = sign_in(session.get_one(User, registrar.user_id))
    page = visit(client, f"/juries/{jury.jury.id}/certificates")
    submit(client, page, 'form[action$="/archive"]')
    run_jobs()
    export = session.scalars(select(Export)).one()
    archive = zipfile.ZipFile(io.BytesIO(files.read(export.storage_key)))
    manifest = json.loads(archive.read("manifeste.json"))
    stored = {one.sha256 for one in session.scalars(select(Certificate))}
    assert {one["sha256"] for one in manifest["files"]} == stored
    assert {one["stored_sha256"] for one in manifest["files"]} == stored
    assert (len(archive.namelist()), manifest["not_made_yet"]) == (5, [])


def test_what_prevents_an_issue_is_said_before_and_the_others_are_issued(
    session: Session, sign_in: SignIn, jury: ClosedJury, registrar: Actor
) -> None:
    award = queries.progress_of(session, jury.jury).rows[0].award
    rename(session, award.holder.id, "王")
    session.commit()
    client = sign_in(session.get_one(User, registrar.user_id))
    address = f"/juries/{jury.jury.id}/certificates"
    page = visit(client, address)
    assert "王" in words(page.select_one("td .check-seal.is-danger"))  # type: ignore[arg-type]
    assert "Un document ne peut pas être délivré" in words(page)
    page = follow(client, submit(client, page, press="Délivrer les 3 certificats"))
    assert "3 certificats sont délivrés" in words(page)
    assert "Un certificat est à délivrer" in words(page)
    assert page.find("button", string="Délivrer le certificat") is None


def test_a_month_that_is_over_is_written_once_sealed_and_never_changes(
    session: Session, sign_in: SignIn, jury: ClosedJury, registrar: Actor, run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    issued = services.issue_all(session, registrar, jury.jury)
    services.suspend(session, registrar, issued[0], reason=REASON)
    session.commit()
    run_jobs()
    assert extracts.due(session) == []
    month = clock.today().replace(day=1)
    after = (month + timedelta(days=32)).replace(day=3)
    session.rollback()
    monkeypatch.setattr(clock, "today", lambda: after)
    assert reactions.write_extracts() == 1
    assert reactions.write_extracts() == 0
    monkeypatch.undo()
    run_jobs()
    extract = session.scalars(select(RegisterExtract)).one()
    assert (extract.month, len(extract.facts["issued"]), len(extract.facts["events"])) == (month, 4, 1)
    content = files.read(extract.storage_key)
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert all(one.number in text and one.holder_name in text for one in issued)
    assert REASON in " ".join(text.split())
    verdict = check_file(session, content)
    assert (verdict.finding, verdict.seal.is_valid) == (Finding.SEALED, True)
    client = sign_in(session.get_one(User, registrar.user_id))
    page = visit(client, "/certificates/extracts")
    link = page.select_one('td a[href^="/certificates/extracts/"]')
    assert link is not None
    assert client.get(str(link["href"])).data == content
    stranger = sign_in(make_member(session, make_certifying_body(session), Role.REGISTRAR))
    assert stranger.get(str(link["href"])).status_code == 404


def test_documents_are_read_again_and_a_changed_byte_is_found(
    session: Session, sign_in: SignIn, jury: ClosedJury, registrar: Actor, run_jobs: RunJobs
) -> None:
    whole, changed, gone, _not_made = services.issue_all(session, registrar, jury.jury)
    session.commit()
    run_jobs()
    session.expire_all()
    kept = files.read(changed.storage_key)
    object_store.delete([changed.storage_key, gone.storage_key])
    object_store.put_once(changed.storage_key, kept[:-1] + b" ")
    ids = (whole.id, changed.id, gone.id)
    session.commit()
    assert reactions.reread_documents() == 2
    assert rereading.to_read(session, 10) == []
    session.rollback()
    session.expire_all()
    assert [session.get_one(Certificate, one).is_damaged for one in ids] == [False, True, True]
    assert queries.damaged(session) == 2
    administrator = make_member(session, make_certifying_body(session), Role.ADMINISTRATOR)
    assert "2 documents délivrés sont abîmés" in words(visit(sign_in(administrator), "/administration"))
    keeper = sign_in(session.get_one(User, registrar.user_id))
    assert "n’est plus celui qui a été délivré" in words(visit(keeper, f"/certificates/{changed.id}"))
    object_store.delete([changed.storage_key])
    object_store.put_once(changed.storage_key, kept)
    assert rereading.reread(session, changed.id) is True
    assert not session.get_one(Certificate, changed.id).is_damaged


def test_pages_of_the_register_cost_the_same_whatever_it_holds(
    session: Session, sign_in: SignIn, jury: ClosedJury, registrar: Actor
) -> None:
    first = services.issue(session, registrar, jury.decisions[0])
    addresses = ["/certificates", f"/juries/{jury.jury.id}/certificates", f"/certificates/{first.id}"]
    session.commit()
    client = sign_in(session.get_one(User, registrar.user_id))

    def costs() -> list[int]:
        found = []
        for address in addresses:
            visit(client, address)
            with count_statements(db.engine) as statements:
                visit(client, address)
            found.append(len(statements))
        return found

    before = costs()
    for decision in jury.decisions[1:3]:
        services.issue(session, registrar, decision)
    services.suspend(session, registrar, first, reason=REASON)
    session.commit()
    assert costs() == before


def test_every_morning_those_whose_certificate_ends_soon_are_told_once(
    session: Session, jury: ClosedJury, registrar: Actor
) -> None:
    certificate = services.issue(session, registrar, jury.decisions[0])
    session.flush()
    table, soon = Certificate.__table__, clock.today() + timedelta(days=9)
    session.connection().execute(table.update().where(table.c.id == certificate.id).values(expires_on=soon))
    session.commit()
    morning = datetime.combine(clock.today(), time(reactions.REMINDED_AT, 7), clock.PARIS)
    with clock.at(morning + timedelta(hours=1)):
        assert reactions.remind_of_expiry() == 0
    with clock.at(morning):
        assert [reactions.remind_of_expiry(), reactions.remind_of_expiry()] == [1, 0]
    told = session.scalars(select(MailMessage).where(MailMessage.subject.contains("expire le"))).one()
    assert "/my-certificates" in told.text


def test_months_are_those_of_paris() -> None:
    begin, end = extracts._bounds(date(2026, 3, 1))
    assert [moment.astimezone(clock.PARIS).isoformat() for moment in (begin, end)] == [
        "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00",
    ]  # fmt: skip
