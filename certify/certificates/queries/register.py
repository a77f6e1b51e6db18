"""The register: which certificates the actor reads, and the state in force of each."""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, true
from sqlalchemy.orm import Session

from certify.certificates import codes
from certify.certificates.models import Certificate, CertificateKind, CertificateState, RegisterExtract
from certify.core import clock
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.listing import matches
from certify.core.types import EnumText
from certify.organisations.models import Organisation


def state_in_force(today: date | None = None) -> ColumnElement[CertificateState]:
    """Tell, in a query on certificates, what each is worth on a day: as kept, expired once its last day is over."""
    over = and_(Certificate.state == CertificateState.VALID, Certificate.expires_on < (today or clock.today()))
    expired = literal(CertificateState.EXPIRED, EnumText(CertificateState))
    return case((over, expired), else_=Certificate.state)


@dataclass(frozen=True)
class Line:
    """One certificate in the register."""

    certificate: Certificate
    body: str
    state: CertificateState


def register(actor: Actor, state: str = "", kind: str = "", words: str = "") -> Any:
    """Select what makes a `Line`, for the certificates whose register the actor may read."""
    return register_of(actor.organisations(Permission.CERTIFICATE_READ), state, kind, words)


def register_of(bodies: Collection[uuid.UUID], state: str = "", kind: str = "", words: str = "") -> Any:
    """Select what makes a `Line`, for the certificates of some bodies; `words` are looked for in name, number, code."""
    in_force = state_in_force()
    query = (
        select(Certificate, Organisation.name, in_force)
        .join(Organisation, Organisation.id == Certificate.certifying_body_id)
        .where(Certificate.certifying_body_id.in_(bodies))
        .where(_is_meant(words))
    )
    if state in set(CertificateState):
        query = query.where(in_force == CertificateState(state))
    return query.where(Certificate.kind == CertificateKind(kind)) if kind in set(CertificateKind) else query


def _is_meant(words: str) -> ColumnElement[bool]:
    said = and_(true(), *matches(words, Certificate.holder_name, Certificate.number, Certificate.code))
    # A code is searched for as it is printed, in groups; a name may happen to look like one.
    code = codes.read(words)
    return said if code is None else or_(said, Certificate.code == code)


def registers_of(session: Session, actor: Actor) -> list[Organisation]:
    """Return the bodies whose register the actor reads, by name."""
    query = select(Organisation).where(Organisation.id.in_(actor.organisations(Permission.CERTIFICATE_READ)))
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))


def extracts_of(session: Session, actor: Actor) -> list[tuple[RegisterExtract, str]]:
    """Return the monthly extracts the actor may read with the name of their body, the latest first."""
    query = (
        select(RegisterExtract, Organisation.name)
        .join(Organisation, Organisation.id == RegisterExtract.certifying_body_id)
        .where(RegisterExtract.certifying_body_id.in_(actor.organisations(Permission.CERTIFICATE_READ)))
        .order_by(RegisterExtract.month.desc(), Organisation.name, RegisterExtract.id)
    )
    return list(session.execute(query))


def extract_for(session: Session, actor: Actor, extract_id: uuid.UUID) -> RegisterExtract:
    """Return an extract of a register the actor reads, once its document is made; NotFound otherwise."""
    bodies = actor.organisations(Permission.CERTIFICATE_READ)
    query = select(RegisterExtract).where(RegisterExtract.id == extract_id, RegisterExtract.storage_key != "")
    found = session.scalars(query.where(RegisterExtract.certifying_body_id.in_(bodies))).one_or_none()
    if found is None:
        raise NotFound
    return found


def damaged(session: Session) -> int:
    """Count the stored documents that are no more what was issued, for the administration page."""
    return session.scalar(select(func.count()).where(Certificate.is_damaged)) or 0


def columns() -> dict[str, Callable[[Line], Any]]:
    """Return the columns of the register as a table, by their titles."""
    return {
        _("Numéro"): lambda line: line.certificate.number,
        _("Titulaire"): lambda line: line.certificate.holder_name,
        _("Document"): lambda line: str(line.certificate.kind.label),
        _("Certification"): lambda line: line.certificate.facts["certification"],
        _("Blocs acquis"): lambda line: ", ".join(block["code"] for block in line.certificate.facts.get("blocks", ())),
        _("Décision du jury"): lambda line: line.certificate.facts.get("decided_on", ""),
        _("Procès-verbal"): lambda line: line.certificate.facts.get("minutes", ""),
        _("Délivré le"): lambda line: line.certificate.facts["issued_on"],
        _("Valable jusqu’au"): lambda line: (
            line.certificate.expires_on.isoformat() if line.certificate.expires_on else ""
        ),
        _("État"): lambda line: str(line.state.label),
        _("Code"): lambda line: codes.spaced(line.certificate.code),
        _("Organisme"): lambda line: line.body,
    }
