"""Two sheets of one meeting put together: nothing of either side is written over or forgotten."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from certify.field.policies import Said, Sheet, merge
from certify.groups.models import Presence

PEOPLE = [uuid.UUID(int=n) for n in range(1, 6)]
saids = st.builds(Said, st.sampled_from(Presence), st.booleans())
sheets = st.builds(Sheet, st.dictionaries(st.sampled_from(PEOPLE), saids), st.none() | st.booleans())


@given(sheets, sheets)
def test_a_sheet_nobody_else_touched_is_written_as_it_is(base: Sheet, mine: Sheet) -> None:
    merged = merge(base, mine, base)
    assert merged.is_clean
    after = {**base.marks, **merged.sheet.marks}
    assert {one: after[one] for one in mine.marks} == mine.marks
    assert merged.sheet.facilitator_present in (None, mine.facilitator_present)


@given(sheets, sheets)
def test_a_sheet_already_noted_changes_nothing(base: Sheet, mine: Sheet) -> None:
    merged = merge(base, mine, mine)
    assert merged.is_clean
    assert merged.sheet == Sheet()


@given(sheets, sheets, sheets)
def test_what_somebody_else_noted_is_never_written_over_unseen(base: Sheet, mine: Sheet, theirs: Sheet) -> None:
    merged = merge(base, mine, theirs)
    for one in merged.sheet.marks:
        assert theirs.marks.get(one) in (None, base.marks.get(one))
    if merged.sheet.facilitator_present is not None:
        assert theirs.facilitator_present in (None, base.facilitator_present)


@given(sheets, sheets, sheets)
def test_what_was_noted_here_is_written_or_asked_about(base: Sheet, mine: Sheet, theirs: Sheet) -> None:
    merged = merge(base, mine, theirs)
    for one, said in mine.marks.items():
        is_old = said in (base.marks.get(one), theirs.marks.get(one))
        assert is_old or one in merged.clashes or merged.sheet.marks.get(one) == said


@given(sheets, sheets, sheets)
def test_nobody_is_both_written_and_asked_about(base: Sheet, mine: Sheet, theirs: Sheet) -> None:
    merged = merge(base, mine, theirs)
    assert merged.clashes.isdisjoint(merged.sheet.marks)
    assert not (merged.facilitator_clashes and merged.sheet.facilitator_present is not None)
