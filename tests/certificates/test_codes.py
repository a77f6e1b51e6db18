from hypothesis import given
from hypothesis import strategies as st

from certify.certificates import codes

bodies = st.text(alphabet=codes.ALPHABET, min_size=13, max_size=13)
made = bodies.map(lambda body: body + codes.check_character(body))


@given(made)
def test_a_code_reads_as_itself(code: str) -> None:
    assert codes.read(code) == code


@given(made)
def test_a_code_reads_as_printed(code: str) -> None:
    assert codes.read(codes.spaced(code)) == code


@given(made, st.data())
def test_case_spaces_hyphens_and_look_alikes_are_forgiven(code: str, data: st.DataObject) -> None:
    typed = code.replace("0", data.draw(st.sampled_from("0Oo"))).replace("1", data.draw(st.sampled_from("1IiLl")))
    at = data.draw(st.integers(0, len(typed)))
    between = data.draw(st.sampled_from([" ", "-", "\u00a0", "\u202f", "–", "\t"]))
    assert codes.read(f" {typed[:at].lower()}{between}{typed[at:]}\n") == code


@given(made, st.integers(0, 13), st.sampled_from(codes.ALPHABET))
def test_one_wrong_character_is_caught(code: str, at: int, other: str) -> None:
    typed = code[:at] + other + code[at + 1 :]
    assert (codes.read(typed) is None) == (typed != code)


@given(made, st.integers(0, 13), st.integers(0, 13))
def test_two_exchanged_characters_are_caught(code: str, first: int, second: int) -> None:
    letters = list(code)
    letters[first], letters[second] = letters[second], letters[first]
    typed = "".join(letters)
    assert (codes.read(typed) is None) == (typed != code)


@given(st.text(max_size=40))
def test_any_text_is_read_without_fault(typed: str) -> None:
    code = codes.read(typed)
    assert code is None or codes.read(code) == code


def test_new_codes_are_well_formed_and_differ() -> None:
    found = {codes.new_code() for _ in range(500)}
    assert len(found) == 500
    assert all(codes.read(code) == code for code in found)


def test_an_impossible_character_is_not_a_code() -> None:
    assert codes.read("UUUUU-UUUUU-UUUU") is None
    assert codes.read("") is None
