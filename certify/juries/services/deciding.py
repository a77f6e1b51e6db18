"""Deciding together on a candidate: by block and for the whole, with three comments and the count of the votes."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

import competencies
from certify.anonymity.services import require_anonymous
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.juries import candidates, carrying, dossiers, policies, votes
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
    def acquired(self) -> frozenset[str]:
        """The blocks it says acquired."""
        said = {} if self.outcome is competencies.WholeOutcome.ADJOURNED else self.blocks
        return frozenset(code for code, one in said.items() if one is competencies.BlockOutcome.ACQUIRED)

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
    are there and do not stand aside must be enough to decide (Code du travail, art. D6412-6); once one has voted, all
    have, or the president opened the votes.
    """
    jury = deliberating(session, candidacy.session_id)
    _require_granted(require_last(session, candidacy, expected))
    sitting = sitting_of(session, jury)
    seats = [one.seat.id for one in sitting.voters(candidacy.id)]
    file = dossiers.file_of(session, candidacy)
    ballot = votes.ballot_of(session, candidacy, sitting, [one.code for one in file.to_decide], None)
    if outcome is not competencies.WholeOutcome.ADJOURNED:
        # Too few members is a reason to adjourn: putting a decision off decides nothing.
        lacking = composition_of(session, jury).check_present(candidacy.enrolment_id, seats)
        if lacking:
            raise Conflict(lacking[0].message.to(current_locale()))
        _require_voted(ballot)
    ruling = Ruling(blocks, outcome, reason, reasons, comment_training_body, comment_internal, retake_from)
    require_sound(session, candidacy, file, ruling, voted=ballot.outcomes)
    decision = made_of(
        ruling, file, number=expected + 1, actor=actor, decided_on=jury.held_on, seats=seats,
        counts=ballot.counts if ballot.is_begun else {},
    )  # fmt: skip
    decision.candidacy_id = candidacy.id
    return recorded(session, actor, jury, decision, "jury:decision:taken")


def adjourn(session: Session, actor: Actor, candidacy: Candidacy, *, expected: int, reason: str) -> JuryDecision:
    """Put off the decision on a candidate that those who are there may not take; the file stays closed.

    The president does so even when they are the one who stands aside, or the registrar for them.
    """
    jury = deliberating(session, candidacy.session_id)
    if not (policies.is_president(jury, actor) or policies.is_registrar(jury, actor)):
        raise Forbidden(_l("L’ajournement est enregistré par la présidence du jury ou par l’organisme certificateur."))
    last, sitting = require_last(session, candidacy, expected), sitting_of(session, jury)
    _require_granted(last)
    if last is not None and not sitting.is_outdated(candidacy.id, last):
        raise Conflict(_l("Le jury a déjà décidé de cette candidature : rien n’est à ajourner."))
    seats = [one.seat.id for one in sitting.voters(candidacy.id)]
    if not composition_of(session, jury).check_present(candidacy.enrolment_id, seats):
        raise Conflict(
            _l("Les membres présents peuvent décider de cette candidature : la présidence l’ajourne dans son dossier.")
        )
    file = dossiers.file_of(session, candidacy)
    ruling = Ruling({}, competencies.WholeOutcome.ADJOURNED, reason)
    require_sound(session, candidacy, file, ruling)
    decision = made_of(ruling, file, number=expected + 1, actor=actor, decided_on=jury.held_on, seats=seats)
    decision.candidacy_id = candidacy.id
    return recorded(session, actor, jury, decision, "jury:decision:taken")


def _require_granted(last: JuryDecision | None) -> None:
    if last is not None and last.kind.takes_back:
        raise Conflict(_l("La décision est retirée ou annulée : rétablissez-la d’abord."))


def _require_voted(ballot: votes.Ballot) -> None:
    if ballot.is_begun and not ballot.is_open:
        names = ", ".join(one.user.name for one in ballot.waiting)
        raise Conflict(
            _l(
                "Le vote est commencé : il manque celui de %(names)s. Attendez-le, ou ouvrez les votes, puis décidez.",
                names=names,
            )
        )


def require_last(session: Session, candidacy: Candidacy, expected: int) -> JuryDecision | None:
    """Return the decision that stands on a candidacy; Conflict when it is not the one that was read."""
    last = candidates.last_decisions(session, [candidacy.id]).get(candidacy.id)
    if (last.number if last else 0) != expected:
        raise Conflict(
            _l("Une autre décision vient d’être enregistrée pour cette personne. Rouvrez son dossier pour la lire.")
        )
    return last


def require_sound(
    session: Session, candidacy: Candidacy, file: dossiers.CandidateFile, ruling: Ruling, *,
    voted: Mapping[str, competencies.BlockOutcome] | None = None,
) -> None:  # fmt: skip
    """Refuse a ruling that breaks a rule of decisions, that identifies somebody, or that offers a past retake."""
    violations = competencies.check_decision(
        file.framework, blocks=ruling.blocks, whole=ruling.outcome, proposed=file.proposals, reasons=ruling.reasons,
        whole_reason=ruling.reason, already=file.already_acquired, voted=voted or {},
    )  # fmt: skip
    if violations:
        raise Invalid(violations[0].message.to(current_locale()))
    if ruling.retake_from is not None and ruling.outcome is competencies.WholeOutcome.OBTAINED:
        raise Invalid(_l("La certification est obtenue : il n’y a rien à repasser. Effacez cette date."), "retake_from")
    require_anonymous(session, candidacy.enrolment_id, ruling.texts)


def require_unused(
    session: Session, candidacy: Candidacy, last: JuryDecision, *, kept: frozenset[str] = frozenset()
) -> None:
    """Refuse to take back blocks that the decision of a later jury counts as acquired: that one is handled first."""
    reference = carrying.relying_on(session, candidacy, last.granted(candidacy.acquired) - kept)
    if reference is not None:
        raise Conflict(
            _l(
                "Des blocs accordés ici comptent dans la décision du jury n° %(reference)s. Revenez d’abord sur "
                "celle-là : retirez-la ou annulez-la si elle est publiée, sinon rouvrez la délibération.",
                reference=reference,
            )
        )


def brought_back(former: JuryDecision, file: dossiers.CandidateFile, carried: frozenset[str], reason: str) -> Ruling:
    """Say again what a decision said, but the blocks it held from an earlier one taken back since."""
    whole, lost = competencies.WholeOutcome(former.outcome), carried - file.already_acquired
    blocks = {row.block: competencies.BlockOutcome(row.outcome) for row in former.blocks}
    if lost:
        blocks |= dict.fromkeys(lost, competencies.BlockOutcome.NOT_ACQUIRED)
        whole = whole if whole is competencies.WholeOutcome.ADJOURNED else competencies.propose_whole(blocks)
    return Ruling(
        blocks, whole, reason, {row.block: row.reason for row in former.blocks}, former.comment_training_body,
        former.comment_internal, former.retake_from,
    )  # fmt: skip


def made_of(
    ruling: Ruling, file: dossiers.CandidateFile, *, number: int, actor: Actor,
    kind: DecisionKind = DecisionKind.DELIBERATION, decided_on: date | None = None,
    counts: Mapping[str, competencies.VoteTally] | None = None, seats: Iterable[uuid.UUID] | None = None,
) -> JuryDecision:  # fmt: skip
    """Make the row of a decision from a sound ruling; what was acquired already is acquired in it too.

    An adjournment says nothing of the other blocks. Without `seats` those who took the one that stands keep it.
    """
    standing = file.candidate.decision
    if seats is None and standing is not None:
        seats = standing.seats
    basis = None
    if seats is not None:
        basis = {"seats": sorted(str(one) for one in seats), "carried": sorted(file.already_acquired)}
    proposed, counts = file.proposals, counts or {}
    said = {} if ruling.outcome is competencies.WholeOutcome.ADJOURNED else ruling.blocks
    outcomes = competencies.with_acquired(said, file.already_acquired)
    return JuryDecision(
        number=number, kind=kind, decided_on=decided_on, outcome=ruling.outcome.value, reason=ruling.reason.strip(),
        comment_training_body=ruling.comment_training_body.strip(), comment_internal=ruling.comment_internal.strip(),
        retake_from=ruling.retake_from, taken_at=clock.now(), taken_by_id=actor.user_id, basis=basis,
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
