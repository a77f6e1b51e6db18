"""What comes in once a session has members and candidates: needs, declarations, derogations, reasons."""

import uuid
from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from certify.core.forms import BaseForm, ChecklistField, SelectChoice, at_most, filled, text_area
from certify.core.i18n import lazy as _l
from certify.groups.forms.meetings import HourField
from certify.juries.models import LinkDeclaration
from certify.juries.policies import Presented
from certify.juries.services.candidacies import MOST_EXTRA_TIME
from certify.juries.services.declaring import DECLARABLE, OTHER

LINKS = {
    "trained": _l("je l’ai formé·e"),
    "assessed": _l("je l’ai évalué·e pendant son parcours"),
    "supervised": _l("je l’ai encadré·e sur le terrain"),
    "observed": _l("j’ai observé une de ses rencontres"),
    "employed": _l("je l’emploie ou l’ai employé·e"),
    "accompanied": _l("je l’ai accompagné·e vers la certification"),
    "same_house": _l("j’exerce dans la même Maison"),
    OTHER: _l("un autre lien"),
}
"""What a member may declare, in their own words."""
_LONGEST_REASON = 2000
_LONGEST_ACCOUNT = 300


class NeedsForm(BaseForm):
    """When a candidate is expected, and what is to be arranged."""

    passes_at = HourField(_l("Heure de passage"), [Optional()], description=_l("Dite dans la convocation."))
    extra_time_percent = IntegerField(
        _l("Temps supplémentaire, en pour cent"),
        [InputRequired(_l("Écrivez 0 s’il n’y en a pas.")),
         NumberRange(0, MOST_EXTRA_TIME, _l("Le temps supplémentaire va de 0 à 100 %%."))],
        default=0, description=_l("Un tiers temps : 33."),
    )  # fmt: skip
    arrangements = text_area(
        _l("Aménagements"), Optional(), rows=3, max_length=1000,
        description=_l("Ce qui est à prévoir (salle, interprète, pauses), jamais pourquoi : le jury le lit."),
    )  # fmt: skip


class ReasonForm(BaseForm):
    """Why a session goes back to the step before."""

    reason = text_area(
        _l("Motif"), filled(), rows=2, max_length=_LONGEST_REASON, description=_l("Il reste dans le journal.")
    )


class DerogationForm(BaseForm):
    """Why a rule of composition is set aside, and for whom."""

    enrolments = ChecklistField(_l("Candidatures concernées"), [])
    reason = text_area(
        _l("Motif de la dérogation"), filled(), rows=4, max_length=_LONGEST_REASON,
        description=_l("Le jury le lit, et il figure au procès-verbal. Ne nommez personne."),
    )  # fmt: skip

    def offer(self, people: dict[str, str]) -> None:
        """Give the candidates for whom the rule is not kept."""
        self.enrolments.choices = [SelectChoice(key, name) for key, name in people.items()]
        if people:
            self.enrolments.validators = [InputRequired(_l("Cochez au moins une candidature."))]

    @property
    def chosen(self) -> list[uuid.UUID]:
        """The enrolments concerned; none for the whole session."""
        return [uuid.UUID(one) for one in self.enrolments.data or []]


class DeclarationForm(BaseForm):
    """A member's declaration; `declaration_form` adds the two fields of each candidate."""

    agreed = BooleanField(
        _l("J’ai lu la liste des personnes candidates et je signe cette déclaration."),
        [InputRequired(_l("Cochez cette case pour signer."))],
    )
    candidates: Sequence[Presented]

    @property
    def links(self) -> dict[uuid.UUID, tuple[str, str]]:
        """The links declared, by candidacy."""
        said = {one.candidacy_id: (self[f"link-{one.candidacy_id}"].data or "", self[_account(one)].data or "")
                for one in self.candidates}  # fmt: skip
        return {candidacy_id: (link, account) for candidacy_id, (link, account) in said.items() if link}


def _account(one: Presented) -> str:
    return f"account-{one.candidacy_id}"


def declaration_form(candidates: Sequence[Presented], last: LinkDeclaration | None) -> DeclarationForm:
    """Make the form of a declaration on these candidates, filled with what the last one said."""
    choices = [SelectChoice("", _l("aucun lien"))]
    choices += [SelectChoice(code, LINKS[code]) for code in (*DECLARABLE, OTHER)]
    fields: dict[str, Any] = {"candidates": candidates}
    for one in candidates:
        name = f"link-{one.candidacy_id}"
        fields[name] = SelectField(_l("Lien avec %(name)s", name=one.name), choices=choices)
        fields[_account(one)] = StringField(
            _l("Précision sur ce lien avec %(name)s", name=one.name), [Optional(), at_most(_LONGEST_ACCOUNT)]
        )
    values: dict[str, str] = {}
    for link in last.links if last else ():
        values |= {f"link-{link.candidacy_id}": link.conflict, f"account-{link.candidacy_id}": link.account}
    form: DeclarationForm = type("CandidatesDeclarationForm", (DeclarationForm,), fields)(data=values)
    return form
