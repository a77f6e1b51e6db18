"""The rules a line keeps whatever the schema lets through, and the delays of the law."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from certify.declarations.passages import KNOWN_ACCESS, Passage
from competencies.civil_status import CivilFault
from competencies.framework import Text
from competencies.vae import add_months

MONTHS_TO_DECLARE = 3
"""From the day of issue, then from a request for corrected data (C. trav. R6113-17-2)."""
SOON_DAYS = 30
MOST_LINES = 50_000
"""In one file: the portal takes 200 MB."""

_REFERENCES = {"RNCP": re.compile(r"RNCP[0-9]{1,6}"), "RS": re.compile(r"RS[0-9]{1,6}")}
_NUMBER = re.compile(r"[12][0-9]{4}(?:2[AB]|[0-9]{2})[0-9]{6}(?:[0-9]{2})?")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def due_on(issued_on: date) -> date:
    """Return the last day to declare something issued, or asked again, on a day (C. trav. R6113-17-2)."""
    return add_months(issued_on, MONTHS_TO_DECLARE)


@dataclass(frozen=True, slots=True)
class LineFault:
    """One thing wrong in one line."""

    technical_id: str
    field: str
    message: Text


def faults_of(passage: Passage, today: date) -> Iterator[LineFault]:
    """Say everything that would have a line rejected, that the schema catches or not."""
    award = passage.award
    if not 1 <= len(passage.technical_id) <= 255 or _CONTROLS.search(passage.technical_id):
        yield LineFault(passage.technical_id[:60], "idTechnique", _NO_TECHNICAL_ID)
    reference = _REFERENCES.get(award.certification.register)
    if reference is None or not reference.fullmatch(award.certification.reference):
        yield LineFault(passage.technical_id, "code", _NOT_A_REFERENCE)
    yield from (LineFault(passage.technical_id, name, _NO_SUCH_DAY) for name in passage.impossible_days)
    if award.issued_on is None:
        if "dateDebutValidite" not in passage.impossible_days:
            yield LineFault(passage.technical_id, "dateDebutValidite", _NO_ISSUE_DAY)
    elif award.issued_on > today or (award.valid_until is not None and award.valid_until < award.issued_on):
        yield LineFault(passage.technical_id, "dateFinValidite", _DATES_CROSSED)
    if award.access and award.access not in KNOWN_ACCESS:
        yield LineFault(passage.technical_id, "modaliteAcces", _UNKNOWN_ACCESS)
    if award.access == "VAE" and not award.vae_route:
        yield LineFault(passage.technical_id, "voieAccessVAE", _NO_VAE_ROUTE)
    yield from _holder_faults(passage, today)


def _holder_faults(passage: Passage, today: date) -> Iterator[LineFault]:
    if passage.training_file is not None:
        if not passage.training_file.is_whole:
            yield LineFault(passage.technical_id, "dossierFormation", _NO_TRAINING_FILE)
        return
    if passage.award.has_number and not _NUMBER.fullmatch(passage.number):
        yield LineFault(passage.technical_id, "nir", _NO_NUMBER)
    faults: tuple[CivilFault, ...] = passage.holder.faults(today)
    if passage.award.has_number:
        # With the number, the name at birth alone goes with it.
        faults = tuple(fault for fault in faults if fault.field == "birth_name")
    yield from (LineFault(passage.technical_id, fault.field, fault.message) for fault in faults)


def twice(passages: Iterable[Passage]) -> list[str]:
    """Return the technical identifiers that come more than once in a file."""
    counts = Counter(passage.technical_id for passage in passages)
    return sorted(one for one, count in counts.items() if count > 1)


_NO_TECHNICAL_ID = Text(
    "L’identifiant technique manque, ou contient un signe interdit.",
    "The technical identifier is missing, or holds a forbidden sign.",
)
_NOT_A_REFERENCE = Text(
    "La référence ne va pas avec le répertoire : RNCP ou RS, suivi de chiffres.",
    "The reference does not go with the register: RNCP or RS, then digits.",
)
_NO_ISSUE_DAY = Text("Le jour de délivrance manque.", "The day of issue is missing.")
_NO_SUCH_DAY = Text("Ce jour n’existe pas.", "There is no such day.")
_NO_TRAINING_FILE = Text(
    "Le dossier de formation n’a pas son numéro, ou pas les nom et prénom, dans les longueurs prévues.",
    "The training file lacks its number, or the names, within the lengths expected.",
)
_DATES_CROSSED = Text(
    "La délivrance est à venir, ou la validité finit avant de commencer.",
    "The issue is in the future, or validity ends before it begins.",
)
_UNKNOWN_ACCESS = Text("Cette modalité d’accès n’est pas dans la liste.", "This access route is not in the list.")
_NO_VAE_ROUTE = Text("Pour une VAE, la voie d’accès est obligatoire.", "For a VAE, the route is compulsory.")
_NO_NUMBER = Text(
    "Le numéro de sécurité sociale prévu sur cette ligne n’est plus disponible.",
    "The social security number expected on this line is no longer available.",
)
