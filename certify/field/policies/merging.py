"""Two attendance sheets of one meeting: what goes together, and what somebody has to choose."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from certify.groups.models import Presence


@dataclass(frozen=True)
class Said:
    """What a sheet says of one participant."""

    presence: Presence
    second_parent: bool = False

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {"presence": self.presence.value, "second_parent": self.second_parent}


@dataclass(frozen=True)
class Sheet:
    """What is said of a meeting: who came, and whether the facilitator was there."""

    marks: Mapping[uuid.UUID, Said] = field(default_factory=dict)
    facilitator_present: bool | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the sheet as JSON can hold it."""
        return {
            "marks": {str(one): said.to_document() for one, said in self.marks.items()},
            "facilitator_present": self.facilitator_present,
        }


@dataclass(frozen=True)
class Merged:
    """What can be written at once, and the participants about whom both sheets say something new and different."""

    sheet: Sheet
    clashes: frozenset[uuid.UUID]
    facilitator_clashes: bool

    @property
    def is_clean(self) -> bool:
        """Whether nothing has to be chosen."""
        return not self.clashes and not self.facilitator_clashes


def merge(base: Sheet, mine: Sheet, theirs: Sheet) -> Merged:
    """Put two sheets together that began from the same one; `mine` says nothing of those it does not name."""
    marks: dict[uuid.UUID, Said] = {}
    clashes = set()
    for participant, said in mine.marks.items():
        before, other = base.marks.get(participant), theirs.marks.get(participant)
        if said in (before, other):
            continue
        if other in (before, None):
            marks[participant] = said
        else:
            clashes.add(participant)
    before_, said_, other_ = base.facilitator_present, mine.facilitator_present, theirs.facilitator_present
    is_news = said_ is not None and said_ not in (before_, other_)
    is_clash = is_news and other_ not in (before_, None)
    return Merged(Sheet(marks, said_ if is_news and not is_clash else None), frozenset(clashes), is_clash)
