"""What becomes of each indicator in the next version of a framework, so that what was assessed is carried over.

Words: a mapping « correspondance » gives every indicator of the older version a fate « sort »: kept, split, merged or
dropped.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from competencies.faults import Fault, FrameworkFaults, UnknownCode
from competencies.framework import Framework, Indicator

_NOT_LETTERS = re.compile(r"\W+")
_SAME_CODE = 0.5
"""How alike two wordings under one code must be to be taken for the same indicator."""
_ELSEWHERE = 0.75
"""How alike two wordings under different codes must be."""


class Fate(StrEnum):
    """What becomes of an indicator in the next version."""

    KEPT = "kept"
    SPLIT = "split"
    MERGED = "merged"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Carried:
    """The fate of one indicator of the older version and the indicators of the newer one that take its place."""

    code: str
    fate: Fate
    to: tuple[str, ...] = ()


def identity(framework: Framework) -> tuple[Carried, ...]:
    """Give the mapping of a framework onto itself."""
    return tuple(Carried(indicator.code, Fate.KEPT, (indicator.code,)) for indicator in framework.indicators)


def propose_mapping(old: Framework, new: Framework) -> tuple[Carried, ...]:
    """Propose what becomes of each indicator, from its code and its wording; an author corrects it.

    The same wording is kept wherever it stands, then a similar one under the same code, then a very similar one under
    another code; the others are dropped. No indicator of the newer version is given twice.
    """
    targets: dict[str, str] = {}
    taken: set[str] = set()
    for _, code, to in sorted(_resemblances(old, new)):
        if code not in targets and to not in taken:
            targets[code] = to
            taken.add(to)
    return tuple(
        Carried(code, Fate.KEPT, (targets[code],)) if code in targets else Carried(code, Fate.DROPPED)
        for code in (indicator.code for indicator in old.indicators)
    )


def _resemblances(old: Framework, new: Framework) -> Iterator[tuple[tuple[int, float], str, str]]:
    """Give the pairs that may be one indicator, the most convincing sorting first."""
    grams = {indicator.code: _grams(indicator) for indicator in new.indicators}
    for indicator in old.indicators:
        own = _grams(indicator)
        for other in new.indicators:
            likeness = _likeness(own, grams[other.code])
            if other.code == indicator.code and likeness >= _SAME_CODE:
                yield (0 if other.wording == indicator.wording else 2, -likeness), indicator.code, other.code
            elif likeness >= _ELSEWHERE:
                yield (1 if other.wording == indicator.wording else 3, -likeness), indicator.code, other.code


def _grams(indicator: Indicator) -> frozenset[str]:
    """Cut the French wording in groups of three letters, without accents nor punctuation."""
    letters = unicodedata.normalize("NFKD", indicator.wording.fr.casefold())
    words = _NOT_LETTERS.sub(" ", "".join(letter for letter in letters if not unicodedata.combining(letter)))
    # A wording of signs only has no letters to compare: it is compared as it is.
    text = f"  {words.strip() or indicator.wording.fr.strip()} "
    return frozenset(text[at : at + 3] for at in range(len(text) - 2))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))


def check_mapping(old: Framework, new: Framework, mapping: Iterable[Carried]) -> tuple[Fault, ...]:
    """Say what is wrong in a mapping: every older indicator once, as many targets as its fate asks for, all known."""
    rows = tuple(mapping)
    times, known = Counter(row.code for row in rows), {indicator.code for indicator in new.indicators}
    received = Counter(to for row in rows for to in frozenset(row.to))
    former = {indicator.code for indicator in old.indicators}
    faults = [
        Fault(f"indicateur {code}", "il n’a pas de sort ; dites s’il est gardé, scindé, fusionné ou retiré.")
        for code in (indicator.code for indicator in old.indicators)
        if not times[code]
    ]
    for row in dict.fromkeys(rows):
        where = f"indicateur {row.code}"
        if row.code not in former:
            faults.append(Fault(where, "il n’existe pas dans l’ancienne version."))
        elif times[row.code] > 1:
            faults.append(Fault(where, "il a plusieurs sorts ; gardez-en un seul."))
        faults += [Fault(where, f"« {to} » n’existe pas dans la nouvelle version.") for to in row.to if to not in known]
        message = _count_fault(row, received)
        if message:
            faults.append(Fault(where, message))
    return tuple(dict.fromkeys(faults))


def _count_fault(row: Carried, received: Mapping[str, int]) -> str:
    if len(set(row.to)) != len(row.to):
        return "un même indicateur est donné deux fois pour le remplacer."
    shared = [to for to in row.to if received[to] > 1]
    if row.fate is Fate.DROPPED:
        return "il est retiré : rien ne le remplace." if row.to else ""
    if row.fate is Fate.SPLIT:
        return "" if len(row.to) >= 2 else "il est scindé : au moins deux indicateurs sont attendus."
    if len(row.to) != 1:
        return "un seul indicateur est attendu pour le remplacer."
    if row.fate is Fate.MERGED:
        return "" if shared else "il est fusionné : un autre indicateur doit l’être avec lui, vers le même."
    return f"« {shared[0]} » en remplace plusieurs : dites qu’ils sont fusionnés." if shared else ""


def compose(first: Iterable[Carried], second: Iterable[Carried]) -> tuple[Carried, ...]:
    """Follow a mapping by the next one: from the oldest version to the newest."""
    onward = {row.code: row.to for row in second}
    reached: dict[str, tuple[str, ...]] = {}
    for row in first:
        unknown = next((to for to in row.to if to not in onward), None)
        if unknown is not None:
            raise UnknownCode("Indicateur", unknown)
        reached[row.code] = tuple(dict.fromkeys(last for to in row.to for last in onward[to]))
    received = Counter(to for targets in reached.values() for to in targets)
    return tuple(Carried(code, _fate(targets, received), targets) for code, targets in reached.items())


def _fate(targets: Sequence[str], received: Mapping[str, int]) -> Fate:
    if not targets:
        return Fate.DROPPED
    if len(targets) > 1:
        return Fate.SPLIT
    return Fate.MERGED if received[targets[0]] > 1 else Fate.KEPT


def mapping_to_document(mapping: Iterable[Carried]) -> list[dict[str, object]]:
    """Give a mapping as values that JSON can hold."""
    return [{"code": row.code, "fate": row.fate.value, "to": list(row.to)} for row in mapping]


def mapping_from_document(document: object) -> tuple[Carried, ...]:
    """Read back what mapping_to_document gave; anything else raises FrameworkFaults."""
    rows = document if isinstance(document, list) else [None]
    found, faults = [], []
    for at, row in enumerate(rows, start=1):
        carried = _carried(row) if isinstance(row, dict) else None
        if carried is None:
            faults.append(Fault(f"correspondance, ligne {at}", "« code », « fate » et « to » sont attendus."))
        else:
            found.append(carried)
    if faults:
        raise FrameworkFaults(tuple(faults))
    return tuple(found)


def _carried(row: Mapping[object, object]) -> Carried | None:
    code, fate, to = row.get("code"), row.get("fate"), row.get("to")
    if not (isinstance(code, str) and isinstance(fate, str) and fate in set(Fate) and isinstance(to, list)):
        return None
    return Carried(code, Fate(fate), tuple(map(str, to))) if all(isinstance(one, str) for one in to) else None
