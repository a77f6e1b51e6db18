"""What comes in from the pages of LTI."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from wtforms import BooleanField, Form, FormField, SelectField, StringField
from wtforms.validators import Optional, ValidationError

from certify.cohorts.models import Cohort
from certify.cohorts.policies import is_email
from certify.core.access import Role
from certify.core.forms import BaseForm, ChecklistField, DateField, SelectChoice, at_most, filled, required, strip
from certify.core.i18n import lazy as _l
from certify.core.templating import day
from certify.lti.models import Target
from certify.lti.models.registrations import ADDRESS
from certify.lti.protocol import roles
from certify.lti.services.deep_linking import Wanted
from certify.lti.services.registrations import ROLES, Platform
from certify.lti.tool import USUAL
from certify.organisations.mails import role_name
from certify.organisations.models import Organisation

_PRODUCTS = [
    SelectChoice("", _l("Autre, ou je ne sais pas")),
    *(SelectChoice(one.product, one.name) for one in USUAL),
    SelectChoice("openedx", "Open edX"),
]


def _organisation_choices(organisations: Iterable[Organisation]) -> list[SelectChoice]:
    return [SelectChoice(str(one.id), one.name) for one in organisations]


class InvitationForm(BaseForm):
    """Which platform is invited, for whom."""

    label = StringField(_l("Nom de la plateforme"), [filled(), at_most(120)])
    organisation_id = SelectField(_l("Organisme de formation"), coerce=UUID)

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation_id.choices = _organisation_choices(organisations)


class PlatformForm(BaseForm):
    """Where a platform and its services are."""

    name = StringField(_l("Nom de la plateforme"), [filled(), at_most(120)])
    product = SelectField(_l("Logiciel"), choices=_PRODUCTS, validators=[Optional()])
    authorization_url = StringField(_l("Adresse d’authentification"), [filled(), at_most(ADDRESS)])
    token_url = StringField(_l("Adresse des jetons d’accès"), [filled(), at_most(ADDRESS)])
    jwks_url = StringField(_l("Adresse des clés publiques"), [filled(), at_most(ADDRESS)])
    token_audience = StringField(_l("Destinataire des jetons"), [Optional(), at_most(ADDRESS)])

    def platform(self, issuer: str, client_id: str, version: str = "") -> Platform:
        """Return what was typed as a platform."""
        return Platform(
            issuer=issuer,
            client_id=client_id,
            authorization_url=self.authorization_url.data or "",
            token_url=self.token_url.data or "",
            jwks_url=self.jwks_url.data or "",
            token_audience=self.token_audience.data or "",
            product=self.product.data or "",
            product_version=version,
        )

    def knows(self, product: str) -> None:
        """Offer the software a platform said it is, when it is none of the usual ones."""
        if all(product != choice.value for choice in _PRODUCTS):
            self.product.choices = [*_PRODUCTS, SelectChoice(product, product)]


class RegistrationForm(PlatformForm):
    """A platform copied by hand from its settings."""

    organisation_id = SelectField(_l("Organisme de formation"), coerce=UUID)
    issuer = StringField(_l("Émetteur"), [filled(), at_most(255)])
    client_id = StringField(_l("Identifiant client"), [filled(), at_most(255)])
    deployment_id = StringField(_l("Numéro de déploiement"), [Optional(), at_most(255)])

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation_id.choices = _organisation_choices(organisations)


def _role_field(name: str) -> SelectField:
    return SelectField(name, choices=[], validators=[Optional()])


class RolesForm(Form):
    """What each role of the platform is worth."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            nothing = SelectChoice("", _l("Aucun accès"))
            field.choices = [nothing, *(SelectChoice(role.value, role_name(Role(role))) for role in ROLES)]


for _name in roles.NAMES:
    setattr(RolesForm, _name, _role_field(_name))


class EditForm(PlatformForm):
    """A platform already known, and what its roles are worth."""

    roles = FormField(RolesForm, label=_l("Rôles"))
    opens_cohorts = BooleanField(_l("Les formateur·rices peuvent relier toute promotion de l’organisme"))


def worth(mapping: Mapping[str, str]) -> dict[str, str]:
    """Return what each role of a platform is worth, the defaults where the organisation changed nothing."""
    return {name: mapping.get(name, roles.DEFAULT_MAPPING.get(name) or "") for name in roles.NAMES}


def _identifier(value: Any) -> UUID:
    return UUID(str(value))


class CohortChoiceForm(BaseForm):
    """Which cohort a course stands for."""

    cohort_id = SelectField(_l("Promotion"), [required(_l("Choisissez une promotion."))], coerce=_identifier)

    def __init__(self, *args: Any, cohorts: Iterable[Cohort], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cohort_id.choices = [SelectChoice(str(one.id), _dated(one)) for one in cohorts]


def _dated(cohort: Cohort) -> Any:
    dates = {"name": cohort.name, "start": day(cohort.starts_on), "end": day(cohort.ends_on)}
    return _l("%(name)s, du %(start)s au %(end)s", **dates)


class NewCohortForm(BaseForm):
    """A cohort opened for a course."""

    name = StringField(_l("Nom de la promotion"), [filled(_l("Donnez un nom à la promotion.")), at_most(120)])
    starts_on = DateField(_l("Début"), [required(_l("Donnez une date."))])
    ends_on = DateField(_l("Fin"), [required(_l("Donnez une date."))])


TARGETS = {
    Target.LOGBOOK: _l("Mon cahier de suivi"),
    Target.GROUP: _l("Mon groupe"),
    Target.REVIEWS: _l("Fiches à relire"),
    Target.PROGRESS: _l("Progression"),
    Target.SELF_ASSESSMENT: _l("Mon auto-évaluation"),
    Target.CERTIFICATE: _l("Mon certificat"),
}
"""What a link may open, with the title it is given unless the teacher writes another."""


class LinkForm(Form):
    """The title and the grade column of one link."""

    title = StringField(_l("Titre dans le cours"), [at_most(160)], filters=[strip])
    # The verb knows which parts there are; a platform that makes no column is asked for none.
    part = SelectField(_l("Colonne de notes"), choices=[SelectChoice("", _l("Aucune"))], validate_choice=False)


class LinksForm(BaseForm):
    """What the links placed in a course open."""

    targets = ChecklistField(
        _l("Ce que le lien ouvre"),
        [required(_l("Choisissez au moins un lien."))],
        choices=[SelectChoice(one.value, words) for one, words in TARGETS.items()],
    )

    def __init__(self, *args: Any, parts: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [SelectChoice("", _l("Aucune")), *(SelectChoice(part, words) for part, words in parts)]
        for link in self.links.values():
            link.form.part.choices = offered

    @property
    def links(self) -> dict[Target, Any]:
        """The title and column of each target."""
        return {target: self[target.name.lower()] for target in TARGETS}

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Ask a title of the chosen links, of no other."""
        is_valid: bool = super().validate(extra_validators)
        for target, link in self.links.items():
            title = link.form.title
            if target.value in (self.targets.data or ()) and not title.data:
                title.errors = [*title.errors, _l("Donnez un titre à ce lien.")]
                is_valid = False
        return is_valid

    def wanted(self) -> list[Wanted]:
        """Return the links chosen."""
        chosen = {target: self.links[target].form for target in TARGETS if target.value in (self.targets.data or ())}
        return [Wanted(target, link.title.data, link.part.data or "") for target, link in chosen.items()]


for _target, _words in TARGETS.items():
    setattr(LinksForm, _target.name.lower(), FormField(LinkForm, label=_words))


class AccountForm(BaseForm):
    """The account that a person of a platform is."""

    email = StringField(_l("Adresse électronique du compte"), [filled(), at_most(254)])

    def validate_email(self, field: StringField) -> None:
        """Refuse what is no address."""
        if not is_email(field.data or ""):
            raise ValidationError(_l("Ce n’est pas une adresse électronique."))


class PersonNameForm(BaseForm):
    """The name of somebody whom the platform does not name."""

    given_name = StringField(_l("Prénom"), [Optional(), at_most(80)])
    family_name = StringField(_l("Nom"), [filled(_l("Donnez au moins un nom.")), at_most(80)])
