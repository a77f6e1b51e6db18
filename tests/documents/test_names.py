"""Names on documents, read back by another library: two hundred of them, and those that are refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from certify.certificates import documents, tasks
from certify.core import pdf
from tests.documents.awkward_names import NAMES, REFUSED
from tests.documents.reading_back import codes_in, pages_of, picture_of, words_of


def _named(name: str, template: str = "certificate") -> dict[str, Any]:
    return documents.sample(template) | {"holder": {"name": name}}


@pytest.mark.engines("sqlite")
def test_two_hundred_awkward_names_are_printed_as_they_are_written_on_one_page(app: Flask) -> None:
    def printed(name: str) -> tuple[str, int, str]:
        with app.app_context():
            content = tasks.render(_named(name))
        return name, pages_of(content), words_of(content)

    assert len(set(NAMES)) == 200
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(printed, NAMES))
    lost = [name for name, pages, words in found if pages != 1 or " ".join(name.split()) not in words]
    assert lost == []


def test_what_documents_cannot_write_is_named_character_by_character() -> None:
    assert {name: "".join(pdf.undrawable(name)) for name in REFUSED} == REFUSED
    assert [name for name in NAMES if pdf.undrawable(name)] == []


@pytest.mark.engines("sqlite")
def test_every_kind_of_document_holds_on_one_page_and_its_code_is_read_from_the_picture(
    app: Flask, tmp_path: Path
) -> None:
    longest = "Prénom " * 9 + "Nom-de-famille " * 6 + "fin"
    crowded = {
        "recognition": {
            "state": "RNCP", "reference": "RNCP12345", "level": 5, "decided_on": "2026-01-10",
            "nsf": [{"code": "332", "label": "Travail social"}, {"code": "330", "label": "Spécialités plurivalentes"}],
        },
        "replaces": {"number": "C-2026-000001", "issued_on": "2026-06-13"}, "expires_on": "2029-06-12",
        "document": {"fields": {"mention": "Une phrase " * 14, "trade_name": "Nom commercial"}},
        "certification": "Un intitulé particulièrement long, qui dit tout ce qu’il faut dire, " * 3,
    }  # fmt: skip
    with app.app_context():
        for template in ("certificate", "blocks", "attendance", "duplicate"):
            for facts in (_named("Stagiaire 09", template), _named(longest, template) | crowded):
                content = tasks.render(facts)
                assert pages_of(content) == 1, template
                picture = picture_of(content, tmp_path)
                assert picture.width > picture.height
                assert codes_in(picture) == [f"http://127.0.0.1:8000/v/{facts['code']}"]
                assert facts["holder"]["name"].split()[-1] in words_of(content)


@pytest.mark.engines("sqlite")
def test_many_blocks_hold_on_one_page(app: Flask) -> None:
    blocks = [
        {"code": str(number), "number": number, "title": f"Intitulé du bloc {number}, assez long pour deux lignes"}
        for number in range(1, 13)
    ]
    with app.app_context():
        for template in ("certificate", "blocks"):
            content = tasks.render(documents.sample(template) | {"blocks": blocks})
            assert pages_of(content) == 1
            assert "Intitulé du bloc 12, assez long" in words_of(content)
