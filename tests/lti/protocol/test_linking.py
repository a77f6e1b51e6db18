"""Link headers: the next page is found however the platform writes it, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.lti.protocol.linking import next_page

NEXT = "https://plateforme.exemple.fr/l?page=2&limit=2"
FIRST = "https://plateforme.exemple.fr/l?page=1"
MOODLE = (
    "<http://127.0.0.1:8099/l?limit=2&amp;type_id=1&amp;from=0>; rel=“first”, "
    "<http://127.0.0.1:8099/l?limit=2&amp;type_id=1&amp;from=2>; rel=“next”"
)


@pytest.mark.parametrize(
    "header",
    [
        f'<{NEXT}>; rel="next"',
        f"<{NEXT}>; rel=next",
        f"<{NEXT}>;rel='next'",
        f'<{NEXT}>; REL="NEXT"',
        f'< {NEXT} > ; rel = "next"',
        f'<{NEXT}>; rel="last next"',
        f'<{FIRST}>; rel="first", <{NEXT}>; rel="next", <{FIRST}>; rel="last"',
        f"<{FIRST}>;rel=first,<{NEXT}>;rel=next",
        f'<{FIRST}>; title="a, b; c"; rel="first", <{NEXT}>; title="rel=prev"; rel="next"',
        f'<{NEXT}>; rel="next"; title="la suite"',
        f"<{NEXT}>; rel=“next”",
        f"<{NEXT}>; rel=“next”".encode().decode("latin-1"),
        f'<{NEXT.replace("&", "&amp;")}>; rel="next"',
    ],
)
def test_the_next_page_is_found(header: str) -> None:
    assert next_page([header]) == NEXT


@pytest.mark.parametrize("sent", [MOODLE, MOODLE.encode().decode("latin-1")])
def test_the_next_page_of_moodle_is_found(sent: str) -> None:
    assert next_page([sent]) == "http://127.0.0.1:8099/l?limit=2&type_id=1&from=2"


def test_the_case_of_an_address_is_kept() -> None:
    assert next_page(['<https://exemple.fr/api?page=bookmark:WyJBQmNEIl0>; REL="Next"']) == (
        "https://exemple.fr/api?page=bookmark:WyJBQmNEIl0"
    )


def test_the_parameters_of_an_address_are_not_taken_for_signs() -> None:
    address = "https://exemple.fr/l?a=1&section=2&lti=3&copy=4"

    assert next_page([f'<{address}>; rel="next"']) == address
    assert next_page([f'<{address.replace("&", "&amp;")}>; rel="next"']) == address


def test_each_of_several_headers_is_looked_at() -> None:
    assert next_page([f'<{FIRST}>; rel="first"', f'<{NEXT}>; rel="next"']) == NEXT


@pytest.mark.parametrize(
    "header",
    [
        "",
        "next",
        f"<{FIRST}>",
        f'<{FIRST}>; rel="prev"',
        f'<{FIRST}>; rel="nextish"',
        f'<{FIRST}>; title="rel=next"; rel="first"',
        f'<{FIRST}>; title="a; rel=next"',
        f'<{FIRST}>; rel="first"; title="; rel=next',
        f'<{FIRST}>; norel="next"',
        '<>; rel="next"',
    ],
)
def test_the_last_page_has_no_next(header: str) -> None:
    assert next_page([header]) is None


def test_no_header_has_no_next() -> None:
    assert next_page([]) is None


@given(headers=st.lists(st.text() | st.text(alphabet="<>;,\"'“” relnextREL=&\\ ")))
def test_any_text_has_a_next_page_or_none(headers: list[str]) -> None:
    found = next_page(headers)

    assert found is None or found
