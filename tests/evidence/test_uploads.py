"""Big files that come piece by piece: the protocol, what is refused before its first byte, and what they become."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import clock, files, jobs, media, object_store
from certify.core.outbox import OutboxMessage
from certify.evidence import queries, tasks
from certify.evidence.models import EvidenceItem, EvidenceState, Upload, UploadPart, UploadState
from certify.settings import Settings
from tests.factories.cohorts import make_enrolment
from tests.factories.evidence import PLACE, hand_in, make_piece, make_upload, video
from tests.factories.logbook import pdf, trainee_of
from tests.services.big_files import Sender
from tests.services.s3_server import Bucket
from tests.services.signing_in import signed_in_client
from tests.services.visiting import visit

MIB = 1024 * 1024
RunJobs = Callable[[], int]
pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def enrolment(session: Session) -> Enrolment:
    made = make_enrolment(session)
    session.commit()
    return made


@pytest.fixture
def sender(app: Flask, session: Session, enrolment: Enrolment) -> Sender:
    return Sender(signed_in_client(app, trainee_of(session, enrolment)))


def only_piece(session: Session) -> EvidenceItem:
    session.expire_all()
    return session.scalars(select(EvidenceItem)).one()


def stored_keys() -> list[str]:
    return sorted(item["path"] for page in files.store().list() for item in page)


def test_the_server_says_what_it_can_do(sender: Sender) -> None:
    answer = sender.client.options("/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,expiration,termination"
    assert int(answer.headers["Tus-Max-Size"]) == 500_000_000


def test_two_gigabytes_are_refused_before_any_byte(session: Session, sender: Sender) -> None:
    answer = sender.announce("rencontre.mp4", 2 * 1024 * MIB)
    assert answer.status_code == 413
    assert "on accepte 500 Mo au plus" in answer.get_json()["message"].replace("\u00a0", " ")
    assert session.scalars(select(Upload)).all() == []


@pytest.mark.parametrize(
    ("name", "size", "status"),
    [("photo.jpg", 30 * MIB, 413), ("programme.exe", 1000, 422), ("vide.mp4", 0, 422), ("sans extension", 10, 422)],
)
def test_what_cannot_be_kept_is_refused_before_any_byte(sender: Sender, name: str, size: int, status: int) -> None:
    answer = sender.announce(name, size)
    assert answer.status_code == status
    assert answer.get_json()["message"]


@pytest.mark.settings(evidence_quota_bytes=10 * MIB)
def test_what_does_not_fit_with_what_is_already_coming_is_refused(sender: Sender) -> None:
    assert sender.announce("a.mp4", 6 * MIB).status_code == 201
    answer = sender.announce("b.mp4", 6 * MIB)
    assert answer.status_code == 413
    assert "Retirez une preuve" in answer.get_json()["message"]


def test_a_video_that_came_in_pieces_becomes_a_piece_without_its_place(
    session: Session, sender: Sender, run_jobs: RunJobs
) -> None:
    content = video(12 * MIB)
    address = sender.send_all("Rencontre.mp4", content, title="Un tour de parole")
    assert sender.state(address)["state"] == "assembling"
    run_jobs()
    state = sender.state(address)
    item = only_piece(session)
    assert (state["state"], state["url"]) == ("done", f"/evidence/{item.id}/edit")
    assert (item.title, item.media_type, item.size) == ("Un tour de parole", "video/mp4", len(content))
    kept = queries.file_bytes(item)
    assert PLACE in content
    assert PLACE not in kept
    assert kept[-MIB:] == content[-MIB:]
    assert hashlib.sha256(kept).hexdigest() == item.sha256
    assert session.scalars(select(UploadPart)).all() == []
    assert stored_keys() == [item.storage_key]


def test_the_sender_asks_where_it_stands_and_goes_on(session: Session, sender: Sender, run_jobs: RunJobs) -> None:
    content = video(3 * MIB)
    address = str(sender.announce("rencontre.mp4", len(content)).headers["Location"])
    assert sender.where(address) == 0
    assert sender.send(address, 0, content[:MIB]).headers["Upload-Offset"] == str(MIB)
    assert sender.send(address, 0, content[:MIB]).status_code == 409
    assert sender.send(address, 2 * MIB, content[2 * MIB :]).status_code == 409
    assert sender.where(address) == MIB
    sender.send(address, MIB, content[MIB:])
    run_jobs()
    assert only_piece(session).size == len(content)


def test_more_bytes_than_announced_are_not_taken(session: Session, sender: Sender, run_jobs: RunJobs) -> None:
    content = video(MIB)
    address = str(sender.announce("rencontre.mp4", len(content)).headers["Location"])
    assert sender.send(address, 0, content + b"more").headers["Upload-Offset"] == str(len(content))
    run_jobs()
    assert only_piece(session).size == len(content)


def test_another_trainee_finds_nothing_at_the_address(app: Flask, session: Session, sender: Sender) -> None:
    address = str(sender.announce("rencontre.mp4", MIB).headers["Location"])
    stranger = Sender(signed_in_client(app, trainee_of(session, make_enrolment(session))))
    answers = [
        stranger.client.head(address, headers=stranger.headers),
        stranger.send(address, 0, b"bytes"),
        stranger.client.delete(address, headers=stranger.headers),
        stranger.announce("a.mp4", MIB, item=str(make_piece(session).id)),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert sender.where(address) == 0


def test_what_does_not_follow_the_protocol_is_refused(sender: Sender) -> None:
    address = str(sender.announce("rencontre.mp4", MIB).headers["Location"])
    plain = sender.client.patch(
        address, data=b"x", headers=sender.headers | {"Upload-Offset": "0"}, content_type="text/plain"
    )
    old = sender.send(address, 0, b"x", **{"Tus-Resumable": "0.2.2"})
    nowhere = sender.send(address, 0, b"x", **{"Upload-Offset": "-1"})
    forged = sender.send(address, 0, b"x", **{"X-CSRFToken": "forged"})
    assert [one.status_code for one in (plain, old, nowhere)] == [415, 412, 400]
    assert forged.status_code in (400, 401)
    assert sender.where(address) == 0


def test_an_upload_given_up_leaves_nothing(session: Session, sender: Sender, run_jobs: RunJobs) -> None:
    address = str(sender.announce("rencontre.mp4", 3 * MIB).headers["Location"])
    sender.send(address, 0, bytes(MIB))
    assert sender.client.delete(address, headers=sender.headers).status_code == 204
    run_jobs()
    assert stored_keys() == []
    assert session.scalars(select(UploadPart)).all() == []
    assert sender.client.head(address, headers=sender.headers).status_code == 404


def test_what_nobody_resumed_for_days_is_given_up(session: Session, sender: Sender, run_jobs: RunJobs) -> None:
    address = str(sender.announce("rencontre.mp4", 3 * MIB).headers["Location"])
    sender.send(address, 0, bytes(MIB))
    assert tasks.give_up_stale() == 0
    with clock.at(clock.now() + timedelta(days=8)):
        assert tasks.give_up_stale() == 1
    run_jobs()
    session.expire_all()
    assert session.scalars(select(Upload)).one().state is UploadState.ABANDONED
    assert stored_keys() == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("rencontre.mp4", b"not a video at all" * 100, "pas un enregistrement"),
        ("rencontre.mp4", video(MIB)[: MIB // 2], "coupé en chemin"),
        ("affiche.pdf", video(MIB), "pas un PDF"),
        ("son.mp3", b"<html><script>alert(1)</script></html>" * 100, "pas un enregistrement"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused_with_the_reason(
    session: Session, sender: Sender, run_jobs: RunJobs, name: str, content: bytes, words: str
) -> None:
    address = sender.send_all(name, content)
    run_jobs()
    state = sender.state(address)
    assert state["state"] == "refused"
    assert words in state["message"]
    assert session.scalars(select(EvidenceItem)).all() == []
    assert stored_keys() == []
    page = visit(sender.client, "/evidence")
    assert words in page.get_text()


def test_a_heavy_document_that_came_in_pieces_is_kept_as_any_other(
    session: Session, sender: Sender, run_jobs: RunJobs
) -> None:
    sender.send_all("affiche.pdf", pdf("x" * 2 * MIB), piece=MIB)
    run_jobs()
    assert only_piece(session).media_type == "application/pdf"


def test_the_same_video_sent_again_leads_to_the_piece_it_already_is(
    session: Session, sender: Sender, run_jobs: RunJobs
) -> None:
    content = video(MIB)
    addresses = [sender.send_all(name, content) for name in ("a.mp4", "b.mp4") if run_jobs() or True]
    run_jobs()
    item = only_piece(session)
    assert [sender.state(address)["url"] for address in addresses] == [f"/evidence/{item.id}/edit"] * 2


def test_a_video_may_take_the_place_of_the_file_of_a_piece(
    session: Session, enrolment: Enrolment, sender: Sender, run_jobs: RunJobs
) -> None:
    item = make_piece(session, enrolment)
    session.commit()
    former = item.storage_key
    sender.send_all("rencontre.mp4", video(MIB), item=str(item.id))
    run_jobs()
    session.refresh(item)
    assert item.media_type == "video/mp4"
    assert item.storage_key != former


def test_a_piece_handed_in_meanwhile_keeps_its_file(
    session: Session, enrolment: Enrolment, sender: Sender, run_jobs: RunJobs
) -> None:
    item = make_piece(session, enrolment)
    session.commit()
    address = sender.send_all("rencontre.mp4", video(MIB), item=str(item.id))
    hand_in(session, queries.locked_item(session, item.id))
    session.commit()
    run_jobs()
    session.refresh(item)
    assert sender.state(address)["state"] == "refused"
    assert (item.media_type, item.state) == ("image/jpeg", EvidenceState.SUBMITTED)


def test_a_worker_killed_while_it_assembles_leaves_the_next_one_to_do_it(
    session: Session, sender: Sender, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = video(7 * MIB)
    address = sender.send_all("rencontre.mp4", content)
    put_stream, turns = object_store.put_stream, []

    def put_half(key: str, chunks: Iterator[bytes]) -> None:
        put_stream(key, [next(iter(chunks))])
        turns.append(key)
        raise KeyboardInterrupt

    with monkeypatch.context() as killing:
        killing.setattr(object_store, "put_stream", put_half)
        with pytest.raises(KeyboardInterrupt):
            run_jobs()
    for message in session.scalars(select(OutboxMessage).where(OutboxMessage.done_at.is_(None))):
        message.claimed_until = None
    session.commit()
    assert sender.state(address)["state"] == "assembling"
    run_jobs()
    item = only_piece(session)
    assert turns == [item.storage_key]
    assert len(queries.file_bytes(item)) == len(content)


def test_a_part_is_asked_for_again_later_while_the_store_is_down(
    app: Flask, session: Session, sender: Sender, run_jobs: RunJobs
) -> None:
    content = video(2 * MIB)
    address = str(sender.announce("rencontre.mp4", len(content)).headers["Location"])
    sender.send(address, 0, content[:MIB])
    store = app.extensions.pop(object_store.EXTENSION)
    folder, app.config["FILES_URL"] = app.config["FILES_URL"], "s3://bucket?endpoint=http://127.0.0.1:9"
    answer = sender.send(address, MIB, content[MIB:])
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    app.extensions[object_store.EXTENSION], app.config["FILES_URL"] = store, folder
    assert sender.where(address) == MIB
    sender.send(address, MIB, content[MIB:])
    run_jobs()
    assert only_piece(session).size == len(content)


@pytest.mark.parametrize("place", ["folder", "s3"])
def test_a_folder_and_s3_give_the_same_results(
    settings: Settings, make_app: Callable[[Settings], Flask], s3: Bucket, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    app = make_app(settings.model_copy(update={"files_url": "" if place == "folder" else s3.url}))
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        person = trainee_of(session, make_enrolment(session))
        sender = Sender(signed_in_client(app, person))
        address = sender.send_all("rencontre.mp4", video(11 * MIB))
        session.commit()
    with app.app_context():
        jobs.run_pending()
    with app.app_context():
        item = app.extensions["sqlalchemy"].session.scalars(select(EvidenceItem)).one()
        kept = queries.file_bytes(item)
        assert sender.state(address)["state"] == "done"
        assert hashlib.sha256(kept).hexdigest() == item.sha256
        assert kept == media.without_place(video(11 * MIB), "video/mp4")
        assert stored_keys() == [item.storage_key]
        part = sender.client.get(f"/evidence/{item.id}/file", headers={"Range": "bytes=5000000-5000099"})
        assert (part.status_code, part.get_data()) == (206, kept[5_000_000:5_000_100])


def test_the_portfolio_says_what_is_on_its_way(session: Session, enrolment: Enrolment, sender: Sender) -> None:
    upload = make_upload(session, enrolment)
    session.commit()
    page = visit(sender.client, "/evidence")
    assert "choisissez de nouveau ce fichier" in page.get_text()
    assert page.select_one(f"form[action='/uploads/{upload.id}/remove']") is not None
