"""What a line of a deposit says of one holder, and what heads the file: values, whatever the version of the schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from certify.cohorts.models import AccessRoute
from competencies.civil_status import CivilStatus


class SchemaVersion(StrEnum):
    """The versions of the schema a file can be written in; their namespace is the same."""

    V112 = "1.1.2"
    V115 = "1.1.5"


CLASSIC_VAE = "VAE_CLASSIQUE"
ACCESS = {
    AccessRoute.INITIAL: "FORMATION_INITIALE_HORS_APPRENTISSAGE",
    AccessRoute.APPRENTICESHIP: "FORMATION_INITIALE_APPRENTISSAGE",
    AccessRoute.CONTINUING: "FORMATION_CONTINUE_HORS_CONTRAT_DE_PROFESSIONNALISATION",
    AccessRoute.PROFESSIONALISATION: "FORMATION_CONTINUE_CONTRAT_DE_PROFESSIONNALISATION",
    AccessRoute.INDIVIDUAL: "CANDIDAT_LIBRE",
    AccessRoute.PRIOR_EXPERIENCE: "VAE",
}
"""`modaliteAcces` of each access route."""
KNOWN_ACCESS = frozenset({*ACCESS.values(), "EQUIVALENCE_DIPLOME_ETRANGER"})
"""Every value the schema takes: files of others may hold the last one."""


@dataclass(frozen=True, slots=True)
class Header:
    """What heads a file: who deposits, for whom, and when the file was made."""

    flow_id: str
    stamped_at: datetime
    client_id: str
    contract_id: str
    is_trusted_third_party: bool
    version: SchemaVersion
    third_party_for: str = ""
    """The certifier's own client identifier, when somebody else deposits for it."""

    @property
    def certifier_id(self) -> str:
        """The client identifier of the certifier."""
        return self.third_party_for if self.is_trusted_third_party else self.client_id


@dataclass(frozen=True, slots=True)
class Certification:
    """The registration a line counts for: its register, and its number there."""

    register: str
    reference: str


@dataclass(frozen=True, slots=True)
class Award:
    """What was awarded: frozen when the deposit is prepared."""

    certification: Certification
    issued_on: date | None
    valid_until: date | None
    access: str
    vae_route: str = ""
    has_number: bool = False
    """Whether the holder is named by their registration number (NIR)."""

    def to_document(self) -> dict[str, Any]:
        """Give it as values that JSON can hold."""
        return {
            "register": self.certification.register, "reference": self.certification.reference,
            "issued_on": self.issued_on.isoformat() if self.issued_on else None,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "access": self.access, "vae_route": self.vae_route, "has_number": self.has_number,
        }  # fmt: skip

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Award":
        """Read what `to_document` gave."""
        days = {
            name: date.fromisoformat(document[name]) if document[name] else None
            for name in ("issued_on", "valid_until")
        }
        return cls(
            certification=Certification(document["register"], document["reference"]), access=document["access"],
            vae_route=document["vae_route"], has_number=document["has_number"], **days,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrainingFile:
    """A holder named by the file of their training instead of their civil status: files of others may do so."""

    number: str
    last_name: str
    first_name: str

    @property
    def is_whole(self) -> bool:
        """Whether everything is there, within the lengths of the schema."""
        lengths = ((self.number, 13), (self.last_name, 30), (self.first_name, 20))
        return all(1 <= len(text) <= most for text, most in lengths)


@dataclass(frozen=True, slots=True)
class Passage:
    """One line: what was awarded, to whom."""

    technical_id: str
    award: Award
    holder: CivilStatus
    number: str = ""
    """The registration number (NIR) in full; never printed by `repr`."""
    impossible_days: tuple[str, ...] = ()
    """Elements that hold a day which does not exist, such as 31 February: without the schema, nothing else says so."""
    training_file: TrainingFile | None = None

    def __repr__(self) -> str:
        return f"Passage({self.technical_id})"
