"""The rules of award: what the assessments lead to, what a decision must say, who may sit on a jury."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from competencies.framework import Framework, Text

_FEWEST_MEMBERS = 2

_VAE_JURY = "Code du travail, art. D6412-6 (jury de VAE), appliqué ici à toutes les voies d’accès"
_INDEPENDENCE = (
    "Usage des jurys de certification professionnelle : collégialité, indépendance, moitié de membres externes"
)
_BLOCKS = "Code du travail, art. L6113-1 : chaque bloc de compétences est évalué et validé pour lui-même"
_REASONS = "Règle du logiciel : une décision défavorable, ou qui s’écarte des évaluations, est motivée par écrit"


class BlockOutcome(StrEnum):
    """What is decided on one block; acquired is definitive."""

    ACQUIRED = "acquired"
    PARTLY_ACQUIRED = "partly_acquired"
    NOT_ACQUIRED = "not_acquired"


class WholeOutcome(StrEnum):
    """What is decided on the certification; adjourned puts the decision off to another session."""

    OBTAINED = "obtained"
    PARTLY_OBTAINED = "partly_obtained"
    REFUSED = "refused"
    ADJOURNED = "adjourned"


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that is not kept: a message to show, where the rule comes from, and the person or block it concerns."""

    code: str
    message: Text
    source: str
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """A person called to sit, seen from one candidate; `conflicts` holds codes of CONFLICTS."""

    person: str
    is_president: bool
    is_external: bool
    conflicts: frozenset[str]
    has_declared: bool


CONFLICTS: Mapping[str, Text] = {
    "trained": Text("a formé la personne candidate", "trained the candidate"),
    "assessed": Text(
        "a évalué la personne candidate pendant le parcours", "assessed the candidate during the programme"
    ),
    "supervised": Text("a encadré la personne candidate sur le terrain", "supervised the candidate in the field"),
    "observed": Text(
        "a observé une rencontre animée par la personne candidate", "observed a meeting run by the candidate"
    ),
    "employed": Text("emploie ou a employé la personne candidate", "employs or has employed the candidate"),
    "accompanied": Text(
        "a accompagné la personne candidate vers la certification", "accompanied the candidate to certification"
    ),
    "same_house": Text(
        "exerce dans la même Maison que la personne candidate", "works in the same house as the candidate"
    ),
}
_OTHER_CONFLICT = Text("a un autre lien avec la personne candidate", "has another link with the candidate")


def propose_block(framework: Framework, block_code: str, competency_levels: Mapping[str, str | None]) -> BlockOutcome:
    """Propose an outcome for a block from the level of its competencies.

    Acquired when enough competencies reach the threshold (all of them, unless the block's completion rule says
    otherwise), not acquired when none is above the lowest level, partly acquired otherwise. A competency that is
    absent or None has not been assessed. Levels of the competencies of other blocks may be passed too, and are left
    aside.
    """
    block, scale = framework.block(block_code), framework.scale
    for code in competency_levels:
        framework.competency(code)
    codes = [competency.code for competency in block.competencies]
    levels = {code: level for code in codes if (level := competency_levels.get(code)) is not None}
    reached = [code for code, level in levels.items() if scale.is_reached(level)]
    if reached and block.completion.is_met(codes, reached):
        return BlockOutcome.ACQUIRED
    if any(scale.rank(level) > scale.lowest.rank for level in levels.values()):
        return BlockOutcome.PARTLY_ACQUIRED
    return BlockOutcome.NOT_ACQUIRED


def propose_whole(outcomes: Mapping[str, BlockOutcome]) -> WholeOutcome:
    """Propose an outcome for the certification: obtained when all blocks are acquired, partly from the first one."""
    acquired = [outcome is BlockOutcome.ACQUIRED for outcome in outcomes.values()]
    if acquired and all(acquired):
        return WholeOutcome.OBTAINED
    return WholeOutcome.PARTLY_OBTAINED if any(acquired) else WholeOutcome.REFUSED


def check_decision(
    framework: Framework,
    *,
    blocks: Mapping[str, BlockOutcome],
    whole: WholeOutcome,
    proposed: Mapping[str, BlockOutcome],
    reasons: Mapping[str, str],
    whole_reason: str,
) -> tuple[Violation, ...]:
    """Say what is missing or inconsistent in a jury's decision on one candidate, block by block then as a whole."""
    for code in (*blocks, *proposed, *reasons):
        framework.block(code)
    found = [
        violation
        for block in framework.blocks
        for violation in _check_block(
            block.code, blocks.get(block.code), proposed.get(block.code), reasons.get(block.code, "")
        )
    ]
    is_complete = all(block.code in blocks for block in framework.blocks)
    return (*found, *_check_whole(blocks, whole, whole_reason, is_complete=is_complete))


def _check_block(
    code: str, outcome: BlockOutcome | None, proposal: BlockOutcome | None, reason: str
) -> Iterable[Violation]:
    if outcome is None:
        message = Text(
            f"Le bloc {code} n’a pas de décision. Choisissez acquis, partiellement acquis ou non acquis.",
            f"Block {code} has no decision. Choose acquired, partly acquired or not acquired.",
        )
        yield Violation("block_undecided", message, _BLOCKS, code)
    elif reason.strip():
        return
    elif proposal is not None and outcome is not proposal:
        message = Text(
            f"La décision sur le bloc {code} s’écarte des évaluations. Écrivez le motif de cet écart.",
            f"The decision on block {code} departs from the assessments. Write the reason why.",
        )
        yield Violation("block_departure_unexplained", message, _REASONS, code)
    elif outcome is not BlockOutcome.ACQUIRED:
        message = Text(
            f"Le bloc {code} n’est pas acquis. Écrivez le motif, il sera communiqué à la personne candidate.",
            f"Block {code} is not acquired. Write the reason, it will be given to the candidate.",
        )
        yield Violation("block_reason_missing", message, _REASONS, code)


def _check_whole(
    blocks: Mapping[str, BlockOutcome], whole: WholeOutcome, reason: str, *, is_complete: bool
) -> Iterable[Violation]:
    if is_complete and whole not in (propose_whole(blocks), WholeOutcome.ADJOURNED):
        message = Text(
            "La décision globale contredit les décisions par bloc : la certification est obtenue quand tous les blocs "
            "sont acquis, partiellement obtenue dès un bloc acquis, refusée sinon. Corrigez l’une ou les autres.",
            "The overall decision contradicts the decisions by block: the certification is obtained when every block "
            "is acquired, partly obtained from one acquired block, refused otherwise. Correct one or the others.",
        )
        yield Violation("whole_contradicts_blocks", message, _BLOCKS)
    if whole is not WholeOutcome.OBTAINED and not reason.strip():
        message = Text(
            "La certification n’est pas délivrée en entier. Écrivez le motif de la décision globale.",
            "The certification is not awarded in full. Write the reason for the overall decision.",
        )
        yield Violation("whole_reason_missing", message, _REASONS)


def check_composition(seats: Sequence[Seat]) -> tuple[Violation, ...]:
    """Say why these people may not form the jury of this candidate; an empty answer means that they may."""
    return (*_check_number(seats), *_check_president(seats), *_check_externals(seats), *_check_conflicts(seats))


def check_declarations(seats: Iterable[Seat]) -> tuple[Violation, ...]:
    """Say who has not declared their links with the candidate; needed before sitting, not before being called."""
    message = Text(
        "Ce membre n’a pas déclaré ses liens avec la personne candidate. Demandez-lui sa déclaration avant la session.",
        "This member has not declared their links with the candidate. Ask for the declaration before the session.",
    )
    missing = dict.fromkeys(seat.person for seat in seats if not seat.has_declared)
    return tuple(Violation("declaration_missing", message, _VAE_JURY, person) for person in missing)


def _check_number(seats: Sequence[Seat]) -> Iterable[Violation]:
    times = Counter(seat.person for seat in seats)
    if len(times) < _FEWEST_MEMBERS:
        message = Text(
            "Le jury compte moins de deux personnes. Un jury est collégial : ajoutez au moins un membre.",
            "The jury has fewer than two people. A jury decides as a group: add at least one member.",
        )
        yield Violation("too_few_members", message, _VAE_JURY)
    for person, count in times.items():
        if count > 1:
            message = Text(
                "Cette personne figure plusieurs fois dans le jury. Gardez un seul siège.",
                "This person sits more than once on the jury. Keep one seat.",
            )
            yield Violation("seated_twice", message, _INDEPENDENCE, person)


def _check_president(seats: Sequence[Seat]) -> Iterable[Violation]:
    presidents = {seat.person for seat in seats if seat.is_president}
    if not presidents:
        message = Text(
            "Le jury n’a pas de président·e. Désignez un membre : sa voix départage en cas d’égalité.",
            "The jury has no president. Appoint a member: they cast the deciding vote on a tie.",
        )
        yield Violation("no_president", message, _VAE_JURY)
    elif len(presidents) > 1:
        message = Text(
            "Le jury a plusieurs président·es. Gardez-en un·e : sa voix départage en cas d’égalité.",
            "The jury has several presidents. Keep one: they cast the deciding vote on a tie.",
        )
        yield Violation("several_presidents", message, _VAE_JURY)


def _check_externals(seats: Sequence[Seat]) -> Iterable[Violation]:
    people = {seat.person for seat in seats}
    # Someone seated twice, once as internal, is not independent: the less favourable seat counts.
    externals = people - {seat.person for seat in seats if not seat.is_external}
    if len(externals) * 2 < len(people):
        message = Text(
            f"Membres externes : {len(externals)} sur {len(people)}. Il en faut au moins la moitié, "
            "sans lien avec l’organisme certificateur ni avec l’organisme de formation.",
            f"External members: {len(externals)} of {len(people)}. At least half must come from outside "
            "the certifying body and the training body.",
        )
        yield Violation("too_few_externals", message, _INDEPENDENCE)


def _check_conflicts(seats: Sequence[Seat]) -> Iterable[Violation]:
    for person, conflict in dict.fromkeys((seat.person, code) for seat in seats for code in sorted(seat.conflicts)):
        link = CONFLICTS.get(conflict, _OTHER_CONFLICT)
        message = Text(
            f"Cette personne {link.fr} : elle ne peut pas siéger pour cette candidature. Remplacez-la.",
            f"This person {link.en}: they may not sit for this candidate. Replace them.",
        )
        yield Violation(f"conflict_{conflict}", message, _VAE_JURY, person)
