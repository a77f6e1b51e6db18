"""The life of a deposit until the Caisse des Dépôts answers: prepared, made, taken away, said to be made, cancelled."""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.sealing import KEEPS_SEALS
from certify.core.types import new_id
from certify.declarations import policies, queries, reading, writing
from certify.declarations.models import Deposit, DepositItem, Depositor, DepositState, ItemState
from certify.declarations.passages import Passage, SchemaVersion
from certify.declarations.queries import Holder
from certify.declarations.services.depositors import lock_body
from certify.identities import queries as identities

WANTED = "declarations.deposit_wanted"
_FIRST_LINES = 5
_NOTED_EVERY = 500

Note = Callable[[int], None]
"""Says how many lines are written."""


def prepare(session: Session, actor: Actor, body_id: uuid.UUID) -> Deposit:
    """Put everybody who can be declared, and is not yet, in a new deposit; its file is made by a job."""
    lock_body(session, body_id)
    depositor = queries.depositor_of(session, body_id)
    if depositor is None:
        raise Conflict(_l("Enregistrez d’abord les identifiants donnés par la Caisse des Dépôts."))
    ready = [one for one in queries.holders_of(session, body_id) if not one.missing][: policies.MOST_LINES]
    if not ready:
        raise Conflict(_l("Personne n’est à déclarer pour l’instant : aucun dépôt n’a été préparé."))
    deposit = _deposit(session, actor, depositor, len(ready))
    _add_items(session, deposit, ready)
    audit.record(
        session, actor, "declarations:deposit:prepared", deposit, organisation_id=body_id, number=deposit.number,
        lines=deposit.count,
    )  # fmt: skip
    outbox.send(session, WANTED, deposit_id=deposit.id)
    return deposit


def _deposit(session: Session, actor: Actor, depositor: Depositor, count: int) -> Deposit:
    last = session.scalar(
        select(Deposit.number)
        .where(Deposit.certifying_body_id == depositor.certifying_body_id)
        .order_by(Deposit.number.desc())
        .limit(1)
    )
    deposit = Deposit(
        id=new_id(), certifying_body_id=depositor.certifying_body_id, number=(last or 0) + 1, flow_id=str(uuid.uuid4()),
        depositor_id=depositor.id, schema_version=depositor.schema_version, stamped_at=clock.now(), count=count,
        created_by_id=actor.user_id,
    )  # fmt: skip
    session.add(deposit)
    session.flush()
    return deposit


def _add_items(session: Session, deposit: Deposit, holders: Sequence[Holder]) -> None:
    # The registration number goes into files of the schema that knows it.
    numbered: frozenset[uuid.UUID] = frozenset()
    if deposit.schema_version == SchemaVersion.V115:
        numbered = frozenset(identities.numbers_of(session, [one.user_id for one in holders]))
    rows = [
        {
            "id": new_id(), "deposit_id": deposit.id, "certificate_id": one.certificate_id,
            "identity_id": one.identity_id, "technical_id": one.technical_id, "state": ItemState.PENDING, "message": "",
            "facts": replace(one.award, has_number=one.user_id in numbered).to_document(),
        }
        for one in holders
    ]  # fmt: skip
    session.execute(insert(DepositItem), rows)


@dataclass(frozen=True)
class Made:
    """A deposit file once written and checked: its digest and size, or why it cannot be deposited."""

    sha256: str = ""
    size: int = 0
    trouble: str = ""


def make(session: Session, deposit: Deposit, schema: Path | None, note: Note) -> Made | None:
    """Write the file of a deposit and check it, without keeping it: the same lines give the same bytes again."""
    if deposit.sha256 or deposit.state is not DepositState.GENERATED:
        return None
    lines = queries.passages_of(session, deposit)
    trouble = _trouble(lines)
    if trouble:
        return Made(trouble=trouble)
    content = b"".join(writing.pieces(queries.header_of(session, deposit), _noted(lines, note)))
    refused = reading.schema_faults(content, schema) if schema is not None else []
    if refused:
        places = ", ".join(f"{one.element} (ligne {one.line})" for one in refused[:_FIRST_LINES])
        return Made(trouble=str(_l("Le schéma refuse ce fichier : %(places)s.", places=places)))
    return Made(hashlib.sha256(content).hexdigest(), len(content))


def _noted(lines: Sequence[Passage], note: Note) -> Iterator[Passage]:
    for number, line in enumerate(lines, 1):
        yield line
        if number % _NOTED_EVERY == 0:
            note(number)


def _trouble(lines: Sequence[Passage]) -> str:
    today = clock.today()
    faults = [fault for line in lines for fault in policies.faults_of(line, today)]
    if policies.twice(lines):
        return str(_l("Une même ligne y figure deux fois."))
    if not faults:
        return ""
    fields = ", ".join(sorted({fault.field for fault in faults}))
    return str(_l("Des lignes ne respectent pas les règles du dépôt : %(fields)s.", fields=fields))


def note_made(session: Session, deposit: Deposit, made: Made) -> None:
    """Note the digest of the file; one that cannot be deposited is cancelled, and its holders wait for the next."""
    if made.trouble:
        _close(session, deposit, DepositState.CANCELLED, ItemState.CANCELLED)
        deposit.message = made.trouble
        _note(session, None, "declarations:deposit:failed", deposit)
        return
    deposit.sha256, deposit.size, deposit.done = made.sha256, made.size, deposit.count
    _note(session, None, "declarations:deposit:made", deposit, sha256=made.sha256)


def take(session: Session, deposit: Deposit) -> bytes:
    """Write the file of a deposit again, and make sure that it is the one that was checked."""
    if not deposit.sha256:
        raise Conflict(_l("Ce fichier n’est pas encore fait."))
    content = b"".join(writing.pieces(queries.header_of(session, deposit), queries.passages_of(session, deposit)))
    if hashlib.sha256(content).hexdigest() != deposit.sha256:
        raise Conflict(
            _l("Ce fichier ne peut plus être refait : une donnée qu’il contenait a été retirée depuis sa transmission.")
        )
    return content


def submit(session: Session, actor: Actor, deposit: Deposit) -> Deposit:
    """Say that the file was deposited on the portal."""
    locked = _locked(session, deposit)
    if locked.state is not DepositState.GENERATED or not locked.sha256:
        raise Conflict(_l("Ce dépôt n’attend pas d’être transmis."))
    locked.state, locked.submitted_at = DepositState.SUBMITTED, clock.now()
    _note(session, actor, "declarations:deposit:submitted", locked)
    return locked


def cancel(session: Session, actor: Actor, deposit: Deposit) -> Deposit:
    """Cancel a deposit whose file was not transmitted: its holders go in the next one."""
    locked = _locked(session, deposit)
    if locked.state is not DepositState.GENERATED:
        raise Conflict(_l("Ce fichier a été transmis : attendez le compte rendu de traitement."))
    _close(session, locked, DepositState.CANCELLED, ItemState.CANCELLED)
    _note(session, actor, "declarations:deposit:cancelled", locked)
    return locked


def _locked(session: Session, deposit: Deposit) -> Deposit:
    return session.get_one(Deposit, deposit.id, with_for_update=True, populate_existing=True)


def _close(session: Session, deposit: Deposit, state: DepositState, lines: ItemState) -> None:
    deposit.state = state
    change_items(session, update(DepositItem).where(DepositItem.deposit_id == deposit.id).values(state=lines))


def change_items(session: Session, change: Any, rows: Sequence[dict[str, Any]] | None = None) -> None:
    """Change the state of lines in one go: it is always open, unlike what they say."""
    session.flush()
    options = {KEEPS_SEALS: True, "synchronize_session": False}
    session.execute(change, rows, execution_options=options) if rows else session.execute(
        change, execution_options=options
    )
    session.expire_all()


def _note(session: Session, actor: Actor | None, tag: str, deposit: Deposit, **facts: Any) -> None:
    session.flush()
    audit.record(
        session, actor, tag, deposit, organisation_id=deposit.certifying_body_id, number=deposit.number, **facts
    )  # fmt: skip


def known_schema(version: str, schemas: dict[str, Path | None]) -> Path | None:
    """Return the schema file set for a version; Invalid when it is set and not there."""
    path = schemas.get(version)
    if path is not None and not path.is_file():
        raise Invalid(_l("Le schéma indiqué dans les réglages ne se lit pas : vérifiez le fichier XSD."))
    return path
