"""What comes in about observations: from the trainee who asks, and from the referent who answers."""

import uuid
from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, EmailField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import AnyOf, InputRequired, Optional, ValidationError
from wtforms.widgets import HiddenInput

import competencies
from certify.cohorts.policies import is_email
from certify.core.forms import (
    BaseForm,
    ChecklistField,
    SelectChoice,
    at_most,
    filled,
    required,
    text_area,
)
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.core.templating import moment
from certify.groups.models import Meeting
from certify.observations.models import Way
from certify.observations.policies import NOT_OBSERVED, Draft, Seen
from certify.observations.queries import Asked
from certify.observations.services import Wish

COMMENT_LENGTH = 2000
_UNKNOWN_LEVEL = _l("Ce niveau n’existe pas : choisissez-en un de la liste.")


class AskForm(BaseForm):
    """Whom to ask, and what."""

    way = RadioField(
        _l("Comment la personne répond"),
        [required(_l("Choisissez comment la personne répond."))],
        choices=[
            SelectChoice(Way.MAIL.value, _l("Depuis un lien reçu par courriel, quand elle veut")),
            SelectChoice(Way.TOGETHER.value, _l("Maintenant, avec moi, sur mon appareil")),
        ],
        default=Way.MAIL.value,
    )
    referent_name = StringField(
        _l("Nom de la personne"),
        [filled(_l("Donnez le nom de la personne qui vous a observé·e.")), at_most(120)],
    )
    referent_role = StringField(
        _l("Sa fonction"),
        [filled(_l("Donnez la fonction de la personne.")), at_most(120)],
        description=_l("Par exemple : référente de groupe, éducatrice de jeunes enfants, coordinatrice de la Maison."),
    )
    referent_email = EmailField(
        _l("Son adresse e-mail"),
        [Optional(), at_most(254)],
        description=_l("Le lien y est envoyé. Sur votre appareil, elle sert à lui envoyer une copie de sa réponse."),
    )
    locale = SelectField(
        _l("Langue du courriel"),
        choices=[SelectChoice("fr", _l("Français")), SelectChoice("en", _l("Anglais"))],
        default="fr",
    )
    meeting = SelectField(
        _l("Rencontre observée"),
        [Optional()],
        coerce=lambda value: uuid.UUID(str(value)) if value else None,
        description=_l("Seule sa date est montrée à la personne."),
    )
    indicators = ChecklistField(_l("Ce que vous lui demandez d’observer"), validate_choice=False)
    message = text_area(
        _l("Message"),
        Optional(),
        description=_l("Ce qui l’aide à situer le moment. Aucun nom de parent ni d’enfant."),
        rows=4,
        max_length=1000,
    )

    def offer(self, framework: competencies.Framework, meetings: Sequence[Meeting]) -> "AskForm":
        """Offer the indicators of a framework and the trainee's meetings."""
        locale = current_locale()
        self.indicators.choices = [
            SelectChoice(one.code, f"{one.code} {one.wording.to(locale)}") for one in framework.indicators
        ]
        none = SelectChoice("", _l("Aucune en particulier"))
        self.meeting.choices = [none, *(SelectChoice(str(one.id), moment(one.starts_at)) for one in meetings)]
        return self

    def validate_referent_email(self, field: EmailField) -> None:
        """Refuse what is not one address."""
        if field.data and not is_email(field.data):
            raise ValidationError(_l("Ce n’est pas une adresse e-mail. Écrivez par exemple prenom.nom@exemple.fr."))

    def wish(self) -> Wish:
        """Return what is asked."""
        return Wish(
            Way(self.way.data), self.referent_name.data or "", self.referent_role.data or "",
            self.referent_email.data or "", self.locale.data or "fr", self.message.data or "",
            tuple(self.indicators.data or ()), self.meeting.data,
        )  # fmt: skip


class _Unaccounted(BaseForm):
    """A form sent by somebody without an account: the secret in its address stands for the token."""

    class Meta(BaseForm.Meta):
        """Where a session answers for somebody, the application itself checks its token before any form."""

        csrf = False


class AnswerForm(_Unaccounted):
    """What was observed, criterion by criterion; made for one request by `answer_form`."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    comment = text_area(_l("Commentaire général"), Optional(), rows=3, max_length=COMMENT_LENGTH)
    codes: tuple[str, ...] = ()

    def draft(self) -> Draft:
        """Return what was ticked and written."""
        seen = {code: Seen(self[f"level-{code}"].data or "", self[f"comment-{code}"].data or "") for code in self.codes}
        return Draft(seen, self.comment.data or "")

    def show(self, draft: Draft, revision: int) -> "AnswerForm":
        """Fill the form from what is saved."""
        self.comment.data = draft.comment
        for code, one in draft.seen.items():
            self[f"level-{code}"].data, self[f"comment-{code}"].data = one.choice, one.comment
        return self.stand_on(revision)

    def stand_on(self, revision: int) -> "AnswerForm":
        """Have the form start from what is saved now: sending it again is a decision."""
        self.revision.data, self.revision.raw_data = revision, None
        return self

    @property
    def known_revision(self) -> int:
        """The save the referent started from."""
        return int(self.revision.data or 0)


def answer_form(found: Asked) -> AnswerForm:
    """Return the form of one request, with a choice and a comment for each of its indicators."""
    codes = tuple(one.code for one in found.indicators)
    fields: dict[str, Any] = {"codes": codes}
    for code in codes:
        known = AnyOf([*found.framework.scale_of(code).codes, NOT_OBSERVED], message=_UNKNOWN_LEVEL)
        fields[f"level-{code}"] = StringField(code, [Optional(), known])
        fields[f"comment-{code}"] = text_area(
            _l("Commentaire sur %(code)s", code=code), Optional(), rows=2, max_length=COMMENT_LENGTH
        )
    kind: type[AnswerForm] = type("AnswerForm", (AnswerForm,), fields)
    return kind()


class SignForm(_Unaccounted):
    """The referent signs what they have read again."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    name = StringField(
        _l("Votre prénom et votre nom"),
        [filled(_l("Écrivez votre prénom et votre nom : c’est votre signature.")), at_most(120)],
    )
    has_observed = BooleanField(
        _l("Je certifie avoir observé ce que j’indique ici"),
        [required(_l("Cochez cette case si vous avez bien observé ce que vous indiquez."))],
    )


class CountersignForm(BaseForm):
    """The trainee signs what was answered beside them."""

    was_there = BooleanField(
        _l("Je certifie que cette personne a répondu et signé devant moi"),
        [required(_l("Cochez cette case pour signer."))],
    )
