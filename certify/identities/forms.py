"""What comes in about civil identities."""

from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from certify.core import clock
from certify.core.forms import BaseForm, SelectChoice, at_most, filled, required
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.identities.models import ProofKind
from competencies.civil_status import NAME_LENGTH, CivilStatus, Sex, tidy
from competencies.countries import countries

_MONTHS = (
    _l("janvier"), _l("février"), _l("mars"), _l("avril"), _l("mai"), _l("juin"), _l("juillet"), _l("août"),
    _l("septembre"), _l("octobre"), _l("novembre"), _l("décembre"),
)  # fmt: skip


def _number(label: Any, *validators: Any, **kwargs: Any) -> Any:
    return IntegerField(label, list(validators), render_kw={"inputmode": "numeric"}, **kwargs)


class IdentityForm(BaseForm):
    """A civil status, as the document has it."""

    given_names = StringField(
        _l("Prénoms"), [filled(_l("Donnez au moins un prénom.")), at_most(600)],
        description=_l("Tous, dans l’ordre du document, séparés par des virgules."),
    )  # fmt: skip
    birth_name = StringField(_l("Nom de naissance"), [filled(_l("Donnez le nom de naissance.")), at_most(NAME_LENGTH)])
    usage_name = StringField(
        _l("Nom d’usage"), [Optional(), at_most(NAME_LENGTH)],
        description=_l("Seulement s’il est écrit sur le document."),
    )  # fmt: skip
    sex = RadioField(
        _l("Sexe écrit sur le document"), [required(_l("Indiquez le sexe écrit sur le document."))],
        choices=[SelectChoice("F", _l("féminin")), SelectChoice("M", _l("masculin"))],
    )  # fmt: skip
    birth_day = _number(_l("Jour"), Optional())
    birth_month = SelectField(
        _l("Mois"), [Optional()], coerce=lambda value: version_number(str(value or "")) or None,
        choices=[SelectChoice("", "–"), *(SelectChoice(str(n), name) for n, name in enumerate(_MONTHS, 1))],
    )  # fmt: skip
    birth_year = _number(_l("Année"), InputRequired(_l("Donnez au moins l’année de naissance, en chiffres.")))
    birth_country = SelectField(_l("Pays de naissance"), [required(_l("Choisissez le pays de naissance."))])
    birth_commune_code = StringField(
        _l("Code officiel de la commune"), [Optional(), at_most(5)],
        description=_l("Né·e en France : ce code de l’Insee suffit, par exemple 59350. Ce n’est pas le code postal."),
    )  # fmt: skip
    birth_postal_code = StringField(
        _l("Code postal"), [Optional(), at_most(5)],
        description=_l("Né·e en France, sans le code officiel : le code postal et la commune."),
    )  # fmt: skip
    birth_commune = StringField(
        _l("Commune ou ville de naissance"), [Optional(), at_most(NAME_LENGTH)],
        description=_l("Né·e à l’étranger : la ville, telle que le document l’écrit."),
    )  # fmt: skip
    proof = SelectField(
        _l("Document"), [required(_l("Choisissez le document que vous avez sous les yeux."))],
        choices=[SelectChoice(one.value, one.label) for one in ProofKind], coerce=ProofKind,
    )  # fmt: skip
    known = HiddenField()
    """Number of the version the page showed."""

    def offer_countries(self) -> None:
        """Give the countries to choose from."""
        self.birth_country.choices = [SelectChoice(code, name) for code, name in countries().items()]

    @classmethod
    def showing(cls, status: CivilStatus | None, proof: ProofKind | None, known: int) -> "IdentityForm":
        """Make the form of what is known so far; what a browser sends back takes its place."""
        values: dict[str, Any] = {"known": str(known), "proof": proof or ProofKind.IDENTITY_CARD}
        if status is not None:
            values |= {name: getattr(status, name) for name in _COPIED}
            values |= {"given_names": ", ".join(status.given_names), "sex": status.sex.value if status.sex else None}
        form = cls(data=values)
        form.offer_countries()
        return form

    def status(self) -> CivilStatus:
        """Return what was typed."""
        texts = {name: tidy(getattr(self, name).data or "") for name in _TEXTS}
        numbers = {name: getattr(self, name).data for name in ("birth_year", "birth_month", "birth_day")}
        given = (tidy(name) for name in (self.given_names.data or "").split(","))
        return CivilStatus(
            given_names=tuple(name for name in given if name), sex=Sex(self.sex.data) if self.sex.data else None,
            **texts | numbers,
        )  # fmt: skip

    def validate(self, extra_validators: Any = None) -> bool:
        """Show each fault beside its field."""
        is_valid = super().validate(extra_validators)
        if is_valid:
            for fault in self.status().faults(clock.today()):
                self.refuse(fault.field, fault.message.to(current_locale()))
        return is_valid and not self.errors

    def known_number(self) -> int:
        """Return the version the page showed, 0 for none."""
        return version_number(self.known.data or "")


def version_number(text: str) -> int:
    """Return the number of a version that a page sent back, 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


_COPIED = (
    "birth_name", "usage_name", "birth_year", "birth_month", "birth_day", "birth_country", "birth_commune_code",
    "birth_postal_code", "birth_commune",
)  # fmt: skip
_TEXTS = ("birth_name", "usage_name", "birth_country", "birth_commune_code", "birth_postal_code", "birth_commune")


class CorrectionForm(IdentityForm):
    """A civil status written by the staff, with the document in hand."""

    is_compared = BooleanField(
        _l("Je l’ai recopiée sur le document, que j’ai sous les yeux."),
        [InputRequired(_l("Cochez cette case une fois l’identité comparée au document."))],
    )


class NumberForm(BaseForm):
    """A registration number (NIR); never shown again once sent."""

    number = StringField(
        _l("Numéro de sécurité sociale"), [filled(_l("Écrivez les quinze caractères du numéro."))],
        description=_l("Quinze caractères, clé comprise. Facultatif : il évite les confusions entre personnes."),
        render_kw={"autocomplete": "off"},
    )  # fmt: skip

    def hide(self) -> "NumberForm":
        """Forget what was typed, so that a refused page does not carry it back."""
        self.number.data = ""
        return self


def month_name(month: int | None) -> str:
    """Return the name of a month."""
    return str(_MONTHS[month - 1]) if month else ""


def birth_in_words(status: CivilStatus) -> str:
    """Return what is known of a birth date: « 3 novembre 1992 », « novembre 1992 » or « 1992 »."""
    parts = (str(status.birth_day) if status.birth_day else "", month_name(status.birth_month), str(status.birth_year))
    return " ".join(part for part in parts if part)


def place_in_words(status: CivilStatus) -> str:
    """Return what is known of a place of birth."""
    country = countries().get(status.birth_country, "")
    if status.birth_commune_code:
        return _("commune de code %(code)s, %(country)s", code=status.birth_commune_code, country=country)
    town = " ".join(part for part in (status.birth_postal_code, status.birth_commune) if part)
    return f"{town}, {country}" if country else town
