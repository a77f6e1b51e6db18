"""What comes in while a jury deliberates and after: presence, votes, decisions, signatures, appeals."""

from collections.abc import Sequence
from typing import Any

from wtforms import IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import HiddenInput

import competencies
from certify.core import clock
from certify.core.forms import BaseForm, ChecklistField, DateField, SelectChoice, filled, required, text_area
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.juries.forms import BLOCK_OUTCOMES, WHOLE_OUTCOMES
from certify.juries.models import DecisionKind, JuryDecision
from certify.juries.services import Ruling

_REASON_LENGTH = 4000
ABSTENTION = "abstention"


class PresenceForm(BaseForm):
    """Who is there."""

    present = ChecklistField(
        _l("Membres présents"), [InputRequired(_l("Cochez les membres qui siègent."))],
        description=_l("Un membre suppléant coché siège à la place d’une personne absente ou récusée."),
    )  # fmt: skip

    def offer(self, members: dict[str, Any]) -> None:
        """Give the members to choose from: words by seat."""
        self.present.choices = [SelectChoice(key, name) for key, name in members.items()]


class RecusalForm(BaseForm):
    """Somebody stands aside for a candidate."""

    seat = RadioField(_l("Membre qui se retire"), [required(_l("Choisissez un membre."))])
    why = text_area(
        _l("Motif de la récusation"), Optional(), rows=2, max_length=1000,
        description=_l("Il figure au procès-verbal. N’y nommez personne."),
    )  # fmt: skip

    def offer(self, members: dict[str, str]) -> None:
        """Give the members to choose from: names by seat."""
        self.seat.choices = [SelectChoice(key, name) for key, name in members.items()]


class VoteForm(BaseForm):
    """A member's vote on each block; `vote_form` adds the two fields of each."""

    blocks: Sequence[competencies.Block]

    @property
    def outcomes(self) -> dict[str, competencies.BlockOutcome | None]:
        """What is said of each block, None for an abstention."""
        said = {block.code: self[f"vote-{block.code}-outcome"].data for block in self.blocks}
        return {code: None if value == ABSTENTION else competencies.BlockOutcome(value) for code, value in said.items()}

    @property
    def comments(self) -> dict[str, str]:
        """The notes, by block."""
        return {block.code: self[f"vote-{block.code}-comment"].data or "" for block in self.blocks}


def vote_form(blocks: Sequence[competencies.Block], **values: Any) -> VoteForm:
    """Make the form of a vote on these blocks."""
    choices = [SelectChoice(key.value, label) for key, label in BLOCK_OUTCOMES.items()]
    choices.append(SelectChoice(ABSTENTION, _l("abstention")))
    fields: dict[str, Any] = {"blocks": blocks}
    for block in blocks:
        label = _l("Votre vote sur le bloc %(number)s", number=block.number)
        comment = _l("Note pour la délibération, bloc %(number)s", number=block.number)
        fields[f"vote-{block.code}-outcome"] = RadioField(
            label, [required(_l("Choisissez, ou abstenez-vous."))], choices=choices
        )
        fields[f"vote-{block.code}-comment"] = text_area(comment, Optional(), rows=2, max_length=_REASON_LENGTH)
    form: VoteForm = type("BlockVoteForm", (VoteForm,), fields)(data=values)
    return form


def _not_later(_form: Any, field: Any) -> None:
    if field.data is not None and field.data > clock.today():
        raise ValidationError(_l("Cette date est à venir."))


class DecisionForm(BaseForm):
    """A decision on one candidate; `decision_form` adds the two fields of each block."""

    expected = IntegerField(_l("Décision précédente"), [InputRequired()], widget=HiddenInput())
    outcome = RadioField(
        _l("Décision globale"), [required(_l("Choisissez la décision globale."))],
        choices=[SelectChoice(key.value, label) for key, label in WHOLE_OUTCOMES.items()],
    )  # fmt: skip
    reason = text_area(
        _l("Commentaire à la personne candidate"), Optional(), rows=3, max_length=_REASON_LENGTH,
        description=_l("Le motif de la décision : il figure au procès-verbal et sur l’extrait qui lui est remis."),
    )  # fmt: skip
    retake_from = DateField(
        _l("Peut se représenter à partir du"), [Optional()],
        description=_l("Pour ce qui reste à acquérir. Laissez vide si rien n’est à préciser."),
    )  # fmt: skip
    comment_training_body = text_area(
        _l("Commentaire à l’organisme de formation"), Optional(), rows=3, max_length=_REASON_LENGTH,
        description=_l("Lu par la coordination de l’organisme de formation, pas par la personne candidate."),
    )  # fmt: skip
    comment_internal = text_area(
        _l("Commentaire interne"), Optional(), rows=3, max_length=_REASON_LENGTH,
        description=_l("Lu par le jury et l’organisme certificateur seulement. Il n’est pas au procès-verbal."),
    )  # fmt: skip
    framework: competencies.Framework
    proposed: dict[str, competencies.BlockOutcome]
    already: frozenset[str]
    voted: dict[str, competencies.BlockOutcome]

    @property
    def decided_blocks(self) -> list[competencies.Block]:
        """The blocks that are decided on."""
        return [block for block in self.framework.blocks if block.code not in self.already]

    @property
    def blocks(self) -> dict[str, competencies.BlockOutcome]:
        """What is decided on each block, so far."""
        chosen = {block.code: self[f"block-{block.code}-outcome"].data for block in self.decided_blocks}
        return {code: competencies.BlockOutcome(value) for code, value in chosen.items() if value}

    @property
    def ruling(self) -> Ruling:
        """What the form says, once it is valid."""
        return Ruling(
            self.blocks, competencies.WholeOutcome(self.outcome.data), self.reason.data or "",
            {block.code: self[f"block-{block.code}-reason"].data or "" for block in self.decided_blocks},
            self.comment_training_body.data or "", self.comment_internal.data or "", self.retake_from.data,
        )  # fmt: skip

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then the rules of decisions; each rule not kept is shown beside its field."""
        if not super().validate(extra_validators):
            return False
        said = self.ruling
        violations = competencies.check_decision(
            self.framework, blocks=said.blocks, whole=said.outcome, proposed=self.proposed, reasons=said.reasons,
            whole_reason=said.reason, already=self.already, voted=self.voted,
        )  # fmt: skip
        for violation in violations:
            self.refuse(self._field_of(violation), violation.message.to(current_locale()))
        return not violations

    def _field_of(self, violation: competencies.Violation) -> str:
        if violation.who is not None:
            return f"block-{violation.who}-{'outcome' if violation.code == 'block_undecided' else 'reason'}"
        return "reason" if violation.code == "whole_reason_missing" else "outcome"


class AdjournmentForm(BaseForm):
    """Why the decision on a candidate is put off."""

    expected = IntegerField(_l("Décision précédente"), [InputRequired()], widget=HiddenInput())
    reason = text_area(
        _l("Motif de l’ajournement"), filled(_l("Écrivez le motif : la personne candidate le lira.")), rows=3,
        max_length=_REASON_LENGTH,
    )  # fmt: skip


class LaterDecisionForm(DecisionForm):
    """A correction of a published decision, on its own day."""

    decided_on = DateField(_l("Date de la décision"), [required(), _not_later])


class AnswerForm(DecisionForm):
    """The answer to an appeal; the decision counts only when it is upheld."""

    verdict = RadioField(
        _l("Réponse au recours"), [required(_l("Choisissez la réponse."))],
        choices=[
            SelectChoice("upheld", _l("recours accueilli : une nouvelle décision")),
            SelectChoice("refused", _l("recours rejeté : la décision ne change pas")),
        ],
    )  # fmt: skip
    answer = text_area(
        _l("Réponse à la personne candidate"), filled(_l("Écrivez la réponse.")), rows=4, max_length=_REASON_LENGTH
    )
    answered_on = DateField(_l("Date de la réponse"), [required(), _not_later])

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the decision only when there is one."""
        return self._is_answered() if self.verdict.data == "refused" else super().validate(extra_validators)

    def _is_answered(self) -> bool:
        found = [self[name].validate(self) for name in ("verdict", "answer", "answered_on", "expected")]
        return all(found)


class BringingBackForm(AnswerForm):
    """The answer to an appeal against a withdrawal: upheld, what was taken back is back, with nothing to fill in."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the answer alone."""
        return self._is_answered()


def decision_form(
    framework: competencies.Framework, proposed: dict[str, competencies.BlockOutcome], already: frozenset[str],
    base: type[DecisionForm] = DecisionForm, *, voted: dict[str, competencies.BlockOutcome] | None = None,
    **values: Any,
) -> Any:  # fmt: skip
    """Make the form of a decision on this framework's blocks, but those acquired already."""
    fields: dict[str, Any] = {"framework": framework, "proposed": proposed, "already": already, "voted": voted or {}}
    choices = [SelectChoice(key.value, label) for key, label in BLOCK_OUTCOMES.items()]
    for block in framework.blocks:
        if block.code not in already:
            label = _l("Bloc %(number)s", number=block.number)
            motive = _l("Motif pour le bloc %(number)s", number=block.number)
            fields[f"block-{block.code}-outcome"] = RadioField(label, [Optional()], choices=choices)
            fields[f"block-{block.code}-reason"] = text_area(motive, Optional(), rows=2, max_length=_REASON_LENGTH)
    return type("BlockDecisionForm", (base,), fields)(data=values)


def standing_values(decision: JuryDecision) -> dict[str, Any]:
    """Return what fills a form of decision with the one that stands; the form asks the day of a later one anew."""
    values: dict[str, Any] = {
        "expected": decision.number, "outcome": decision.outcome, "reason": decision.reason,
        "comment_training_body": decision.comment_training_body, "comment_internal": decision.comment_internal,
        "retake_from": decision.retake_from,
    }  # fmt: skip
    for row in decision.blocks:
        values |= {f"block-{row.block}-outcome": row.outcome, f"block-{row.block}-reason": row.reason}
    return values


class WithdrawalForm(BaseForm):
    """A published decision taken back, or brought back."""

    expected = IntegerField(_l("Décision précédente"), [InputRequired()], widget=HiddenInput())
    kind = RadioField(
        _l("Ce qui est décidé"), [required(_l("Choisissez ce qui est décidé."))],
        choices=[
            SelectChoice(DecisionKind.FRAUD.value, DecisionKind.FRAUD.label),
            SelectChoice(DecisionKind.CANCELLATION.value, DecisionKind.CANCELLATION.label),
        ],
    )  # fmt: skip
    decided_on = DateField(_l("Date de la décision"), [required(), _not_later])
    reason = text_area(
        _l("Motif"), filled(_l("Écrivez le motif : la personne candidate le lira.")), rows=4, max_length=_REASON_LENGTH
    )


class ReinstatementForm(BaseForm):
    """A decision brought back after it was taken back."""

    expected = IntegerField(_l("Décision précédente"), [InputRequired()], widget=HiddenInput())
    decided_on = DateField(_l("Date de la décision"), [required(), _not_later])
    reason = text_area(
        _l("Motif du rétablissement"), filled(_l("Écrivez le motif : la personne candidate le lira.")), rows=4,
        max_length=_REASON_LENGTH,
    )  # fmt: skip


class AppealForm(BaseForm):
    """A candidate contests a decision."""

    grounds = text_area(
        _l("Pourquoi contestez-vous cette décision ?"), filled(_l("Écrivez pourquoi vous contestez cette décision.")),
        rows=6, max_length=_REASON_LENGTH,
        description=_l("Écrivez ce qui n’a pas été vu ou respecté. Ne nommez ni enfant ni parent."),
    )  # fmt: skip


class LetterForm(BaseForm):
    """An appeal received on paper, noted by the registrar."""

    received_on = DateField(_l("Reçu le"), [required(), _not_later])
    grounds = text_area(
        _l("Motifs du recours"), filled(_l("Écrivez les motifs du recours.")), rows=4, max_length=_REASON_LENGTH
    )


class SignForm(BaseForm):
    """The code that signs."""

    code = StringField(
        _l("Code à six chiffres"), [filled(_l("Tapez le code à six chiffres."))],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "9"},
    )  # fmt: skip

    def validate_code(self, field: Any) -> None:
        """Refuse what is not six digits, spaces aside."""
        field.data = "".join((field.data or "").split())
        if not (field.data.isascii() and field.data.isdigit() and len(field.data) == 6):
            raise ValidationError(_l("Un code compte six chiffres."))


class UnsignedForm(BaseForm):
    """Why a member who sat does not sign."""

    seat = RadioField(_l("Membre qui ne signe pas"), [required(_l("Choisissez un membre."))])
    why_unsigned = text_area(
        _l("Pourquoi cette personne ne signe pas"), filled(_l("Écrivez pourquoi : le procès-verbal l’indique.")),
        rows=2, max_length=1000,
    )  # fmt: skip

    def offer(self, members: dict[str, str]) -> None:
        """Give the members to choose from: names by seat."""
        self.seat.choices = [SelectChoice(key, name) for key, name in members.items()]


class StepBackForm(BaseForm):
    """Why a session goes back."""

    reason = text_area(
        _l("Motif"), filled(_l("Écrivez pourquoi : le motif reste au journal.")), rows=2, max_length=1000
    )
