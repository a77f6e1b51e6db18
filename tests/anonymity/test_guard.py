"""The guard in the application: what it finds with what the writer declared, and how flagged words are masked."""

import uuid

import pytest
from sqlalchemy.orm import Session

from certify.anonymity import policies, queries, services
from certify.anonymity.policies import FileName, Mask, Passage, Subject
from certify.core.db import db
from certify.core.errors import Invalid
from tests.factories.cohorts import make_enrolment
from tests.factories.evidence import author_of
from tests.services.statements import count_statements

_TEXTS = [("title", "Titre", "Rencontre"), ("account", "Récit", "Mme Untel et Lina sont venues, né le 12/03/2025.")]


def test_findings_come_in_the_order_of_the_page_with_the_words_around(session: Session) -> None:
    found = queries.findings(session, None, _TEXTS)
    assert [(one.field, one.label, one.excerpt, one.kind) for one in found] == [
        ("account", "Récit", "Mme Untel", "name"),
        ("account", "Récit", "né le 12/03/2025", "birth_date"),
    ]
    assert (found[0].before, found[0].after) == ("", " et Lina sont venues, né le 12/03/2025.")
    assert _TEXTS[1][2][found[1].start : found[1].end] == found[1].excerpt


def test_first_names_are_found_for_who_declared_them_and_for_nobody_else(session: Session) -> None:
    enrolment, other = make_enrolment(session), make_enrolment(session)
    services.declare_names(session, author_of(session, enrolment), enrolment, names=["Lina"])
    session.flush()
    assert "first_name" in {one.kind for one in queries.findings(session, enrolment.id, _TEXTS)}
    assert "first_name" not in {one.kind for one in queries.findings(session, other.id, _TEXTS)}


def test_the_name_of_a_file_is_read_word_by_word(session: Session) -> None:
    (found,) = queries.findings(session, None, [("file", "Nom", FileName("photo_MmeUntel.jpg"))])
    assert found.excerpt == "MmeUntel"
    assert queries.findings(session, None, [("file", "Nom", "photo_MmeUntel.jpg")]) == ()


def test_a_text_is_refused_beside_its_field_with_what_to_write_instead(session: Session) -> None:
    with pytest.raises(Invalid, match="Mme Untel\u202f» permet de reconnaître quelqu’un") as refused:
        services.require_anonymous(session, None, _TEXTS)
    assert refused.value.field == "account"
    services.require_anonymous(session, None, _TEXTS[:1])


def test_many_texts_are_searched_with_one_statement(session: Session) -> None:
    enrolment = make_enrolment(session)
    session.flush()
    with count_statements(db.engine) as statements:
        queries.findings(session, enrolment.id, _TEXTS * 20)
    assert len(statements) == 1, str(statements)


def test_masking_keeps_every_other_sign_at_its_place(session: Session) -> None:
    text = "Lina est venue avec sa mère."
    masks = [Mask("account", 0, 4, uuid.uuid4()), Mask("account", 23, 99, uuid.uuid4())]
    shown = policies.masked(text, masks)
    assert shown == "████ est venue avec sa █████"
    assert len(shown) == len(text)


def test_other_words_that_come_to_stand_there_are_not_masked(session: Session) -> None:
    mask = Mask("account", 0, 4, uuid.uuid4(), policies.digest_of_passage("Lina"))
    assert policies.masked("Lina rit.", [mask]) == "████ rit."
    assert policies.masked("Elle rit.", [mask]) == "Elle rit."


def _subject(**texts: str) -> Subject:
    written = tuple((field, field, text) for field, text in texts.items())
    ids = (uuid.uuid4() for _ in range(3))
    return Subject("x", next(ids), next(ids), next(ids), None, "Titre", written, "/a", "/a", is_handed_in=True)


def test_sentences_are_cut_where_they_end_and_keep_their_place() -> None:
    subject = _subject(account="Lina rit. Sa mère aussi !\n  Puis le silence…", reflection="Rien")
    cut = [(label, subject.words_at(one)) for label, one in policies.sentences(subject)]
    assert cut == [
        ("account", "Lina rit."), ("account", "Sa mère aussi !"), ("account", "Puis le silence…"),
        ("reflection", "Rien"),
    ]  # fmt: skip


def test_typed_words_are_found_wherever_they_stand_whatever_the_spaces() -> None:
    subject = _subject(account="Lina rit.\nLina\u00a0 rit.", reflection="lina rit")
    found = policies.passages_of(subject, " Lina  rit ")
    assert found == [Passage("account", 0, 8), Passage("account", 10, 19)]
    assert policies.passages_of(subject, "  ") == []
