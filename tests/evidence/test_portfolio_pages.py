"""The pages of the portfolio, as a trainee and a trainer go through them."""

import io

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.anonymity import queries as anonymity_queries
from certify.anonymity import services as anonymity
from certify.anonymity.policies import Passage
from certify.cohorts.models import Enrolment
from certify.core import object_store
from certify.evidence import queries, services
from tests.factories.cohorts import make_enrolment
from tests.factories.evidence import (
    hand_in,
    make_piece,
    make_proposed,
    make_text,
    make_upload,
    reader_of,
    sound,
    video,
)
from tests.factories.following import make_prior
from tests.factories.logbook import make_submitted, make_trainer, pdf, photo, trainee_of
from tests.factories.people import actor_of
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, titles_of, visit, words

FORM = "main form.form"
pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def enrolment(session: Session) -> Enrolment:
    return make_enrolment(session)


@pytest.fixture
def trainee(session: Session, enrolment: Enrolment) -> User:
    return trainee_of(session, enrolment)


def test_a_photo_is_added_linked_handed_in_and_accepted(
    session: Session, sign_in: SignIn, enrolment: Enrolment, trainee: User
) -> None:
    author = sign_in(trainee)
    assert "Aucune preuve pour l’instant" in words(visit(author, "/evidence"))
    visit(author, "/evidence/new")
    page = visit(author, "/evidence/new/file")
    page = follow(author, submit(author, page, FORM, file=(io.BytesIO(photo()), "salle.jpg"), title="La salle"))
    assert "Dites maintenant ce qu’elle illustre" in words(page)
    page = follow(author, submit(author, page, FORM, press="Enregistrer", indicators=["1.1.1"]))
    page = read(submit(author, page, FORM, press="Soumettre", **{"reflection-1.1.1": "Le cadre."}), status=422)
    assert "aucun visage" in words(page)
    page = follow(author, submit(author, page, FORM, press="Soumettre", faces_checked=True))
    assert "La preuve est soumise" in words(page)
    staff = sign_in(make_trainer(session, enrolment))
    queue = visit(staff, "/evidence/to-read")
    assert titles_of(queue) == ["La salle"]
    piece = visit(staff, str(queue.select_one("td.cell-main a")["href"]))  # type: ignore[index]
    assert "Le cadre." in words(piece)
    assert staff.get(str(piece.select_one(".preview img")["src"])).mimetype == "image/jpeg"  # type: ignore[index]
    read(submit(staff, piece, FORM, press="Renvoyer"), status=422)
    second = sign_in(make_trainer(session, enrolment))
    second_piece = visit(second, piece.url)
    page = follow(staff, submit(staff, piece, FORM, press="Accepter", answer="Bien vu."))
    assert "Aucune preuve n’attend de réponse" in words(page)
    late = read(submit(second, second_piece, FORM, press="Renvoyer", answer="Trop tard."), status=409)
    assert "déjà répondu" in words(late)
    covered = words(visit(author, "/evidence/indicators"))
    assert "1 pièce acceptée" in covered
    assert "acceptée" in words(visit(author, "/evidence?state=accepted&kind=file&indicator=1.1.1&q=salle"))


def test_a_link_and_a_text_are_added(sign_in: SignIn, trainee: User) -> None:
    author = sign_in(trainee)
    page = visit(author, "/evidence/new/link")
    page = read(submit(author, page, FORM, url="http://exemple.fr", title="Une page"), status=422)
    page = follow(author, submit(author, page, FORM, url="https://exemple.fr/sommeil"))
    sent = submit(author, page, FORM, press="Enregistrer", account="Ce que j’en retiens.", url="https://exemple.fr/b")
    assert "https://exemple.fr/b" in str(follow(author, sent))
    page = visit(author, "/evidence/new/text")
    page = follow(author, submit(author, page, FORM, title="Note", account="Ce que j’ai lu."))
    assert "Ce que j’ai lu." in words(page)
    assert sorted(titles_of(visit(author, "/evidence"))) == ["Note", "Une page"]


def test_the_same_file_again_leads_to_the_piece_it_is(
    session: Session, sign_in: SignIn, enrolment: Enrolment, trainee: User
) -> None:
    item = make_piece(session, enrolment, pdf(), "affiche.pdf")
    author = sign_in(trainee)
    page = visit(author, "/evidence/new/file")
    page = follow(author, submit(author, page, FORM, file=(io.BytesIO(pdf()), "copie.pdf")))
    assert "déjà dans vos preuves" in words(page)
    assert page.url.endswith(f"/evidence/{item.id}/edit")


def test_a_piece_is_replaced_and_the_old_one_stays_readable(
    session: Session, sign_in: SignIn, enrolment: Enrolment, trainee: User
) -> None:
    item = hand_in(session, make_text(session, enrolment))
    services.accept(session, reader_of(session, enrolment), item, answer="Bien.")
    author = sign_in(trainee)
    page = visit(author, f"/evidence/{item.id}")
    page = follow(author, submit(author, page, f"form[action='/evidence/{item.id}/replace']"))
    assert "l’ancienne preuve compte" in words(page)
    page = follow(author, submit(author, page, FORM, press="Soumettre", account="Mieux dit."))
    new = queries.replacement_of(session, item.id)
    assert new is not None
    services.accept(session, reader_of(session, enrolment), new)
    session.commit()
    assert "Une autre preuve prend sa place" in words(visit(author, f"/evidence/{item.id}"))
    staff = sign_in(make_trainer(session, enrolment))
    old = words(visit(staff, f"/evidence/{item.id}/versions/1"))
    assert "remplacée" in old
    assert "J’ouvre maintenant par un temps de silence." in old
    visit(staff, f"/trainees/{enrolment.id}/evidence")


def test_a_trainer_reads_what_was_handed_in_and_not_what_is_being_written(
    session: Session, sign_in: SignIn, enrolment: Enrolment
) -> None:
    item = hand_in(session, make_piece(session, enrolment, photo(300, 200)))
    services.return_(session, reader_of(session, enrolment), item, answer="De plus loin.")
    author = trainee_of(session, enrolment)
    page = visit(sign_in(author), f"/evidence/{item.id}/edit")
    sent = submit(
        sign_in(author), page, FORM, press="Enregistrer", title="Pas encore", file=(io.BytesIO(pdf()), "a.pdf")
    )
    assert sent.status_code in (303, 400)
    staff = sign_in(make_trainer(session, enrolment))
    assert "Pas encore" not in words(visit(staff, f"/evidence/{item.id}"))
    assert staff.get(f"/evidence/{item.id}/file").mimetype == "image/jpeg"


def test_a_flagged_passage_is_masked_for_everybody_but_its_author(
    session: Session, sign_in: SignIn, enrolment: Enrolment, trainee: User
) -> None:
    item = hand_in(session, make_text(session, enrolment, account="La maman du petit dernier est venue."))
    reader = make_trainer(session, enrolment)
    actor = actor_of(session, reader)
    subject = anonymity_queries.subject_for(session, actor, "evidence_item", item.id)
    anonymity.flag(session, actor, subject, passages=[Passage("account", 3, 8)])
    session.flush()
    assert "La █████ du petit dernier" in words(visit(sign_in(reader), f"/evidence/{item.id}"))
    assert "La maman du petit dernier" in words(visit(sign_in(trainee), f"/evidence/{item.id}"))


def test_a_recording_is_given_in_parts_and_never_trusted(
    session: Session, sign_in: SignIn, enrolment: Enrolment, trainee: User
) -> None:
    item = make_piece(session, enrolment, sound(5000), "chanson.wav")
    author = sign_in(trainee)
    address = f"/evidence/{item.id}/file"
    whole = author.get(address)
    assert (whole.status_code, whole.headers["Accept-Ranges"], len(whole.get_data())) == (200, "bytes", item.size)
    part = author.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.headers["Content-Range"]) == (206, f"bytes 100-199/{item.size}")
    assert part.get_data() == whole.get_data()[100:200]
    last = author.get(address, headers={"Range": "bytes=-10"})
    assert last.get_data() == whole.get_data()[-10:]
    assert author.get(address, headers={"Range": "bytes=900000-"}).status_code == 416
    assert author.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    stale = author.get(address, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (stale.status_code, len(stale.get_data())) == (200, item.size)
    for answer in (whole, part):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_kept_while_the_store_is_down_says_so(
    app: Flask, sign_in: SignIn, trainee: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "tests")
    author = sign_in(trainee)
    page = visit(author, "/evidence/new/file")
    app.extensions.pop(object_store.EXTENSION, None)
    app.config["FILES_URL"] = "s3://bucket?endpoint=http://127.0.0.1:9"
    page = follow(author, submit(author, page, FORM, file=(io.BytesIO(pdf()), "affiche.pdf")))
    assert "sera rangé dès que le stockage répond" in words(page)
    assert "sera rangée dès que le stockage répond" in words(visit(author, "/evidence"))


def test_the_pages_of_the_portfolio_ask_the_database_the_same_however_many(
    app: Flask, session: Session, sign_in: SignIn, enrolment: Enrolment, trainee: User
) -> None:
    def add(times: int) -> None:
        for number in range(times):
            make_text(session, enrolment)
            hand_in(session, make_piece(session, enrolment, photo(200 + number, 100 + times)))
            make_proposed(session, enrolment)
            make_prior(session, enrolment, submitted=True)
            make_submitted(session, enrolment, indicators=("1.1.1",))
            make_upload(session, enrolment, size=1000)
        session.commit()

    add(1)
    author, staff = sign_in(trainee), sign_in(make_trainer(session, enrolment))
    places = [
        (author, "/evidence"),
        (author, "/evidence/indicators"),
        (staff, "/evidence/to-read"),
        (staff, f"/trainees/{enrolment.id}/evidence"),
    ]
    counts: list[list[int]] = []
    for more in (0, 4):
        add(more)
        counts.append([])
        for visitor, address in places:
            visit(visitor, address)
            session.rollback()
            with count_statements(session.get_bind()) as seen:  # type: ignore[arg-type]
                visitor.get(address)
            counts[-1].append(len(seen))
    assert counts[0] == counts[1]


def test_somebody_whose_training_is_over_reads_and_adds_nothing(
    session: Session, sign_in: SignIn, enrolment: Enrolment, trainee: User
) -> None:
    item = make_piece(session, enrolment, video(), "rencontre.mp4")
    enrolment.state = type(enrolment.state).COMPLETED
    author = sign_in(trainee)
    assert "n’est plus active" in words(visit(author, "/evidence"))
    page = follow(author, author.get(f"/evidence/{item.id}/edit"))
    assert page.select_one("video") is not None
    page = visit(author, "/evidence/new/text")
    assert submit(author, page, FORM, title="Note", account="Trop tard.").status_code == 409
