"""What comes in from a browser about a move."""

import uuid
from collections.abc import Iterable

from wtforms import RadioField, SelectMultipleField, StringField

from certify.core.forms import BaseForm, SelectChoice, at_most, filled
from certify.core.i18n import lazy as _l
from certify.revisions.queries import Trainee
from certify.revisions.services import LONGEST_REASON

EVERYBODY = "all"


class MoveForm(BaseForm):
    """Whom to move, and why."""

    whom = RadioField(
        _l("Qui passe à cette version"),
        choices=[
            SelectChoice(EVERYBODY, _l("Toutes les personnes qui le peuvent")),
            SelectChoice("some", _l("Seulement les personnes cochées plus haut")),
        ],
        default=EVERYBODY,
    )
    enrolments = SelectMultipleField(_l("Personnes"))
    reason = StringField(
        _l("Motif"),
        [filled(_l("Écrivez le motif : il est gardé avec chaque passage.")), at_most(LONGEST_REASON)],
        description=_l("Par exemple : nouvelle version adoptée par l’organisme certificateur. Sans détail personnel."),
    )

    def offer(self, movable: Iterable[Trainee]) -> "MoveForm":
        """Offer the people who can be moved."""
        self.enrolments.choices = [SelectChoice(str(one.enrolment.id), one.person.name) for one in movable]
        return self

    def chosen(self, movable: Iterable[Trainee]) -> list[uuid.UUID]:
        """Return the enrolments chosen."""
        if self.whom.data == EVERYBODY:
            return [one.enrolment.id for one in movable]
        return [uuid.UUID(one) for one in self.enrolments.data or []]
