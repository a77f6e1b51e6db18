"""The deposit file: written piece by piece, the same bytes each time for the same lines.

Elements come in the order of the schema 1.1.2, which takes them in any order; 1.1.5 adds an action and names a holder
by their registration number when it is known.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from lxml import etree

from certify.core.clock import PARIS
from certify.declarations.passages import Award, Certification, Header, Passage, SchemaVersion
from competencies.civil_status import CivilStatus
from competencies.countries import countries

NAMESPACE = "urn:cdc:cpf:pc5:schema:1.0.0"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NIL = {f"{{{_XSI}}}nil": "true"}
_NIR_LENGTH = 13
_LABEL_LENGTH = 60
_PIECE = 200


class _Pieces:
    """Takes what is written, and gives it on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> None:
        """Take a part."""
        self._parts.append(part)

    def taken(self) -> bytes:
        """Give everything since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def order(passage: Passage) -> tuple[str, str, str]:
    """Return where a line goes in the file."""
    return order_of(passage.award.certification, passage.technical_id)


def order_of(certification: Certification, technical_id: str) -> tuple[str, str, str]:
    """Return where a line goes in the file, before its holder is known."""
    return certification.register, certification.reference, technical_id


def file_name(header: Header) -> str:
    """Return how the file is called."""
    return f"depot-{header.flow_id}.xml"


def pieces(header: Header, passages: Iterable[Passage]) -> Iterator[bytes]:
    """Yield the file, a few hundred lines at a time; the lines come in their `order`."""
    sink = _Pieces()
    with etree.xmlfile(sink, encoding="utf-8") as out:
        out.write_declaration()
        names: dict[str | None, str] = {"cpf": NAMESPACE, "xsi": _XSI}
        with out.element(_tag("flux"), nsmap=names):
            _head(out, header)
            with out.element(_tag("emetteur")):
                _leaf(out, "idClient", header.client_id)
                with out.element(_tag("certificateurs")), out.element(_tag("certificateur")):
                    _leaf(out, "idClient", header.certifier_id)
                    _leaf(out, "idContrat", header.contract_id)
                    with out.element(_tag("certifications")):
                        for group, lines in groupby(passages, key=lambda one: one.award.certification):
                            yield from _certification(out, sink, header, group, lines)
    yield sink.taken()


def _head(out: Any, header: Header) -> None:
    _leaf(out, "idFlux", header.flow_id)
    # With the offset in force in Paris that day, which is +02:00 in summer; « Z » is refused.
    _leaf(out, "horodatage", header.stamped_at.astimezone(PARIS).isoformat(timespec="seconds"))
    if header.version is SchemaVersion.V115:
        _leaf(out, "action", "CREATION")


def _certification(
    out: Any, sink: _Pieces, header: Header, certification: Certification, lines: Iterable[Passage]
) -> Iterator[bytes]:
    with out.element(_tag("certification")):
        _leaf(out, "type", certification.register)
        _leaf(out, "code", certification.reference)
        _leaf(out, "natureDeposant", "TIERS_CONFIANCE" if header.is_trusted_third_party else "CERTIFICATEUR")
        with out.element(_tag("passageCertifications")):
            for number, passage in enumerate(lines, 1):
                out.write("\n")
                _passage(out, header, passage)
                if number % _PIECE == 0:
                    out.flush()
                    yield sink.taken()


def _passage(out: Any, header: Header, passage: Passage) -> None:
    award = passage.award
    with out.element(_tag("passageCertification")):
        _leaf(out, "idTechnique", passage.technical_id)
        # A jury admits; what it has decided is final.
        _leaf(out, "obtentionCertification", "PAR_ADMISSION")
        _leaf(out, "donneeCertifiee", "true")
        _leaf(out, "dateDebutValidite", award.issued_on.isoformat() if award.issued_on else None)
        _leaf(out, "dateFinValidite", award.valid_until.isoformat() if award.valid_until else None)
        _leaf(out, "presenceNiveauLangueEuro", "false")
        _leaf(out, "presenceNiveauNumeriqueEuro", "false")
        _leaf(out, "scoring", None)
        _leaf(out, "mentionValidee", None)
        _enrolment(out, award)
        with out.element(_tag("identificationTitulaire")):
            if header.version is SchemaVersion.V115 and award.has_number:
                _national(out, passage)
            else:
                _holder(out, passage.holder)


def _enrolment(out: Any, award: Award) -> None:
    with out.element(_tag("modalitesInscription")):
        _leaf(out, "modaliteAcces", award.access or None)
        if award.vae_route:
            _leaf(out, "voieAccessVAE", award.vae_route)


def _national(out: Any, passage: Passage) -> None:
    with out.element(_tag("identifiantNational")):
        _leaf(out, "nir", passage.number[:_NIR_LENGTH])
        _leaf(out, "nomNaissance", passage.holder.birth_name)


def _holder(out: Any, holder: CivilStatus) -> None:
    with out.element(_tag("titulaire")):
        _leaf(out, "nomNaissance", holder.birth_name)
        _leaf(out, "nomUsage", holder.usage_name or None)
        for rank, name in enumerate(holder.given_names[:3], 1):
            _leaf(out, f"prenom{rank}", name)
        _leaf(out, "anneeNaissance", str(holder.birth_year))
        _leaf(out, "moisNaissance", f"{holder.birth_month:02d}" if holder.birth_month else None)
        _leaf(out, "jourNaissance", f"{holder.birth_day:02d}" if holder.birth_day else None)
        _leaf(out, "sexe", holder.sex.value if holder.sex else None)
        with out.element(_tag("codeCommuneNaissance")):
            _commune(out, holder)
        if holder.birth_commune:
            _leaf(out, "libelleCommuneNaissance", holder.birth_commune)
        _leaf(out, "codePaysNaissance", holder.birth_country[-3:])
        if label := countries().get(holder.birth_country, ""):
            _leaf(out, "libellePaysNaissance", label.partition(" (")[0][:_LABEL_LENGTH])


def _commune(out: Any, holder: CivilStatus) -> None:
    if holder.is_born_in_france and not holder.birth_commune_code:
        with out.element(_tag("codePostalNaissance")):
            _leaf(out, "codePostal", holder.birth_postal_code)
        return
    with out.element(_tag("codeInseeNaissance")):
        _leaf(out, "codeInsee", holder.birth_commune_code or holder.birth_country)


def _leaf(out: Any, name: str, value: str | None) -> None:
    if value is None:
        with out.element(_tag(name), _NIL):
            return
    with out.element(_tag(name)):
        out.write(value)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
