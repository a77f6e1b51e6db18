import asyncio
import io
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from flask import Flask
from pypdf import PdfReader, PdfWriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.sealing import Sealed
from certify.seals import checking, providers, queries, sealing, services
from certify.seals.checking import Fault
from certify.seals.models import SealKey
from certify.seals.providers import KeyFacts
from tests.factories.people import make_certifying_body
from tests.seals.making import plain_pdf

pytestmark = pytest.mark.engines("sqlite")


def sealed_by_somebody(session: Session, content: bytes | None = None) -> bytes:
    body = make_certifying_body(session, name="Organisme certificateur A")
    services.ensure_key(session, body)
    return sealing.sealed(session, body.id, content or plain_pdf(), reason="Délivrance", location="Lille")


def run(*words: str | Path) -> str:
    done = subprocess.run([*words], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_seal_holds_for_us_and_for_the_programs_of_others(session: Session, tmp_path: Path) -> None:
    content = sealed_by_somebody(session)
    verdict = queries.examined(session, content)
    assert verdict.is_valid
    assert verdict.is_self_made
    assert verdict.organisation is not None
    assert verdict.organisation.name == "Organisme certificateur A"
    said = verdict.verdict
    assert (said.signer, said.reason, said.why) == ("Organisme certificateur A", "Délivrance", ())
    assert said.is_intact
    assert said.covers_whole
    assert said.is_unchanged
    assert not said.is_timestamped
    (file := tmp_path / "sealed.pdf").write_bytes(content)
    told = run("pdfsig", file)
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", file)
    catalog = PdfReader(io.BytesIO(content)).trailer["/Root"]
    assert "/DocMDP" in catalog["/Perms"]  # type: ignore[index]


def test_any_flipped_byte_is_seen(session: Session, tmp_path: Path) -> None:
    content = sealed_by_somebody(session)
    roots = queries.trusted_roots(session)
    begin, end = content.index(b"/Contents <") + 11, content.index(b">", content.index(b"/Contents <") + 11)
    seen = 0
    for place in [*range(9, begin, 41), *range(end + 1, len(content), 41)]:
        damaged = bytearray(content)
        damaged[place] ^= 0x04
        assert not checking.examine(bytes(damaged), roots, clock.now()).is_valid, place
        seen += 1
    assert seen > 20
    damaged = bytearray(content)
    damaged[content.index(b"/MediaBox") + 12] ^= 0x01
    verdict = checking.examine(bytes(damaged), roots, clock.now())
    assert verdict.faults == (Fault.NOT_INTACT,)
    (file := tmp_path / "damaged.pdf").write_bytes(bytes(damaged))
    assert "Digest Mismatch" in run("pdfsig", file)


def _with_page(content: bytes) -> bytes:
    writer, out = PdfWriter(io.BytesIO(content), incremental=True), io.BytesIO()
    writer.add_blank_page(width=100, height=100)
    writer.write(out)
    return out.getvalue()


def _with_turned_page(content: bytes) -> bytes:
    writer, out = PdfWriter(io.BytesIO(content), incremental=True), io.BytesIO()
    writer.pages[0].rotate(90)
    writer.write(out)
    return out.getvalue()


def _with_title(content: bytes) -> bytes:
    writer, out = PdfWriter(io.BytesIO(content), incremental=True), io.BytesIO()
    writer.add_metadata({"/Title": "Autre titre"})
    writer.write(out)
    return out.getvalue()


def _written_anew(content: bytes) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.append(io.BytesIO(content))
    writer.write(out)
    return out.getvalue()


def test_nothing_may_be_added_after_the_seal(session: Session) -> None:
    content = sealed_by_somebody(session)
    roots = queries.trusted_roots(session)
    for change in (_with_page, _with_turned_page, _with_title):
        changed = change(content)
        assert changed.startswith(content)
        verdict = checking.examine(changed, roots, clock.now())
        assert not verdict.is_valid, change
        assert verdict.is_intact
        assert not verdict.covers_whole
        assert (Fault.CHANGED in verdict.faults) is (change is not _with_title), change
    assert not checking.examine(_written_anew(content), roots, clock.now()).is_valid
    assert not checking.examine(content + b"\n% rien", roots, clock.now()).is_valid


def test_what_is_no_sealed_pdf_is_said_in_words(session: Session) -> None:
    content = sealed_by_somebody(session)
    roots = queries.trusted_roots(session)
    cases = {
        b"": Fault.UNREADABLE, b"bonjour": Fault.UNREADABLE, content[:300]: Fault.UNREADABLE,
        b"%PDF-1.7\n" + b"[" * 100_000: Fault.UNREADABLE, plain_pdf(): Fault.NO_SEAL,
    }  # fmt: skip
    for given, fault in cases.items():
        verdict = checking.check(given, trusted=roots)
        assert verdict.faults == (fault,), given[:20]
        assert str(verdict.why[0])
    unknown = checking.check(content, trusted=[])
    assert unknown.faults == (Fault.UNTRUSTED,)
    assert unknown.is_intact


def test_a_certificate_past_its_end_is_judged_at_the_moment_the_register_knows(session: Session) -> None:
    content = sealed_by_somebody(session)
    roots, sealed_at = queries.trusted_roots(session), clock.now()
    with clock.at(sealed_at + timedelta(days=366 * 11)):
        assert checking.check(content, trusted=roots).faults == (Fault.OUTDATED,)
        assert checking.check(content, trusted=roots, at=sealed_at).is_valid


def test_old_seals_hold_after_the_key_is_replaced_and_retired(session: Session) -> None:
    body = make_certifying_body(session)
    first = services.ensure_key(session, body)
    assert services.ensure_key(session, body) is first
    old = sealing.sealed(session, body.id, plain_pdf(), reason="", location="")
    second = services.make_key(session, None, body)
    assert queries.current_key(session, body.id) is second
    new = sealing.sealed(session, body.id, plain_pdf(), reason="", location="")
    found = [queries.examined(session, content).verdict for content in (old, new)]
    assert [one.fingerprint for one in found] == [first.fingerprint, second.fingerprint]
    assert all(one.is_valid for one in found)
    assert len(queries.trusted_roots(session)) == 1


@pytest.mark.parametrize("name", ["Académie régionale des métiers de l’éducation à l’égalité réelle, Évry", "É" * 70])
def test_a_body_with_a_long_accented_name_seals(session: Session, name: str) -> None:
    body = make_certifying_body(session, name=name)
    key = services.ensure_key(session, body)
    assert name.startswith(key.subject)
    assert len(key.subject.encode()) in (63, 64)
    content = sealing.sealed(session, body.id, plain_pdf(), reason="", location="")
    assert queries.examined(session, content).is_valid


def test_a_body_without_a_key_cannot_seal(session: Session) -> None:
    body = make_certifying_body(session)
    with pytest.raises(sealing.NoSeal):
        sealing.sealed(session, body.id, plain_pdf(), reason="", location="")


@pytest.mark.engines("sqlite", "postgresql")
def test_a_private_key_is_kept_encrypted_and_never_changes(session: Session) -> None:
    key = services.ensure_key(session, make_certifying_body(session))
    session.commit()
    session.expire_all()
    kept = session.scalars(select(SealKey)).all()
    assert {one.organisation_id for one in kept} == {None, key.organisation_id}
    for one in kept:
        assert one.private_key is not None
        assert b"\x30\x81" not in one.private_key[:4]
        assert one.private_key.startswith(b"gAAAA")
    leaf = x509.load_pem_x509_certificate(key.certificate.encode())
    uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert {use.dotted_string for use in uses} == {"1.3.6.1.5.5.7.3.36", "1.3.6.1.5.5.7.3.4"}
    key.subject = "Autre"
    with pytest.raises(Sealed):
        session.flush()
    session.rollback()


def test_a_key_is_opened_once_in_a_process(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    body = make_certifying_body(session)
    services.ensure_key(session, body)
    sealing.sealed(session, body.id, plain_pdf(), reason="", location="")

    def refuse(*_values: object) -> bytes:
        raise AssertionError("the key was opened again")

    monkeypatch.setattr(providers.keys, "open_", refuse)
    assert sealing.sealed(session, body.id, plain_pdf(), reason="", location="")


def test_a_thread_that_runs_an_event_loop_seals_and_checks_too(app: Flask, session: Session) -> None:
    key = KeyFacts.of(services.ensure_key(session, make_certifying_body(session)))
    settings, roots = app.config["SETTINGS"], queries.trusted_roots(session)

    async def seal() -> bool:
        content = sealing.seal(settings, key, plain_pdf(), reason="", location="")
        return checking.examine(content, roots, clock.now()).is_valid

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, seal()).result()
