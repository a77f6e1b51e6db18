"""English: complete, without leftovers, with the same values as the French, and compiled from what is written."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "certify" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "lazy": None,
    "gettext": None,
    "ngettext": (1, 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
TEMPLATES = [("**.html", "jinja2"), ("**.txt", "jinja2")]


@pytest.fixture(scope="module")
def english() -> Catalog:
    with SOURCE.open("rb") as file:
        return read_po(file, locale="en")


def wordings() -> set[str]:
    """Return every source wording, by its singular."""
    options = {pattern: {"trimmed": "true", "silent": "false"} for pattern, _method in TEMPLATES}
    found = [
        *extract_from_dir(ROOT / "certify", [("**.py", "python")], keywords=KEYWORDS),
        *extract_from_dir(ROOT / "templates", TEMPLATES, options_map=options, keywords=KEYWORDS | {"ngettext": (1, 2)}),
    ]
    return {
        message[0] if isinstance(message, tuple) else message for _file, _line, message, _comments, _context in found
    }


def entries(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def singular(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else str(message.id)


def texts(value: object) -> list[str]:
    return [str(text) for text in value] if isinstance(value, tuple | list) else [str(value)]


def test_every_wording_has_its_english(english: Catalog) -> None:
    known = {singular(message) for message in entries(english)}
    assert sorted(wordings() - known) == [], "run .ci/translations, then translate"
    assert [singular(message) for message in entries(english) if not all(texts(message.string))] == []


def test_no_english_is_left_over_or_uncertain(english: Catalog) -> None:
    assert sorted({singular(message) for message in entries(english)} - wordings()) == []
    assert [singular(message) for message in entries(english) if message.fuzzy] == []
    assert not english.obsolete


def test_english_has_the_values_of_the_french(english: Catalog) -> None:
    wrong = []
    for message in entries(english):
        wanted = {name for text in texts(message.id) for name in PLACEHOLDER.findall(text)} - {"num"}
        for text in texts(message.string):
            if set(PLACEHOLDER.findall(text)) - {"num"} != wanted:
                wrong.append(f"{singular(message)} -> {text}")
    assert wrong == []


def test_the_compiled_catalogue_is_the_one_written(english: Catalog) -> None:
    with SOURCE.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    made = io.BytesIO()
    write_mo(made, english)
    made.seek(0)
    expected = read_mo(made)
    assert {singular(m): texts(m.string) for m in entries(compiled)} == {
        singular(m): texts(m.string) for m in entries(expected)
    }
