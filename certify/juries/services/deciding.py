"""Deciding together on a candidate: by block and for the whole, with three comments and the count of the votes."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

import competencies
from certify.anonymity.services import require_anonymous
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.juries import candidates, dossiers, votes
from certify.juries.composition import composition_of
from certify.juries.models import BlockDecision, Candidacy, DecisionKind, JuryDecision, JurySession
from certify.juries.services.presence import deliberating
from certify.juries.services.rows import note
from certify.juries.sitting import sitting_of


@dataclass(frozen=True)
class Ruling:
    """What is decided on a candidate, before it is recorded."""

    blocks: Mapping[str, competencies.BlockOutcome]
    """Those acquired already may be left out: they stay acquired."""
    outcome: competencies.WholeOutcome
    reason: str = ""
    """The comment to the candidate."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why, by block."""
    comment_training_body: str = ""
    comment_internal: str = ""
    retake_from: date | None = None

    @property
    def texts(self) -> list[tuple[str, object, str]]:
        """Everything written, by field of the form."""
        return [
            *((f"block-{code}-reason", _l("Motif"), text) for code, text in self.reasons.items()),
            ("reason", _l("Commentaire à la personne candidate"), self.reason),
            ("comment_training_body", _l("Commentaire à l’organisme de formation"), self.comment_training_body),
            ("comment_internal", _l("Commentaire interne"), self.comment_internal),
        ]


def decide(
    session: Session, actor: Actor, candidacy: Candidacy, *, expected: int,
    blocks: Mapping[str, competencies.BlockOutcome], reasons: Mapping[str, str],
    outcome: competencies.WholeOutcome, reason: str, comment_training_body: str = "", comment_internal: str = "",
    retake_from: date | None = None,
) -> JuryDecision:  # fmt: skip
    """Record the jury's decision on a candidate, by block and for the whole; another may replace it later.

    `expected` is the number of the decision that stood when the form was made: another since is a Conflict. Those who
    are there and do not stand aside must be enough to decide (Code du travail, art. D6412-6).
    """
    jury = deliberating(session, candidacy.session_id)
    require_last(session, candidacy, expected)
    sitting = sitting_of(session, jury)
    if outcome is not competencies.WholeOutcome.ADJOURNED:
        # Too few members is a reason to adjourn: putting a decision off decides nothing.
        _require_enough(session, jury, candidacy, {one.seat.id for one in sitting.voters(candidacy.id)})
    file = dossiers.file_of(session, candidacy)
    ruling = Ruling(blocks, outcome, reason, reasons, comment_training_body, comment_internal, retake_from)
    require_sound(session, candidacy, file, ruling)
    given = votes.last_votes(session, candidacy.id)
    counts = votes.tallies(given, sitting.voters(candidacy.id), [one.code for one in file.to_decide]) if given else {}
    decision = made_of(ruling, file, number=expected + 1, actor=actor, counts=counts)
    decision.candidacy_id = candidacy.id
    return recorded(session, actor, jury, decision, "jury:decision:taken")


def _require_enough(session: Session, jury: JurySession, candidacy: Candidacy, voters: set[uuid.UUID]) -> None:
    lacking = composition_of(session, jury).check_present(candidacy.enrolment_id, voters)
    if lacking:
        raise Conflict(lacking[0].message.to(current_locale()))


def require_last(session: Session, candidacy: Candidacy, expected: int) -> JuryDecision | None:
    """Return the decision that stands on a candidacy; Conflict when it is not the one that was read."""
    last = candidates.last_decisions(session, [candidacy.id]).get(candidacy.id)
    if (last.number if last else 0) != expected:
        raise Conflict(
            _l("Une autre décision vient d’être enregistrée pour cette personne. Rouvrez son dossier pour la lire.")
        )
    return last


def require_sound(session: Session, candidacy: Candidacy, file: dossiers.CandidateFile, ruling: Ruling) -> None:
    """Refuse a ruling that breaks a rule of decisions, that identifies somebody, or that offers a past retake."""
    violations = competencies.check_decision(
        file.framework, blocks=ruling.blocks, whole=ruling.outcome, proposed=file.proposals, reasons=ruling.reasons,
        whole_reason=ruling.reason, already=file.already_acquired,
    )  # fmt: skip
    if violations:
        raise Invalid(violations[0].message.to(current_locale()))
    if ruling.retake_from is not None and ruling.outcome is competencies.WholeOutcome.OBTAINED:
        raise Invalid(_l("La certification est obtenue : il n’y a rien à repasser. Effacez cette date."), "retake_from")
    require_anonymous(session, candidacy.enrolment_id, ruling.texts)


def made_of(
    ruling: Ruling, file: dossiers.CandidateFile, *, number: int, actor: Actor,
    kind: DecisionKind = DecisionKind.DELIBERATION, decided_on: date | None = None,
    counts: Mapping[str, competencies.VoteTally] | None = None,
) -> JuryDecision:  # fmt: skip
    """Make the row of a decision from a sound ruling; what was acquired already is acquired in it too.

    An adjournment says nothing of the other blocks.
    """
    proposed, counts = file.proposals, counts or {}
    said = {} if ruling.outcome is competencies.WholeOutcome.ADJOURNED else ruling.blocks
    outcomes = competencies.with_acquired(said, file.already_acquired)
    return JuryDecision(
        number=number, kind=kind, decided_on=decided_on, outcome=ruling.outcome.value, reason=ruling.reason.strip(),
        comment_training_body=ruling.comment_training_body.strip(), comment_internal=ruling.comment_internal.strip(),
        retake_from=ruling.retake_from, taken_at=clock.now(), taken_by_id=actor.user_id,
        blocks=[
            BlockDecision(
                block=block.code, outcome=outcomes[block.code].value, proposed=proposed[block.code].value,
                votes=counts[block.code].written if block.code in counts else "",
                reason=ruling.reasons.get(block.code, "").strip(),
            )
            for block in file.framework.blocks
            if block.code in outcomes
        ],
    )  # fmt: skip


def recorded(session: Session, actor: Actor, jury: JurySession, decision: JuryDecision, tag: str) -> JuryDecision:
    """Write a decision and its trace."""
    session.add(decision)
    session.flush()
    note(
        session, actor, tag, decision, jury, number=decision.number, outcome=decision.outcome, kind=decision.kind.value,
        candidacy_id=decision.candidacy_id,
    )  # fmt: skip
    return decision
