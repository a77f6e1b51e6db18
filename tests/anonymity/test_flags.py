"""Flagging what the guard let through: masked for everybody but its author, who is asked for another version."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.anonymity import policies, queries, services
from certify.anonymity.models import TextFlag
from certify.anonymity.policies import Passage, Subject
from certify.anonymity.tasks import settle_rewritten
from certify.cohorts.models import Enrolment
from certify.core.access import Actor, Role
from certify.core.audit import AuditEvent
from certify.core.db import db
from certify.core.errors import Invalid, NotFound
from certify.core.mail import MailMessage
from certify.logbook.models import EntryVersion, LogbookEntry
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_enrolment
from tests.factories.evidence import author_of, hand_in, make_text, reader_of
from tests.factories.fieldwork import make_supervision
from tests.factories.logbook import make_entry, make_trainer, submit
from tests.factories.people import actor_of, make_member
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, visit, words
from tests.services.visiting import submit as send

_ACCOUNT = "Gabin a souri. Sa mère a parlé de Gabin et du sommeil."


def _version(session: Session, enrolment: Enrolment, account: str = _ACCOUNT) -> EntryVersion:
    entry = make_entry(session, enrolment, account=account)
    return submit(session, entry)


def _subject(session: Session, actor: Actor, version: EntryVersion) -> Subject:
    return queries.subject_for(session, actor, "logbook_version", version.id)


def _flagged(session: Session, enrolment: Enrolment) -> tuple[EntryVersion, TextFlag, Actor]:
    version = _version(session, enrolment)
    trainer = actor_of(session, make_trainer(session, enrolment))
    (flag,) = services.flag(session, trainer, _subject(session, trainer, version), passages=[Passage("account", 0, 5)])
    session.flush()
    return version, flag, trainer


def test_a_flagged_passage_is_masked_and_not_copied_anywhere(session: Session) -> None:
    version, flag, _trainer = _flagged(session, make_enrolment(session))
    masks = queries.masks_of(session, [version.id])[version.id]
    assert policies.masked(_ACCOUNT, masks) == "█████ a souri. Sa mère a parlé de Gabin et du sommeil."
    session.commit()
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == "anonymity:passage:flagged")).one()
    assert "Gabin" not in str(vars(event))
    assert "Gabin" not in str(vars(session.get_one(TextFlag, flag.id)))


def test_the_author_is_told_without_the_passage(session: Session, run_jobs: Callable[[], int]) -> None:
    enrolment = make_enrolment(session)
    _flagged(session, enrolment)
    session.commit()
    run_jobs()
    address = session.get_one(User, enrolment.user_id).address
    (mail,) = session.scalars(select(MailMessage).where(MailMessage.recipient == address)).all()
    assert "à réécrire" in mail.subject
    assert "Gabin" not in mail.text + mail.html
    assert "/flags" in mail.text


def test_a_flag_taken_back_masks_nothing_any_more(session: Session) -> None:
    version, flag, trainer = _flagged(session, make_enrolment(session))
    services.withdraw(session, trainer, queries.flag_for(session, trainer, flag.id))
    services.withdraw(session, trainer, flag)
    session.flush()
    assert queries.masks_of(session, [version.id]) == {}
    assert queries.flags_in_bodies(session, trainer) == []


@pytest.mark.parametrize("passage", [Passage("account", 40, 400), Passage("account", 5, 5), Passage("nowhere", 0, 3)])
def test_words_that_stand_nowhere_cannot_be_flagged(session: Session, passage: Passage) -> None:
    enrolment = make_enrolment(session)
    version = _version(session, enrolment)
    trainer = actor_of(session, make_trainer(session, enrolment))
    with pytest.raises(Invalid):
        services.flag(session, trainer, _subject(session, trainer, version), passages=[passage])


def test_flagging_nothing_or_the_same_twice_is_refused(session: Session) -> None:
    version, _flag, trainer = _flagged(session, make_enrolment(session))
    subject = _subject(session, trainer, version)
    for passages in ([], [Passage("account", 0, 5)]):
        with pytest.raises(Invalid):
            services.flag(session, trainer, subject, passages=passages)


def test_neither_its_author_nor_staff_of_another_body_can_flag(session: Session) -> None:
    enrolment, other = make_enrolment(session), make_enrolment(session)
    version, flag, trainer = _flagged(session, enrolment)
    stranger = actor_of(session, make_trainer(session, other))
    for actor in (stranger, author_of(session, enrolment)):
        with pytest.raises(NotFound):
            _subject(session, actor, version)
        with pytest.raises(NotFound):
            queries.flag_for(session, actor, flag.id)
    with pytest.raises(NotFound):
        services.flag(session, stranger, _subject(session, trainer, version), passages=[Passage("account", 0, 2)])
    with pytest.raises(NotFound):
        queries.subject_for(session, trainer, "unheard_of", version.id)


def test_a_draft_cannot_be_flagged(session: Session) -> None:
    enrolment = make_enrolment(session)
    item = make_text(session, enrolment)
    with pytest.raises(NotFound):
        queries.subject_for(session, actor_of(session, make_trainer(session, enrolment)), "evidence_item", item.id)


def test_a_piece_of_evidence_is_flagged_as_it_was_handed_in(session: Session) -> None:
    enrolment = make_enrolment(session)
    item = hand_in(session, make_text(session, enrolment, account="Gabin a souri."))
    reader = reader_of(session, enrolment)
    subject = queries.subject_for(session, reader, "evidence_item", item.id)
    assert ("account", "Gabin a souri.") in [(field, text) for field, _label, text in subject.texts]
    (flag,) = services.flag(session, reader, subject, passages=policies.passages_of(subject, "Gabin"))
    assert (flag.author_id, flag.enrolment_id) == (enrolment.user_id, enrolment.id)


def test_notes_of_supervision_are_flagged_to_whoever_led_the_session(session: Session) -> None:
    enrolment = make_enrolment(session)
    body = session.get_one(Organisation, enrolment.training_body_id)
    leader, coordinator = make_member(session, body, Role.REFERENT), make_member(session, body, Role.COORDINATOR)
    held = make_supervision(session, leader.id, enrolment, notes="Gabin a été évoqué.")
    actor = actor_of(session, coordinator)
    subject = queries.subject_for(session, actor, "supervision_session", held.id)
    (flag,) = services.flag(session, actor, subject, passages=[Passage("notes", 0, 5)])
    session.flush()
    assert (flag.author_id, flag.enrolment_id) == (leader.id, None)
    assert [line.words for line in queries.flags_to_rewrite(session, actor_of(session, leader))] == ["Gabin"]
    held.notes = "Un bébé a été évoqué."
    session.flush()
    assert queries.flags_to_rewrite(session, actor_of(session, leader)) == []


def test_a_flag_is_settled_once_another_version_is_handed_in(session: Session) -> None:
    enrolment = make_enrolment(session)
    version, flag, trainer = _flagged(session, enrolment)
    author = author_of(session, enrolment)
    session.commit()
    assert [line.words for line in queries.flags_to_rewrite(session, author)] == ["Gabin"]
    assert queries.count_to_rewrite(session, author) == 1
    # Nothing is under way: on SQLite the round below writes in a transaction of its own.
    session.commit()
    assert settle_rewritten() == 0
    again = EntryVersion(
        entry_id=version.entry_id, framework_version_id=version.framework_version_id, number=2,
        content=version.content, submitted_at=flag.flagged_at + timedelta(minutes=1),
        submitted_by_id=version.submitted_by_id,
    )  # fmt: skip
    session.add(again)
    session.commit()
    assert queries.flags_to_rewrite(session, author) == []
    assert [line.is_rewritten for line in queries.flags_in_bodies(session, trainer)] == [True]
    session.commit()
    assert settle_rewritten() == 1
    session.expire_all()
    assert queries.count_to_rewrite(session, author) == 0
    assert queries.masks_of(session, [version.id]) != {}


def test_lists_of_flags_are_read_in_as_many_statements_whatever_their_number(session: Session) -> None:
    enrolment = make_enrolment(session)
    _, _, trainer = _flagged(session, enrolment)
    counts = []
    for _ in range(2):
        session.commit()
        with count_statements(db.engine) as statements:
            assert queries.flags_in_bodies(session, trainer)
        counts.append(len(statements))
        for _ in range(4):
            version = _version(session, enrolment)
            services.flag(
                session, trainer, _subject(session, trainer, version), passages=[Passage("account", 0, 5)]
            )  # fmt: skip
    assert counts[0] == counts[1], counts


def test_a_trainer_masks_a_sentence_and_the_trainee_finds_it_again(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    version = _version(session, enrolment)
    trainer = make_trainer(session, enrolment)
    entry = session.get_one(LogbookEntry, version.entry_id)
    session.commit()
    client = sign_in(trainer)
    page = visit(client, f"/logbook/{entry.id}")
    link = next(one for one in page.select("a") if "Signaler un passage" in one.get_text())
    page = visit(client, str(link["href"]))
    page = follow(client, send(client, page, "main form", passages=["account:0:14"], typed="parlé de Gabin"))
    text = words(page)
    assert "Gabin" not in text
    assert "██████████████ Sa mère a ██████████████ et du sommeil." in text
    author = sign_in(session.get_one(User, enrolment.user_id))
    assert "Gabin a souri." in words(visit(author, f"/logbook/{entry.id}"))
    page = visit(author, "/flags")
    assert {mark.get_text() for mark in page.select("mark")} == {"Gabin a souri.", "parlé de Gabin"}
    page = visit(client, "/flags")
    assert "Gabin" not in words(page)
    page = follow(client, send(client, page, "main form", press="Ne plus masquer"))
    assert "Le signalement est retiré" in words(page)


def test_words_typed_wrongly_or_nothing_at_all_are_refused_on_the_page(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    version = _version(session, enrolment)
    client = sign_in(make_trainer(session, enrolment))
    session.commit()
    page = visit(client, f"/flags/logbook_version/{version.id}")
    refused = read(send(client, page, "main form", typed="Gabrielle"), status=422)
    assert "Ces mots ne se trouvent pas dans ce texte." in words(refused)
    refused = read(send(client, page, "main form", typed=""), status=422)
    assert "Choisissez une phrase" in words(refused)
    assert session.scalars(select(TextFlag)).all() == []


def test_whoever_has_nothing_to_rewrite_is_told_so(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    session.commit()
    page = visit(sign_in(session.get_one(User, enrolment.user_id)), "/flags")
    assert "Aucun de vos textes n’attend d’être réécrit." in words(page)
