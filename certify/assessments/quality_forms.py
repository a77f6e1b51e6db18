"""What comes in from the pages that look after assessments: who may assess, what is drawn and verified."""

from typing import Any

from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import NumberRange, Optional

from certify.assessments.models import Verdict
from certify.assessments.queries import GrantPage
from certify.core import clock
from certify.core.forms import BaseForm, ChecklistField, DateField, SelectChoice, at_most, required, text_area
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l


class HabilitationForm(BaseForm):
    """Whom to let assess, on which blocks, between which days."""

    person = SelectField(_l("Personne habilitée"), [required(_l("Choisissez une personne."))])
    scope = RadioField(
        _l("Blocs"),
        [required(_l("Dites si l’habilitation porte sur tous les blocs."))],
        choices=[SelectChoice("all", _l("tous les blocs")), SelectChoice("some", _l("certains blocs"))],
        default="all",
    )
    blocks = ChecklistField(_l("Blocs choisis"), [Optional()])
    starts_on = DateField(_l("À partir du"), [required(_l("Indiquez le premier jour."))], default=clock.today)
    ends_on = DateField(_l("Jusqu’au"), [Optional()])

    def __init__(self, page: GrantPage, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        locale = current_locale()
        people = [SelectChoice(str(person.id), person.name) for person in page.people]
        self.person.choices = [SelectChoice("", _l("Choisissez…")), *people]
        self.blocks.choices = [
            SelectChoice(block.code, f"{block.number} {block.short_title.to(locale)}")
            for block in page.framework.blocks
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a block where only some are meant."""
        is_valid = bool(super().validate(extra_validators))
        if self.scope.data == "some" and not self.blocks.data:
            self.refuse("blocks", _l("Cochez au moins un bloc, ou choisissez tous les blocs."))
            return False
        return is_valid

    @property
    def chosen_blocks(self) -> list[str]:
        """The blocks meant; none stands for all."""
        return list(self.blocks.data or []) if self.scope.data == "some" else []


class DrawForm(BaseForm):
    """Which share of the assessments to verify."""

    percentage = IntegerField(
        _l("Part des évaluations de chaque personne, en pour cent"),
        [
            required(_l("Indiquez un pourcentage.")),
            NumberRange(1, 100, message=_l("Un pourcentage va de 1 à 100.")),
        ],
    )
    seed = StringField(_l("Graine du tirage"), [Optional(), at_most(40)])


class VerdictForm(BaseForm):
    """What the verifier says of one assessment."""

    verdict = RadioField(
        _l("Votre avis"),
        [required(_l("Choisissez un avis."))],
        choices=[SelectChoice(verdict.value, verdict.label) for verdict in Verdict],
    )
    comment = text_area(_l("Commentaire"), Optional(), rows=4, max_length=2000)
