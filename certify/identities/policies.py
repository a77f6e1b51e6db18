"""Rules about civil identities: whose they are, and what makes a registration number believable."""

from typing import Any

from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError
from stdnum.fr import nir

from certify.cohorts.models import Enrolment
from certify.core.access import Actor
from certify.core.i18n import lazy as _l
from competencies.civil_status import CivilStatus, Sex

NUMBER_LENGTH = 15
_FIRST_DIGIT = {Sex.MALE: "1", Sex.FEMALE: "2"}
_REAL_MONTHS = range(1, 13)


def is_own(actor: Actor, enrolment: Enrolment) -> bool:
    """Whether the identity is the actor's own: nobody checks their own document."""
    return enrolment.user_id == actor.user_id


def compact_number(number: str) -> str:
    """Return a registration number without its spaces."""
    return str(nir.compact(number))


def number_fault(number: str, status: CivilStatus | None) -> Any:
    """Say what is wrong with a registration number (NIR), never quoting it; None when it may be kept.

    The key is checked, then what the number says of sex, year and month against the civil status. The Caisse des Dépôts
    takes numbers that begin with 1 or 2.
    """
    try:
        compact = str(nir.validate(number))
    except InvalidLength:
        return _l("Ce numéro a quinze caractères, clé comprise. Recopiez-le en entier.")
    except InvalidChecksum:
        return _l("La clé ne correspond pas au numéro : un chiffre a été mal recopié.")
    except ValidationError:
        return _l("Ce numéro ne s’écrit qu’avec des chiffres, ou 2A et 2B pour la Corse.")
    if compact[0] not in _FIRST_DIGIT.values():
        return _l("Ce numéro est provisoire : attendez le numéro définitif, qui commence par 1 ou 2.")
    return _disagreement(compact, status) if status is not None else None


def _disagreement(compact: str, status: CivilStatus) -> Any:
    is_other_sex = status.sex is not None and compact[0] != _FIRST_DIGIT[status.sex]
    is_other_year = status.birth_year is not None and int(compact[1:3]) != status.birth_year % 100
    month = int(compact[3:5])
    # Beyond twelve, the month was unknown when the number was given.
    is_other_month = status.birth_month is not None and month in _REAL_MONTHS and month != status.birth_month
    if is_other_sex or is_other_year or is_other_month:
        return _l("Ce numéro ne va pas avec le sexe ou la naissance donnés plus haut. Vérifiez l’un et l’autre.")
    return None
