"""What comes in from the pages of groups: opening one, changing it, closing it, who facilitates it."""

import uuid
from collections.abc import Iterable
from typing import Any

from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from certify.accounts.models import User
from certify.core import clock
from certify.core.forms import BaseForm, ChecklistField, DateField, SelectChoice, at_most, filled, not_after, required
from certify.core.i18n import lazy as _l
from certify.groups.models import ClosingReason, PeerGroup
from certify.groups.queries.groups import Candidate, as_id
from certify.organisations.models import Organisation

CODE_HINT = _l("Lettres, chiffres et tirets : par exemple ROUBAIX-03. Ni un nom, ni un prénom.")
PLACE_HINT = _l("La crèche, le centre social, la PMI… où le groupe se réunit. Jamais l’adresse d’une famille.")


class PlaceFields(BaseForm):
    """What says where a group meets, and who follows it."""

    code = StringField(
        _l("Code du groupe"), [filled(_l("Donnez un code au groupe.")), at_most(20)], description=CODE_HINT
    )
    opened_on = DateField(_l("Ouverture du groupe"), [required(_l("Indiquez le jour d’ouverture du groupe."))])
    house_id = SelectField(_l("Maison"), [Optional()], coerce=lambda value: as_id(str(value or "")))
    place = StringField(_l("Lieu d’accueil"), [Optional(), at_most(160)], description=PLACE_HINT)
    referent_id = SelectField(
        _l("Référent·e"),
        [Optional()],
        coerce=lambda value: as_id(str(value or "")),
        description=_l("La personne qui suit le groupe et reçoit ses alertes."),
    )

    def offer(self, houses: Iterable[Organisation], referents: Iterable[User]) -> None:
        """Set the houses and people to choose from."""
        self.house_id.choices = [
            SelectChoice("", _l("Aucune Maison")), *(SelectChoice(str(one.id), one.name) for one in houses)
        ]  # fmt: skip
        self.referent_id.choices = [
            SelectChoice("", _l("Personne pour l’instant")),
            *(SelectChoice(str(one.id), one.name) for one in referents),
        ]


class OpenForm(PlaceFields):
    """A group to open."""

    facilitators = ChecklistField(
        _l("Qui accompagne le groupe"),
        [InputRequired(_l("Choisissez au moins une personne."))],
        coerce=uuid.UUID,
        description=_l("Parmi les personnes inscrites dans vos promotions."),
    )

    def offer_facilitators(self, candidates: Iterable[Candidate]) -> None:
        """Set the trainees to choose from."""
        self.facilitators.choices = [SelectChoice(str(one.enrolment.id), one.name) for one in candidates]


class AmendForm(PlaceFields):
    """A group to change, as it was when the page was opened."""

    revision = IntegerField(widget=HiddenInput(), validators=[required()])

    @classmethod
    def showing(cls, group: PeerGroup) -> "AmendForm":
        """Return the form as it was sent, or as the group stands."""
        return cls(**cls._facts(group))

    @classmethod
    def blank(cls, group: PeerGroup) -> "AmendForm":
        """Return the form as the group stands, whatever was sent."""
        return cls(formdata=None, **cls._facts(group))

    @staticmethod
    def _facts(group: PeerGroup) -> dict[str, Any]:
        return {
            "code": group.code, "opened_on": group.opened_on, "place": group.place, "house_id": group.house_id,
            "referent_id": group.referent_id, "revision": group.revision,
        }  # fmt: skip


class CloseForm(BaseForm):
    """The last day of a group, and why."""

    closed_on = DateField(
        _l("Dernier jour du groupe"),
        [
            required(_l("Indiquez le dernier jour du groupe.")),
            not_after(clock.today, _l("Ce jour n’est pas encore venu.")),
        ],
    )
    reason = RadioField(
        _l("Raison"),
        [required(_l("Choisissez une raison."))],
        choices=[SelectChoice(one.value, one.label) for one in ClosingReason],
        coerce=lambda value: ClosingReason(value) if value in set(ClosingReason) else None,
    )


class FacilitatorForm(BaseForm):
    """Somebody who facilitates a group from a day on."""

    enrolment_id = SelectField(
        _l("Personne"), [filled(_l("Choisissez une personne."))], coerce=lambda v: as_id(str(v or ""))
    )
    starts_on = DateField(_l("Accompagne le groupe depuis le"), [required(_l("Indiquez le premier jour."))])

    def __init__(self, *args: Any, candidates: Iterable[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.enrolment_id.choices = [
            SelectChoice("", _l("Choisissez…")), *(SelectChoice(str(one.enrolment.id), one.name) for one in candidates)
        ]  # fmt: skip


class EndForm(BaseForm):
    """The day from which somebody no longer facilitates a group."""

    ends_on = DateField(
        _l("N’accompagne plus le groupe à partir du"), [required(_l("Indiquez le premier jour sans cette personne."))]
    )


class ButtonForm(BaseForm):
    """A button alone."""
