"""First names that a writer declared: found however they are typed, unless they are an everyday word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import find_identifying, is_ordinary_word, normal_name


def _found(text: str, *names: str) -> list[str]:
    declared = {normal_name(name) for name in names}
    return [one.excerpt for one in find_identifying(text, declared.__contains__) if one.kind == "first_name"]


@pytest.mark.parametrize(
    ("typed", "normal"),
    [("Zoé", "zoe"), ("ANNE-SOPHIE", "anne-sophie"), ("Anne Sophie", "anne-sophie"), ("N’Golo", "n-golo"),
     ("Œnone", "oenone"), (" Noé ", "noe"), ("Zoe\u0301", "zoe"), ("", ""), ("12", "")],
)  # fmt: skip
def test_names_are_compared_without_accents_capitals_or_signs(typed: str, normal: str) -> None:
    assert normal_name(typed) == normal


def test_a_declared_name_is_found_in_any_case_and_after_an_elision() -> None:
    assert _found("lina, LINA, d’Anaé et qu’Anaé", "Lina", "Anaé") == ["lina", "LINA", "Anaé", "Anaé"]


def test_a_name_inside_another_word_is_not_that_name() -> None:
    assert _found("Linas, colina, linalool, Léopard", "Lina", "Léo") == []


def test_a_name_that_is_a_word_needs_its_capital() -> None:
    assert is_ordinary_word("rose")
    assert not is_ordinary_word("lina")
    assert _found("Un tapis rose pour Rose.", "Rose") == ["Rose"]


def test_a_name_in_several_parts_is_found_whole() -> None:
    assert _found("Jean-Loup et jean loup, mais pas Jean.", "Jean Loup") == ["Jean-Loup", "jean loup"]
    assert _found("Lou Ann arrive.", "Lou-Ann", "Lou") == ["Lou Ann"]


def test_nobody_declared_means_no_first_name_is_found() -> None:
    assert find_identifying("Lina a marché.") == ()


@given(text=st.text(max_size=60), name=st.sampled_from(["Lina", "Zoé", "Anne-Sophie"]))
def test_a_declared_name_between_two_spaces_is_always_found(text: str, name: str) -> None:
    assert name in _found(f"{text.replace(' ', '. ')} . {name} . {text}", name) or _hides(text, name)


def _hides(text: str, name: str) -> bool:
    """Tell whether something else that identifies, a title for instance, took the name with it."""
    return any(name in one.excerpt for one in find_identifying(f"{text.replace(' ', '. ')} . {name} . {text}"))
