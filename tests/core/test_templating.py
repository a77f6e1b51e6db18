"""What templates write: days, times, numbers, sizes, typed text, static addresses and icons, in both languages."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from certify.core import i18n, templating
from tests.services.visiting import visit

JUNE = datetime(2026, 6, 12, 12, 2, tzinfo=UTC)
JANUARY = datetime(2026, 1, 12, 12, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def words() -> Flask:
    """Give an application with languages and filters, and nothing else."""
    app = Flask("certify")
    i18n.init_app(app)
    templating.init_app(app)
    return app


@contextmanager
def reading(app: Flask, language: str) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": language}):
        yield


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (date(2026, 5, 1), "1er mai 2026", "1 May 2026"),
        (date(2026, 6, 12), "12 juin 2026", "12 June 2026"),
        (date(2027, 2, 28), "28 février 2027", "28 February 2027"),
        (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), "1er juillet 2026", "1 July 2026"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "1er janvier 2027", "1 January 2027"),
        (None, "", ""),
    ],
)
def test_a_day_is_written_in_full_as_it_is_in_paris(
    words: Flask, value: date | None, french: str, english: str
) -> None:
    with reading(words, "fr"):
        assert templating.day(value) == french
    with reading(words, "en"):
        assert templating.day(value) == english


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (JUNE, "14 h 02", "14:02"),
        (JANUARY, "13 h 02", "13:02"),
        # The night clocks go forward (29 March 2026), then back (25 October): one hour does not exist, one comes twice.
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "1 h 59", "01:59"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "3 h 00", "03:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2 h 30", "02:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2 h 30", "02:30"),
        (None, "", ""),
    ],
)
def test_a_time_is_that_of_paris_in_summer_and_in_winter(
    words: Flask, value: datetime | None, french: str, english: str
) -> None:
    with reading(words, "fr"):
        assert templating.time_of_day(value).replace("\u00a0", " ") == french
    with reading(words, "en"):
        assert templating.time_of_day(value) == english


def test_a_moment_is_a_day_and_its_time(words: Flask) -> None:
    with reading(words, "fr"):
        assert templating.moment(JUNE) == "12 juin 2026 à 14\u00a0h\u00a002"
        assert templating.moment(None) == ""
    with reading(words, "en"):
        assert templating.moment(JUNE) == "12 June 2026 at 14:02"


@pytest.mark.parametrize(
    ("value", "digits", "french", "english"),
    [
        (1234567, 1, "1\u202f234\u202f567", "1,234,567"),
        (0.25, 2, "0,25", "0.25"),
        (12.0, 1, "12", "12"),
        (-3.5, 1, "-3,5", "-3.5"),
        (1.23456, 4, "1,2346", "1.2346"),
        (0, 1, "0", "0"),
        (None, 1, "", ""),
    ],
)
def test_a_number_has_the_separators_of_its_reader(
    words: Flask, value: float | None, digits: int, french: str, english: str
) -> None:
    with reading(words, "fr"):
        assert templating.number(value, digits) == french
    with reading(words, "en"):
        assert templating.number(value, digits) == english


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [
        (0, "0 o", "0 B"),
        (999, "999 o", "999 B"),
        (1000, "1 ko", "1 kB"),
        (1_400_000, "1,4 Mo", "1.4 MB"),
        (999_999, "1 Mo", "1 MB"),
        (999_999_999, "1 Go", "1 GB"),
        (5_000_000_000_000, "5\u202f000 Go", "5,000 GB"),
    ],
)
def test_a_size_is_written_in_the_unit_a_person_expects(words: Flask, size: int, french: str, english: str) -> None:
    with reading(words, "fr"):
        assert templating.filesize(size).replace("\u00a0", " ") == french
    with reading(words, "en"):
        assert templating.filesize(size).replace("\u00a0", " ") == english


def test_typed_text_keeps_its_paragraphs_and_lines() -> None:
    typed = "Bonjour,\r\nmerci.\r\n\r\nÀ bientôt\n\n\n"
    assert str(templating.multiline(typed)) == (
        "<p data-user-text>Bonjour,<br>merci.</p><p data-user-text>À bientôt</p>"
    )
    assert str(templating.multiline(None)) == ""


@given(st.text(st.sampled_from("<>&\"' \n\rab")))
def test_typed_text_never_becomes_markup(typed: str) -> None:
    shown = str(templating.multiline(typed)).replace("<p data-user-text>", "").replace("</p>", "").replace("<br>", "")
    assert "<" not in shown
    assert ">" not in shown
    assert '"' not in shown


@pytest.fixture
def static_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(templating, "_STATIC", tmp_path)
    templating._digest.cache_clear()
    yield tmp_path
    templating._digest.cache_clear()


def test_the_address_of_a_static_file_changes_with_its_content(words: Flask, static_folder: Path) -> None:
    sheet = static_folder / "a.css"
    addresses = []
    for content in ("a{}", "a{color:red}", "a{}"):
        sheet.write_text(content)
        templating._digest.cache_clear()
        with reading(words, "fr"):
            addresses.append(templating.asset("a.css"))
    assert addresses[0] == addresses[2] != addresses[1]
    assert addresses[0].endswith(hashlib.sha256(b"a{}").hexdigest()[:12])


@pytest.mark.engines("sqlite")
def test_a_page_names_static_files_that_exist_and_may_be_kept(client: FlaskClient) -> None:
    tags = visit(client, "/aide").select("link[href^='/static/'], script[src^='/static/']")
    assert tags
    for address in (str(tag.get("href") or tag.get("src")) for tag in tags):
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            assert answer.cache_control.max_age == 31_536_000, address
            assert "?v=" in address


def test_an_icon_beside_words_is_silent_and_one_alone_speaks() -> None:
    silent, spoken = str(templating.icon("archive")), str(templating.icon("archive", "Ranger"))
    assert 'aria-hidden="true"' in silent
    assert "aria-label" not in silent
    assert 'role="img" aria-label="Ranger"' in spoken
    assert "aria-hidden" not in spoken
    assert all('focusable="false"' in one for one in (silent, spoken))


def test_the_words_of_an_icon_are_escaped() -> None:
    assert 'aria-label="&lt;b&gt; &#34;x&#34;"' in str(templating.icon("archive", '<b> "x"'))


def test_an_icon_or_a_file_that_does_not_exist_is_a_fault_of_the_programmer(words: Flask) -> None:
    with pytest.raises(FileNotFoundError):
        templating.icon("no-such-icon")
    with reading(words, "fr"), pytest.raises(FileNotFoundError):
        templating.asset("no-such-file.css")
