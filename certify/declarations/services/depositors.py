"""How a body is known at the Caisse des Dépôts."""

import re
import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.declarations import queries
from certify.declarations.models import Depositor
from certify.declarations.passages import SchemaVersion
from certify.organisations.models import Organisation

_CLIENT = re.compile(r"[A-Z0-9]{8}")
_CONTRACT = re.compile(r"[A-Z0-9-]{1,20}")


def record_depositor(
    session: Session, actor: Actor, body_id: uuid.UUID, *, client_id: str, contract_id: str,
    is_trusted_third_party: bool, schema_version: SchemaVersion, certifier_client_id: str = "",
) -> Depositor:  # fmt: skip
    """Record the identifiers a body was given; the same again changes nothing, and former ones stay."""
    lock_body(session, body_id)
    values: dict[str, Any] = {
        "client_id": _client(client_id, "client_id"), "contract_id": contract_id.strip().upper(),
        "is_trusted_third_party": is_trusted_third_party, "schema_version": schema_version.value,
        # The certifier that deposits for itself is known by one identifier only.
        "certifier_client_id": _client(certifier_client_id, "certifier_client_id") if is_trusted_third_party else "",
    }  # fmt: skip
    if not _CONTRACT.fullmatch(values["contract_id"]):
        raise Invalid(_l("L’identifiant de contrat a vingt caractères au plus, lettres et chiffres."), "contract_id")
    last = queries.depositor_of(session, body_id)
    if last and all(getattr(last, name) == value for name, value in values.items()):
        return last
    row = Depositor(
        id=new_id(), certifying_body_id=body_id, number=last.number + 1 if last else 1, recorded_at=clock.now(),
        recorded_by_id=actor.user_id, **values,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, actor, "declarations:depositor:recorded", row, organisation_id=body_id, number=row.number)
    return row


def _client(typed: str, field: str) -> str:
    client = typed.strip().upper()
    if not _CLIENT.fullmatch(client):
        raise Invalid(_l("L’identifiant client a huit caractères, lettres et chiffres."), field)
    return client


def lock_body(session: Session, body_id: uuid.UUID) -> None:
    """Have whoever declares for the same body wait: a holder goes into one deposit at a time."""
    session.execute(select(Organisation.id).where(Organisation.id == body_id).with_for_update())
