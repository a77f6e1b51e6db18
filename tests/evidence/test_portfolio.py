"""The portfolio: pieces added, linked, handed in, answered, replaced; what was read never changes."""

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from certify.core.mail import MailMessage
from certify.core.types import new_id
from certify.evidence import queries, services
from certify.evidence.models import EvidenceKind, EvidenceState
from tests.factories.cohorts import make_enrolment
from tests.factories.evidence import (
    PLACE,
    author_of,
    hand_in,
    make_piece,
    make_proposed,
    make_text,
    reader_of,
    sound,
    video,
)
from tests.factories.logbook import pdf, photo
from tests.services.statements import count_statements

HANDED_IN_KINDS = {"link": "document", "text": "document", "observation": "observation", "computed": "group_data"}


def enrolment_of(session: Session, item: object) -> Enrolment:
    return session.get_one(Enrolment, item.enrolment_id)  # type: ignore[attr-defined]


def test_a_piece_goes_from_no_indicator_to_accepted(session: Session) -> None:
    item = make_text(session, reflections={})
    enrolment = enrolment_of(session, item)
    author = author_of(session, enrolment)
    states = [item.state]
    services.amend(session, author, enrolment, item, title=item.title, account=item.account, reflections={"1.1.1": ""})
    states.append(item.state)
    hand_in(session, item)
    states.append(item.state)
    services.accept(session, reader_of(session, enrolment), item, number=1)
    states.append(item.state)
    assert states == ["unlinked", "linked", "submitted", "accepted"]
    assert enrolment.covered == 1


def test_its_author_is_told_of_each_answer(session: Session, run_jobs: Callable[[], int]) -> None:
    item = make_text(session)
    enrolment = enrolment_of(session, item)
    reader = reader_of(session, enrolment)
    hand_in(session, item)
    services.return_(session, reader, item, answer="Dites ce que vous avez changé.")
    session.commit()
    run_jobs()
    hand_in(session, item)
    services.accept(session, reader, item)
    session.commit()
    run_jobs()
    address = session.get_one(User, enrolment.user_id).address
    query = select(MailMessage).where(MailMessage.recipient == address).order_by(MailMessage.created_at)
    returned, accepted = session.scalars(query)
    assert "à compléter" in returned.subject
    assert "acceptée" in accepted.subject
    assert "Dites ce que vous avez changé." in returned.text
    assert f"/evidence/{item.id}" in returned.text


def test_an_answer_is_told_as_it_was_even_once_the_piece_was_handed_in_again(
    session: Session, run_jobs: Callable[[], int]
) -> None:
    item = make_text(session)
    enrolment = enrolment_of(session, item)
    reader = reader_of(session, enrolment)
    hand_in(session, item)
    services.return_(session, reader, item, answer="Dites ce que vous avez changé.")
    hand_in(session, item)
    services.accept(session, reader, item, answer="C’est clair.")
    session.commit()
    run_jobs()
    address = session.get_one(User, enrolment.user_id).address
    told = {mail.subject: mail.text for mail in session.scalars(select(MailMessage)) if mail.recipient == address}
    [returned] = [text for subject, text in told.items() if "à compléter" in subject]
    [accepted] = [text for subject, text in told.items() if "acceptée" in subject]
    assert "Dites ce que vous avez changé." in returned
    assert "C’est clair." in accepted


def test_one_piece_serves_several_indicators_each_with_its_reflection(session: Session) -> None:
    reflections = {"1.1.1": "Le cadre.", "3.1.1": "Le silence."}
    item = make_text(session, reflections=reflections)
    assert {link.indicator: link.reflection for link in item.links} == reflections
    enrolment = enrolment_of(session, item)
    services.link(session, enrolment, item, {"3.1.1": "Le silence, mieux."})
    assert {link.indicator: link.reflection for link in item.links} == {"3.1.1": "Le silence, mieux."}


def test_a_piece_without_indicator_is_not_handed_in(session: Session) -> None:
    with pytest.raises(Invalid, match="au moins un indicateur"):
        hand_in(session, make_text(session, reflections={}))


@pytest.mark.parametrize("field", ["title", "account", "reflection"])
@pytest.mark.engines("sqlite")
def test_a_text_that_shows_who_somebody_is_is_not_handed_in(session: Session, field: str) -> None:
    told = "Appelez Mme Dupont au 06 12 34 56 78."
    values = {field: told} if field != "reflection" else {"reflections": {"1.1.1": told}}
    with pytest.raises(Invalid, match="permet de reconnaître"):
        hand_in(session, make_text(session, **values))


@pytest.mark.engines("sqlite")
def test_a_file_name_that_names_somebody_is_not_handed_in(session: Session) -> None:
    item = make_piece(session, filename="Mme_Dupont.jpg")
    with pytest.raises(Invalid, match="permet de reconnaître"):
        hand_in(session, item)


def test_a_picture_is_handed_in_once_its_author_vouched_for_it(session: Session) -> None:
    item = make_piece(session)
    enrolment = enrolment_of(session, item)
    author = author_of(session, enrolment)
    with pytest.raises(Invalid, match="aucun visage"):
        services.submit(session, author, enrolment, item)
    services.submit(session, author, enrolment, item, faces_checked=True)
    assert item.faces_checked_at is not None


@pytest.mark.engines("sqlite")
def test_another_picture_must_be_vouched_for_anew(session: Session) -> None:
    item = make_piece(session)
    enrolment = enrolment_of(session, item)
    author = author_of(session, enrolment)
    hand_in(session, item)
    services.return_(session, reader_of(session, enrolment), item, answer="On voit un visage.")
    services.amend(
        session, author, enrolment, item, title="La salle", account="", reflections={"1.1.1": ""},
        stream=io.BytesIO(photo(200, 100)), stream_name="salle2.jpg",
    )  # fmt: skip
    with pytest.raises(Invalid, match="aucun visage"):
        services.submit(session, author, enrolment, item)


def test_what_was_read_stays_as_it_was_when_a_returned_piece_is_amended(session: Session) -> None:
    item = make_text(session, account="La première façon de le dire.")
    enrolment = enrolment_of(session, item)
    author, reader = author_of(session, enrolment), reader_of(session, enrolment)
    hand_in(session, item)
    services.return_(session, reader, item, answer="Dites votre part.")
    services.amend(session, author, enrolment, item, title=item.title, account="La seconde.", reflections={"1.1.1": ""})
    hand_in(session, item)
    services.accept(session, reader, item, number=2)
    session.flush()
    second, first = queries.versions_of(session, item.id)
    assert (first.number, first.outcome, first.answer) == (1, EvidenceState.RETURNED, "Dites votre part.")
    assert queries.as_handed_in(first).account == "La première façon de le dire."
    assert (second.number, second.outcome) == (2, EvidenceState.ACCEPTED)
    assert queries.as_handed_in(second).account == "La seconde."


def test_a_version_keeps_the_file_that_was_handed_in(session: Session) -> None:
    item = hand_in(session, make_piece(session))
    first = queries.as_handed_in(queries.versions_of(session, item.id)[0]).file
    assert first is not None
    assert (first.key, first.sha256, first.size) == (item.storage_key, item.sha256, item.size)


def test_one_answer_per_version_and_the_second_trainer_is_told(session: Session) -> None:
    item = hand_in(session, make_text(session))
    enrolment = enrolment_of(session, item)
    services.accept(session, reader_of(session, enrolment), item, number=1)
    with pytest.raises(Conflict, match="déjà répondu"):
        services.return_(session, reader_of(session, enrolment), item, answer="Trop tard.", number=1)


def test_an_answer_to_a_former_version_is_refused(session: Session) -> None:
    item = hand_in(session, make_text(session))
    enrolment = enrolment_of(session, item)
    reader = reader_of(session, enrolment)
    services.return_(session, reader, item, answer="Dites votre part.", number=1)
    hand_in(session, item)
    with pytest.raises(Conflict, match="Une autre version"):
        services.accept(session, reader, item, number=1)


@pytest.mark.engines("sqlite")
def test_nobody_answers_their_own_piece_nor_that_of_another_house(session: Session) -> None:
    item = hand_in(session, make_text(session))
    stranger = reader_of(session, make_enrolment(session))
    for actor in (author_of(session, enrolment_of(session, item)), stranger):
        with pytest.raises(Forbidden):
            services.accept(session, actor, item)


def test_an_accepted_piece_counts_until_the_one_that_replaces_it_is_accepted(session: Session) -> None:
    old = hand_in(session, make_text(session))
    enrolment = enrolment_of(session, old)
    author, reader = author_of(session, enrolment), reader_of(session, enrolment)
    services.accept(session, reader, old)
    new = services.replace(session, author, enrolment, old)
    session.flush()
    assert services.replace(session, author, enrolment, old) is new
    services.amend(session, author, enrolment, new, title="Mieux", account="Mieux.", reflections={"3.1.1": ""})
    hand_in(session, new)
    assert old.state is EvidenceState.ACCEPTED
    services.accept(session, reader, new)
    session.flush()
    assert old.state is EvidenceState.REPLACED
    assert queries.versions_of(session, old.id)[0].outcome is EvidenceState.ACCEPTED
    assert [piece.indicator for piece in queries.accepted_pieces(session, [enrolment.id])[enrolment.id]] == ["3.1.1"]
    assert queries.item_for(session, reader, old.id) is old


@pytest.mark.engines("sqlite")
def test_what_is_accepted_is_neither_changed_nor_removed(session: Session) -> None:
    item = hand_in(session, make_text(session))
    enrolment = enrolment_of(session, item)
    services.accept(session, reader_of(session, enrolment), item)
    with pytest.raises(Conflict):
        services.remove(session, author_of(session, enrolment), item)


def test_the_same_bytes_are_offered_as_the_piece_they_already_are(session: Session) -> None:
    first = make_piece(session, content=pdf(), filename="affiche.pdf")
    enrolment = enrolment_of(session, first)
    again, is_new = services.add_file(
        session, author_of(session, enrolment), enrolment, stream=io.BytesIO(pdf()), filename="autre nom.pdf"
    )
    assert (again.id, is_new) == (first.id, False)
    other, is_new = services.add_file(
        session, author_of(session, make_enrolment(session)), make_enrolment(session), stream=io.BytesIO(pdf()),
        filename="affiche.pdf",
    )  # fmt: skip
    assert (other.id != first.id, is_new) == (True, True)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://exemple.fr/page", "https://"),
        ("javascript:alert(1)", "https://"),
        ("https://", "mal formée"),
        ("https://somebody:secret@exemple.fr", "mot de passe"),
        ("https://exemple.fr/une page", "mal formée"),
        ("https://[exemple", "mal formée"),
    ],
)
def test_an_address_that_may_not_be_handed_in_is_refused(session: Session, url: str, words: str) -> None:
    enrolment = make_enrolment(session)
    with pytest.raises(Invalid, match=words):
        services.add_link(session, author_of(session, enrolment), enrolment, url=url, title="Une page")


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(("content", "name"), [(video(), "a.mp4"), (video(brand=b"qt  "), "a.MOV"), (sound(), "a.wav")])
def test_a_recording_is_kept_and_may_be_played(session: Session, content: bytes, name: str) -> None:
    item = make_piece(session, content=content, filename=name)
    assert item.media_type.startswith(("video/", "audio/"))
    assert item.size == len(content)
    assert PLACE not in queries.file_bytes(item)


@pytest.mark.engines("sqlite")
@pytest.mark.settings(evidence_quota_bytes=1500)
def test_what_no_longer_fits_is_refused_with_what_to_do(session: Session) -> None:
    item = make_piece(session, content=sound(1600), filename="a.wav")
    enrolment = enrolment_of(session, item)
    use = queries.storage_use(session, enrolment.id)
    assert (use.used, use.percent, use.left) == (item.size, 100, 0)
    with pytest.raises(TooLarge, match="Retirez une preuve"):
        make_piece(session, enrolment, content=sound(10), filename="b.wav")
    services.remove(session, author_of(session, enrolment), item)
    session.flush()
    assert make_piece(session, enrolment, content=sound(10), filename="b.wav").size > 0


@pytest.mark.parametrize("kind", HANDED_IN_KINDS)
def test_what_another_room_proposes_waits_then_counts_as_its_kind(session: Session, kind: str) -> None:
    item = make_proposed(session, kind=kind)
    enrolment = enrolment_of(session, item)
    assert queries.accepted_pieces(session, [enrolment.id]) == {}
    reader = reader_of(session, enrolment)
    assert queries.count_waiting(session, reader) == 1
    services.accept(session, reader, item)
    session.flush()
    (piece,) = queries.accepted_pieces(session, [enrolment.id])[enrolment.id]
    assert piece.kind == HANDED_IN_KINDS[kind]


@pytest.mark.engines("sqlite")
def test_what_is_proposed_twice_under_one_identity_is_one_piece(session: Session) -> None:
    enrolment, identity = make_enrolment(session), new_id()
    first = make_proposed(session, enrolment, identity=identity)
    again = make_proposed(session, enrolment, identity=identity, title="Dix-sept rencontres tenues")
    assert again is first
    assert len(queries.versions_of(session, first.id)) == 1


@pytest.mark.engines("sqlite")
def test_the_portfolio_of_another_trainee_does_not_exist(session: Session) -> None:
    item = make_text(session)
    other = author_of(session, make_enrolment(session))
    with pytest.raises(NotFound):
        queries.own_piece(session, other, item.id)
    with pytest.raises(NotFound):
        queries.item_for(session, reader_of(session, enrolment_of(session, item)), item.id)


def test_what_supports_each_indicator_is_counted_in_one_statement(session: Session) -> None:
    enrolment = make_enrolment(session)
    accepted = hand_in(session, make_text(session, enrolment))
    services.accept(session, reader_of(session, enrolment), accepted)
    make_proposed(session, enrolment)
    make_piece(session, enrolment)
    session.flush()
    with count_statements(session.get_bind()) as seen:  # type: ignore[arg-type]
        support = queries.supports(session, enrolment.id)["1.1.1"]
    assert (support.accepted, support.waiting, support.in_hand) == ({EvidenceKind.TEXT: 1}, 1, 1)
    assert len(seen) == 1
