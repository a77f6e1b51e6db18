import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from certify.core.differences import Change, Passage, compare

texts = st.text(alphabet="ab é\n.’,12", max_size=60) | st.text(max_size=40)


def put_together(passages: tuple[Passage, ...], *kept: Change) -> str:
    return "".join(passage.text for passage in passages if passage.change in kept)


@given(texts, texts)
def test_both_texts_can_be_read_back(before: str, after: str) -> None:
    passages = compare(before, after)
    assert put_together(passages, Change.SAME, Change.REMOVED) == before
    assert put_together(passages, Change.SAME, Change.ADDED) == after


@given(texts)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert all(passage.change is Change.SAME for passage in compare(text, text))


@given(texts, texts)
def test_two_neighbouring_passages_never_have_the_same_fate(before: str, after: str) -> None:
    passages = compare(before, after)
    assert all(one.change is not next_one.change for one, next_one in pairwise(passages))


def test_a_changed_word_is_shown_whole() -> None:
    passages = compare("Nous avons chanté l’après-midi.", "Nous avons parlé l’après-midi.")
    assert [(passage.change, passage.text) for passage in passages] == [
        (Change.SAME, "Nous avons "),
        (Change.REMOVED, "chanté"),
        (Change.ADDED, "parlé"),
        (Change.SAME, " l’après-midi."),
    ]


def test_two_long_texts_without_anything_in_common_are_compared_quickly() -> None:
    before = " ".join(f"mot{n % 97}" for n in range(3500))
    after = " ".join(f"autre{n % 89}" for n in range(3500))
    start = time.process_time()
    compare(before, after)
    assert time.process_time() - start < 2
