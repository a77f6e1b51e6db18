"""Blank sheets to write on by hand: which fields of a form get how many lines, so that everything holds on one page."""

from collections.abc import Sequence
from dataclasses import dataclass

import competencies

_Kind = competencies.FieldKind
_PAGE_MM = 205.0
"""Height left for the fields of a form under the head of the sheet."""
_LINE_MM = 8.0
_LABEL_MM = 6.0
_SHORT_MM = 9.0
_OPTION_MM = 5.5
_OPTIONS_ON_A_LINE = 3
_OPTION_LENGTH, _LABEL_LENGTH = 26, 27
"""Signs that hold on one line of a box, and of the label of a short answer."""
_MOST_LINES = 12
_NEVER_ASKED = frozenset({_Kind.FILES})


@dataclass(frozen=True)
class SheetField:
    """One field of a sheet, with the lines to write on; none for what is ticked or written beside its label."""

    field: competencies.FormField
    lines: int = 0

    @property
    def is_ticked(self) -> bool:
        """Whether it is answered by ticking boxes."""
        return self.field.kind in (_Kind.CHOICE, _Kind.CHOICES, _Kind.YES_NO)


def fields_of(form: competencies.EntryForm) -> tuple[SheetField, ...]:
    """Return the fields of a form as they are written by hand; long texts share the height that is left."""
    asked = [field for field in form.fields if field.kind not in _NEVER_ASKED]
    shares = _shares(asked)
    return tuple(SheetField(field, shares.get(field.code, 0)) for field in asked)


def _shares(asked: Sequence[competencies.FormField]) -> dict[str, int]:
    """Return how many lines each long text gets: as many as fit, the account before the others."""
    long_texts = [field.code for field in asked if field.kind is _Kind.LONG_TEXT]
    if not long_texts:
        return {}
    left = int((_PAGE_MM - sum(_height_of(field) for field in asked)) / _LINE_MM)
    each, more = divmod(max(left, len(long_texts)), len(long_texts))
    first = sorted(long_texts, key=lambda code: code != "account")[:more]
    return {code: min(_MOST_LINES, each + (code in first)) for code in long_texts}


def _height_of(field: competencies.FormField) -> float:
    """Return the height that a field takes whatever is left: its label, and its boxes or its line."""
    if field.kind is _Kind.LONG_TEXT:
        return _LABEL_MM
    if field.kind in (_Kind.CHOICE, _Kind.CHOICES):
        widths = [max(len(option.label.fr), len(option.label.en)) for option in field.options]
        lines = [widths[n : n + _OPTIONS_ON_A_LINE] for n in range(0, len(widths), _OPTIONS_ON_A_LINE)]
        return _LABEL_MM + sum(_OPTION_MM * (1 + max(line) // _OPTION_LENGTH) for line in lines)
    return _SHORT_MM + (_LABEL_MM if max(len(field.label.fr), len(field.label.en)) > _LABEL_LENGTH else 0)
