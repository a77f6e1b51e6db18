"""The rules of award: what the assessments lead to, what a decision must say, what stays acquired and until when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from competencies.fidelity_view import add_months
from competencies.framework import Framework, Text
from competencies.jury_words import ACQUIRED_FOR_GOOD, BLOCKS, REASONS


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


NOTHING_VOTED: Mapping[str, BlockOutcome] = {}
"""When members did not vote, or when their votes lead nowhere."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that is not kept: a message to show, where the rule comes from, and the person or block it concerns."""

    code: str
    message: Text
    source: str
    who: str | None = None


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


def remaining(framework: Framework, blocks: Mapping[str, BlockOutcome]) -> tuple[str, ...]:
    """Give the blocks that are not acquired, in the order of the framework."""
    return tuple(block.code for block in framework.blocks if blocks.get(block.code) is not BlockOutcome.ACQUIRED)


def with_acquired(blocks: Mapping[str, BlockOutcome], already: Iterable[str]) -> dict[str, BlockOutcome]:
    """Give the outcomes of a decision once what was acquired before it is counted: that is acquired for good."""
    return {**blocks, **dict.fromkeys(already, BlockOutcome.ACQUIRED)}


def last_valid_day(decided_on: date, months: int) -> date | None:
    """Give the last day on which what was decided is valid; None when it is without limit (0 months).

    A period in months ends on the day of the same number, or on the last of a shorter month (Code de procédure
    civile, art. 641).
    """
    return add_months(decided_on, months) if months else None


def renewable_from(last_day: date, months_before: int) -> date:
    """Give the first day on which a certification valid until `last_day` may be renewed."""
    return add_months(last_day, -months_before)


def check_decision(
    framework: Framework,
    *,
    blocks: Mapping[str, BlockOutcome],
    whole: WholeOutcome,
    proposed: Mapping[str, BlockOutcome],
    reasons: Mapping[str, str],
    whole_reason: str,
    already: frozenset[str] = frozenset(),
    voted: Mapping[str, BlockOutcome] = NOTHING_VOTED,
) -> tuple[Violation, ...]:
    """Say what is missing or inconsistent in a jury's decision on one candidate, block by block then as a whole.

    Blocks in `already` were acquired before: nothing is decided on them, and they count as acquired in the whole.
    `voted` holds what the members' votes lead to, for the blocks where they do: to depart from it asks for a reason.
    An adjournment decides no block: it needs its reason only.
    """
    for code in (*blocks, *proposed, *reasons, *already, *voted):
        framework.block(code)
    if whole is WholeOutcome.ADJOURNED:
        return (*_check_already(framework, blocks, already), *_check_whole({}, whole, whole_reason, is_complete=False))
    found = [
        violation
        for block in framework.blocks
        if block.code not in already
        for violation in _check_block(
            block.code,
            blocks.get(block.code),
            proposed.get(block.code),
            voted.get(block.code),
            reasons.get(block.code, ""),
        )
    ]
    found += _check_already(framework, blocks, already)
    outcomes = with_acquired(blocks, already)
    is_complete = all(block.code in outcomes for block in framework.blocks)
    return (*found, *_check_whole(outcomes, whole, whole_reason, is_complete=is_complete))


def _check_already(
    framework: Framework, blocks: Mapping[str, BlockOutcome], already: frozenset[str]
) -> Iterable[Violation]:
    for code in (block.code for block in framework.blocks if block.code in already):
        if blocks.get(code, BlockOutcome.ACQUIRED) is not BlockOutcome.ACQUIRED:
            message = Text(
                f"Le bloc {code} est déjà acquis, et le reste. Retirez la décision qui le concerne.",
                f"Block {code} is already acquired, and stays so. Take away the decision on it.",
            )
            yield Violation("block_already_acquired", message, ACQUIRED_FOR_GOOD, code)


def _check_block(
    code: str, outcome: BlockOutcome | None, proposal: BlockOutcome | None, voted: BlockOutcome | None, reason: str
) -> Iterable[Violation]:
    if outcome is None:
        message = Text(
            f"Le bloc {code} n’a pas de décision. Choisissez acquis, partiellement acquis ou non acquis.",
            f"Block {code} has no decision. Choose acquired, partly acquired or not acquired.",
        )
        yield Violation("block_undecided", message, BLOCKS, code)
    elif reason.strip():
        return
    elif voted is not None and outcome is not voted:
        message = Text(
            f"La décision sur le bloc {code} s’écarte du vote. Écrivez le motif de cet écart.",
            f"The decision on block {code} departs from the vote. Write the reason why.",
        )
        yield Violation("block_departs_from_vote", message, REASONS, code)
    elif proposal is not None and outcome is not proposal:
        message = Text(
            f"La décision sur le bloc {code} s’écarte des évaluations. Écrivez le motif de cet écart.",
            f"The decision on block {code} departs from the assessments. Write the reason why.",
        )
        yield Violation("block_departure_unexplained", message, REASONS, code)
    elif outcome is not BlockOutcome.ACQUIRED:
        message = Text(
            f"Le bloc {code} n’est pas acquis. Écrivez le motif, il sera communiqué à la personne candidate.",
            f"Block {code} is not acquired. Write the reason, it will be given to the candidate.",
        )
        yield Violation("block_reason_missing", message, REASONS, code)


def _check_whole(
    blocks: Mapping[str, BlockOutcome], whole: WholeOutcome, reason: str, *, is_complete: bool
) -> Iterable[Violation]:
    if is_complete and whole is not propose_whole(blocks):
        message = Text(
            "La décision globale contredit les décisions par bloc : la certification est obtenue quand tous les blocs "
            "sont acquis, partiellement obtenue dès un bloc acquis, refusée sinon. Corrigez l’une ou les autres.",
            "The overall decision contradicts the decisions by block: the certification is obtained when every block "
            "is acquired, partly obtained from one acquired block, refused otherwise. Correct one or the others.",
        )
        yield Violation("whole_contradicts_blocks", message, BLOCKS)
    if whole is not WholeOutcome.OBTAINED and not reason.strip():
        message = Text(
            "La certification n’est pas délivrée en entier. Écrivez le motif de la décision globale.",
            "The certification is not awarded in full. Write the reason for the overall decision.",
        )
        yield Violation("whole_reason_missing", message, REASONS)
