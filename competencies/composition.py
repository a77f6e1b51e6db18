"""Who may form a jury: how many, presided by whom, from where, with what links; and who must be there to decide."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from competencies import composition_words as words
from competencies import jury_words
from competencies.award import Violation
from competencies.framework import Text
from competencies.jury_rules import SETTABLE_CONFLICTS, USUAL_JURY_RULES, JuryRules

Waiver = tuple[str, str | None]
"""A derogation: the code of the violation it sets aside, and the person that violation names, if any."""

NEVER_WAIVED = frozenset(
    {
        "conflict_is_candidate",
        "too_few_members",
        "too_few_present",
        "seated_twice",
        "no_president",
        "several_presidents",
        "president_absent",
        "declaration_missing",
    }
)
"""What no derogation sets aside: one person is not a jury, nobody decides on themselves or unsigned, one presides."""

_COLLEGIAL = 2


@dataclass(frozen=True, slots=True)
class Seat:
    """A person called to sit, seen from one candidate; `conflicts` holds codes of CONFLICTS, or others."""

    person: str
    is_president: bool
    is_external: bool
    """To the certifying body and to the candidate's training body."""
    conflicts: frozenset[str]
    has_declared: bool
    is_reserve: bool = False
    is_qualified: bool = False
    gender: str = ""
    """F, M, or empty when not said."""
    is_present: bool = True
    """Whether they sit for this candidate: there on the day, and not recused."""


@dataclass(frozen=True, slots=True)
class Balance:
    """How many women and men form a jury; shown, never enforced."""

    women: int
    men: int
    unsaid: int


def check_composition(
    seats: Sequence[Seat],
    rules: JuryRules = USUAL_JURY_RULES,
    *,
    is_vae: bool = False,
    waived: frozenset[Waiver] = frozenset(),
) -> tuple[Violation, ...]:
    """Say why these people may not form the jury of this candidate; an empty answer means that they may.

    Reserves are left out until they sit. Sources: Code du travail, art. D6412-6 (VAE); custom of certification juries.
    """
    members = [seat for seat in seats if not seat.is_reserve]
    found = [*_check_number(members, rules), *_check_seated_twice(seats), *_check_president(members)]
    return _not_waived([*found, *_check_people(members, rules, is_vae=is_vae)], waived)


def check_quorum(
    seats: Sequence[Seat],
    rules: JuryRules = USUAL_JURY_RULES,
    *,
    is_vae: bool = False,
    waived: frozenset[Waiver] = frozenset(),
) -> tuple[Violation, ...]:
    """Say why those present may not decide on this candidate: too few, no president, not independent, undeclared."""
    there = sitting(seats)
    found = [*_check_presence(there, rules), *_check_people(there, rules, is_vae=is_vae), *check_declarations(there)]
    return _not_waived(found, waived)


def check_links(
    seats: Iterable[Seat], rules: JuryRules = USUAL_JURY_RULES, *, is_vae: bool = False
) -> tuple[Violation, ...]:
    """Say which links keep each of these people, members or reserves, from sitting for this candidate."""
    return tuple(_check_conflicts(seats, rules, is_vae=is_vae))


def check_declarations(seats: Iterable[Seat]) -> tuple[Violation, ...]:
    """Say who has not declared their links with the candidate; needed before sitting, not before being called."""
    missing = dict.fromkeys(seat.person for seat in seats if not seat.has_declared)
    return tuple(
        Violation("declaration_missing", words.UNDECLARED, jury_words.VAE_LAW_FOR_ALL, person) for person in missing
    )


def may_be_waived(violation: Violation) -> bool:
    """Tell whether a derogation, with its written reason, can set a violation aside."""
    return violation.code not in NEVER_WAIVED


def sitting(seats: Iterable[Seat]) -> list[Seat]:
    """Give who sits for this candidate; a reserve who is there sits as any member."""
    return [replace(seat, is_reserve=False) for seat in seats if seat.is_present]


def balance(seats: Iterable[Seat]) -> Balance:
    """Count women and men among the members, reserves left out unless they sit (C. trav. D6412-6)."""
    gender_of = {seat.person: seat.gender for seat in seats if not seat.is_reserve}
    count = Counter(gender_of.values())
    return Balance(count["F"], count["M"], len(gender_of) - count["F"] - count["M"])


def _not_waived(found: Iterable[Violation], waived: frozenset[Waiver]) -> tuple[Violation, ...]:
    return tuple(one for one in found if (one.code, one.who) not in waived or not may_be_waived(one))


def _law(*, is_vae: bool) -> str:
    return jury_words.VAE_LAW if is_vae else jury_words.VAE_LAW_FOR_ALL


def _check_number(members: Sequence[Seat], rules: JuryRules) -> Iterator[Violation]:
    people = {seat.person for seat in members}
    if len(people) < _COLLEGIAL:
        yield Violation("too_few_members", words.ALONE, jury_words.VAE_LAW_FOR_ALL)
    elif len(people) < rules.fewest_members:
        message = words.fewer_than_asked(len(people), rules.fewest_members)
        yield Violation("fewer_than_asked", message, jury_words.REGULATIONS)


def _check_seated_twice(seats: Sequence[Seat]) -> Iterator[Violation]:
    for person, count in Counter(seat.person for seat in seats).items():
        if count > 1:
            yield Violation("seated_twice", words.SEATED_TWICE, jury_words.INDEPENDENCE, person)


def _check_president(members: Sequence[Seat]) -> Iterator[Violation]:
    presidents = {seat.person for seat in members if seat.is_president}
    if not presidents:
        yield Violation("no_president", words.NO_PRESIDENT, jury_words.VAE_LAW_FOR_ALL)
    elif len(presidents) > 1:
        yield Violation("several_presidents", words.SEVERAL_PRESIDENTS, jury_words.VAE_LAW_FOR_ALL)


def _check_presence(there: Sequence[Seat], rules: JuryRules) -> Iterator[Violation]:
    people = {seat.person for seat in there}
    if len(people) < _COLLEGIAL:
        yield Violation("too_few_present", words.ALONE_ON_THE_DAY, jury_words.VAE_LAW_FOR_ALL)
    elif len(people) < rules.quorum:
        yield Violation("no_quorum", words.no_quorum(len(people), rules.quorum), jury_words.REGULATIONS)
    if not any(seat.is_president for seat in there):
        yield Violation("president_absent", words.PRESIDENT_ABSENT, jury_words.VAE_LAW_FOR_ALL)


def _check_people(seats: Sequence[Seat], rules: JuryRules, *, is_vae: bool) -> Iterator[Violation]:
    people = {seat.person for seat in seats}
    # Someone seated twice, once as internal, is not independent: the less favourable seat counts.
    externals = people - {seat.person for seat in seats if not seat.is_external}
    if len(externals) * 100 < rules.external_percent * len(people):
        message = words.too_few_externals(len(externals), len(people), rules.external_percent)
        yield Violation("too_few_externals", message, jury_words.INDEPENDENCE)
    qualified = people - {seat.person for seat in seats if not seat.is_qualified}
    if is_vae and len(qualified) < rules.vae_qualified:
        message = words.too_few_qualified(len(qualified), rules.vae_qualified)
        yield Violation("too_few_qualified", message, jury_words.VAE_LAW)
    yield from _check_conflicts(seats, rules, is_vae=is_vae)


def _check_conflicts(seats: Iterable[Seat], rules: JuryRules, *, is_vae: bool) -> Iterator[Violation]:
    for person, conflict in dict.fromkeys((seat.person, code) for seat in seats for code in sorted(seat.conflicts)):
        # Only what a certification may let pass can pass; a link nobody foresaw keeps from sitting.
        if not is_vae and conflict in SETTABLE_CONFLICTS and conflict not in rules.blocking:
            continue
        source = jury_words.IMPARTIALITY if conflict == "is_candidate" else _law(is_vae=is_vae)
        yield Violation(f"conflict_{conflict}", _conflict(conflict), source, person)


def _conflict(conflict: str) -> Text:
    return words.conflict(jury_words.CONFLICTS.get(conflict, jury_words.OTHER_CONFLICT))
