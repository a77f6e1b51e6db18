import io
import re

import pytest
from flask import Flask
from pypdf import PdfReader

from certify.certificates import tasks
from certify.core.pdf import MissingGlyph, page_count

FACTS = {
    "title": "Certificat", "kind": "whole", "number": "C-2026-000123", "code": "7Q2KD0V9XM4TRB",
    "certification": "Facilitateur·rice des Maisons des 1000 premiers jours",
    "framework": {"code": "facilitator", "version": "2026", "digest": "0" * 64},
    "holder": {"name": "Stagiaire 09"},
    "blocks": [
        {"code": "1", "number": 1, "title": "Assurer sa veille professionnelle et pédagogique", "outcome": "acquired"},
        {"code": "2", "number": 2, "title": "Mailler le territoire", "outcome": "acquired"},
        {"code": "3", "number": 3, "title": "Mettre en place et animer des groupes de pairs", "outcome": "acquired"},
        {"code": "4", "number": 4, "title": "Repérer les situations de fragilité", "outcome": "acquired"},
    ],
    "certifier": "Organisme certificateur de démonstration", "training_body": "Organisme de formation de démonstration",
    "decided_on": "2026-06-12", "minutes": "2026-014", "issued_on": "2026-06-20", "place": "Lille",
    "issuer": "Responsable A", "is_demo": True,
}  # fmt: skip
NAMES = (
    "Łukasz Dvořák",
    "Nguyễn Thị Ánh",
    "Anne-Marie O’Brien-d’Été",
    "Maria-Antonieta Evangelina Guadalupe Villanueva de la Concepción Montserrat",
    '<b>Stagiaire</b></p><p class="holder">Certifié niveau 3',
)


def words_of(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("name", NAMES)
def test_any_name_stands_on_one_page_as_it_is_written(app: Flask, name: str) -> None:
    with app.app_context():
        content = tasks.render(FACTS | {"holder": {"name": name}})
    assert page_count(content) == len(PdfReader(io.BytesIO(content)).pages) == 1
    assert name in words_of(content)


@pytest.mark.engines("sqlite")
def test_a_certificate_says_all_its_facts(app: Flask) -> None:
    with app.app_context():
        words = words_of(tasks.render(FACTS))
    for said in (
        "Certificat", FACTS["certification"], "décerné à Stagiaire 09", "12 juin 2026", "procès-verbal n° 2026-014",
        "Fait à Lille, le 20 juin 2026", "C-2026-000123", "7Q2KD-0V9XM-4TRB", "127.0.0.1:8000/verify",
        "Organisme certificateur de démonstration", "Données de démonstration", "version 2026 (facilitator)",
    ):  # fmt: skip
        assert str(said) in words
    for block in FACTS["blocks"]:  # type: ignore[attr-defined]
        assert block["title"] in words


@pytest.mark.engines("sqlite")
def test_a_registration_is_quoted_when_there_is_one_and_nothing_claims_it_otherwise(app: Flask) -> None:
    rncp = {
        "state": "RNCP", "reference": "RNCP12345", "level": 5, "decided_on": "2026-01-10",
        "nsf": [{"code": "332", "label": "Travail social"}],
    }  # fmt: skip
    rs = rncp | {"state": "RS", "reference": "RS1234", "level": None, "nsf": []}
    with app.app_context():
        none, whole, specific = (
            words_of(tasks.render(FACTS | {"recognition": one})) for one in (None, rncp, rs)
        )  # fmt: skip
    assert not re.search(r"RNCP|\bRS\b|CPF|niveau|France compétences|NSF|CEC", none, re.IGNORECASE)
    for said in (
        "répertoire national des certifications professionnelles (RNCP12345)",
        "la décision du directeur général de France compétences en date du 10/01/2026",
        "Niveau de qualification 5", "niveau 5 du cadre européen des certifications (CEC)",
        "Code NSF : 332 (Travail social)",
        FACTS["certifier"], FACTS["certification"], "Stagiaire 09", "Fait à Lille, le 20 juin 2026", "Signature",
    ):  # fmt: skip
        assert str(said) in whole
    # Whoever prepared is no longer named: nothing may be confused with who certifies.
    assert "Organisme de formation" in none
    assert "Organisme de formation" not in whole
    assert "répertoire spécifique (RS1234)" in specific
    assert not re.search(r"niveau|CEC|NSF|RNCP", specific, re.IGNORECASE)


@pytest.mark.engines("sqlite")
def test_a_real_body_prints_no_mention_of_a_demonstration(app: Flask) -> None:
    with app.app_context():
        words = words_of(tasks.render(FACTS | {"is_demo": False, "certifier": "Organisme A", "training_body": "B"}))
    assert "émonstration" not in words


@pytest.mark.engines("sqlite")
def test_an_attestation_lists_its_blocks_alone(app: Flask) -> None:
    facts = FACTS | {
        "kind": "blocks", "title": "Attestation de blocs de compétences", "blocks": FACTS["blocks"][1:3],  # type: ignore[index]
    }  # fmt: skip
    with app.app_context():
        words = words_of(tasks.render(facts))
    assert "Attestation de blocs de compétences Blocs 2 et 3 de la certification Facilitateur·rice" in words
    assert "Mailler le territoire" in words
    assert "Assurer sa veille" not in words


@pytest.mark.engines("sqlite")
def test_fonts_are_embedded(app: Flask) -> None:
    with app.app_context():
        content = tasks.render(FACTS)
    fonts = PdfReader(io.BytesIO(content)).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    embedded = [font.get_object() for font in fonts.values() if "NotoSans" in str(font.get_object()["/BaseFont"])]
    assert embedded
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in embedded)


@pytest.mark.engines("sqlite")
def test_a_character_the_font_lacks_stops_the_document(app: Flask) -> None:
    with app.app_context(), pytest.raises(MissingGlyph):
        tasks.render(FACTS | {"holder": {"name": "王小明"}})
