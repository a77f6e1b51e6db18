"""What a badge says, taken from the frozen facts of a certificate: nothing else, so that both always agree."""

import json
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from certify.badges.addresses import Publisher
from certify.badges.models import StatusPurpose
from certify.badges.openbadges import Claim, Person, Status, achievement_document
from certify.certificates.queries import Certificate, CertificateKind
from certify.core import keys
from certify.core.clock import PARIS
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _

FORMS = ("jwt", "json")
"""Securing formats, each with a list of its own."""
_KINDS = {CertificateKind.WHOLE: "Certification", CertificateKind.BLOCKS: "MicroCredential"}
"""Terms of the AchievementType vocabulary (Open Badges 3.0, appendix B)."""
_LONGEST_WORDS = 111
_END_OF_DAY = time(23, 59, 59)


def slug_of(facts: Mapping[str, Any], kind: CertificateKind) -> str:
    """Return how an achievement is named in its address: a framework version, and the blocks unless all of them.

    Two frameworks may bear the same code and version: the digest of the version tells them apart.
    """
    named = f"{facts['framework']['code']} {facts['framework']['version']}"
    if kind is CertificateKind.BLOCKS:
        named += " blocs " + " ".join(str(block["number"]) for block in facts["blocks"])
    plain = unicodedata.normalize("NFKD", named).encode("ascii", "ignore").decode("ascii").lower()
    words = "".join(sign if sign.isalnum() or sign == "." else "-" for sign in plain).strip("-")
    return f"{words[:_LONGEST_WORDS]}-{facts['framework']['digest'][:8]}"


def achievement(publisher: Publisher, certificate: Certificate) -> tuple[str, dict[str, Any]]:
    """Return the slug and the document of what a certificate recognises."""
    facts, slug = certificate.facts, slug_of(certificate.facts, certificate.kind)
    framework = f"{facts['framework']['code']} {facts['framework']['version']}"
    address = publisher.achievement(slug)
    with force_locale("fr"):
        name = _name(facts, certificate.kind)
        description = _(
            "%(name)s, délivré par %(certifier)s sur décision d’un jury.", name=name, certifier=facts["certifier"]
        )
        criteria = _(
            "Chaque bloc est acquis par décision d’un jury, au vu des preuves et des évaluations de la personne, "
            "selon le référentiel %(framework)s (empreinte SHA-256 : %(digest)s).",
            framework=framework, digest=facts["framework"]["digest"],
        )  # fmt: skip
        alignments = [
            {
                "code": str(block["code"]), "framework": framework, "address": f"{address}#bloc-{block['number']}",
                "name": _("Bloc %(number)s : %(title)s", number=block["number"], title=block["title"]),
            }
            for block in facts["blocks"]
        ]  # fmt: skip
    return slug, achievement_document(
        creator={"id": publisher.did, "name": facts["certifier"], "url": publisher.base},
        address=address, picture=publisher.picture(slug), name=name, description=description, criteria=criteria,
        kind=_KINDS[certificate.kind], tags=[], alignments=alignments,
    )  # fmt: skip


def _name(facts: Mapping[str, Any], kind: CertificateKind) -> str:
    if kind is CertificateKind.WHOLE:
        return str(facts["certification"])
    numbers = ", ".join(str(block["number"]) for block in facts["blocks"])
    words = _("Bloc %(numbers)s de la certification « %(certification)s »")
    if len(facts["blocks"]) > 1:
        words = _("Blocs %(numbers)s de la certification « %(certification)s »")
    return str(words) % {"numbers": numbers, "certification": facts["certification"]}


def identifier(purpose: str, certificate_id: uuid.UUID) -> uuid.UUID:
    """Return an identifier nobody can foresee, and the same whenever a killed job begins again."""
    return uuid.UUID(hex=keys.keyed_digest(f"badge.{purpose}", certificate_id.hex)[:32], version=4)


def drawn_index(certificate_id: uuid.UUID, list_id: uuid.UUID, turn: int, length: int) -> int:
    """Return the index drawn for a certificate in a list, at a given turn: neither an order nor a count."""
    return int(keys.keyed_digest("badge.index", f"{certificate_id.hex}:{list_id.hex}:{turn}"), 16) % length


def statuses(publisher: Publisher, number: int, index: int) -> list[Status]:
    """Return where a badge's bits stand, in both lists and both formats."""
    return [
        Status(purpose.value, index, {form: publisher.status(number, purpose.value, form) for form in FORMS})
        for purpose in StatusPurpose
    ]


def claim(
    publisher: Publisher, certificate: Certificate, document: Mapping[str, Any], *, email: str,
    bits: Sequence[Status],
) -> Claim:  # fmt: skip
    """Return everything a badge says: the holder's name as it is printed, their address only as a salted digest."""
    facts = certificate.facts
    person = Person(
        identifier("subject", certificate.id).urn, facts["holder"]["name"], email,
        keys.keyed_digest("badge.salt", certificate.id.hex)[:32],
    )  # fmt: skip
    with force_locale("fr"):
        name = document["name"]
        if facts["is_demo"]:
            name = _("Démonstration, sans valeur : %(name)s", name=name)
    return Claim(
        badge_id=identifier("credential", certificate.id).urn, name=str(name), person=person, achievement=document,
        issuer={"id": publisher.did, "name": facts["certifier"], "url": publisher.base},
        issued_at=certificate.issued_at.replace(microsecond=0), valid_until=_end(certificate), statuses=bits,
    )  # fmt: skip


def written(document: Mapping[str, Any]) -> str:
    """Return a badge as its file holds it."""
    return json.dumps(document, ensure_ascii=False, indent=1)


def _end(certificate: Certificate) -> datetime | None:
    if certificate.expires_on is None:
        return None
    return datetime.combine(certificate.expires_on, _END_OF_DAY, PARIS)
