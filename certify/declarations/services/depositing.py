"""The life of a deposit until the Caisse des Dépôts answers: prepared, made, taken away, said to be made, cancelled."""

import hashlib
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

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
from certify.declarations.passages import Header, Passage, SchemaVersion
from certify.declarations.queries import Holder
from certify.declarations.services.depositors import lock_body
from certify.identities import queries as identities

WANTED = "declarations.deposit_wanted"
_FIRST_LINES = 5
_NOTED_EVERY = 500
_IN_MEMORY = 2_000_000
"""Bytes of a file kept in memory before it goes to the disk."""

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
    checked = _Checked(queries.passages_of(session, deposit), note)
    with _spool() as file:
        digest, size = _write(file, queries.header_of(session, deposit), checked)
        trouble = _trouble(session, deposit, checked)
        if not trouble and schema is not None:
            file.seek(0)
            trouble = _refusal(reading.schema_faults(file, schema))
    return Made(trouble=trouble) if trouble else Made(digest, size)


def _spool() -> IO[bytes]:
    # On disk without a name, for this process alone, and gone once closed.
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)


def _write(file: IO[bytes], header: Header, passages: Iterable[Passage]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in writing.pieces(header, passages):
        digest.update(piece)
        size += len(piece)
        file.write(piece)
    return digest.hexdigest(), size


class _Checked:
    """Lines on their way to the file: those that keep the rules go on, the others are noted."""

    def __init__(self, lines: Iterable[Passage], note: Note) -> None:
        self._lines, self._note = lines, note
        self._seen: set[str] = set()
        self.is_twice = False
        self.faults: dict[str, list[str]] = {}
        """Fields at fault, by technical identifier."""

    def __iter__(self) -> Iterator[Passage]:
        today = clock.today()
        for number, line in enumerate(self._lines, 1):
            self.is_twice = self.is_twice or line.technical_id in self._seen
            self._seen.add(line.technical_id)
            fields = [fault.field for fault in policies.faults_of(line, today)]
            if fields:
                self.faults[line.technical_id] = fields
            else:
                yield line
            if number % _NOTED_EVERY == 0:
                self._note(number)


def _trouble(session: Session, deposit: Deposit, checked: _Checked) -> str:
    if checked.is_twice:
        return str(_l("Une même ligne y figure deux fois."))
    if not checked.faults:
        return ""
    shown = queries.certificates_of(session, deposit, list(checked.faults)[:_FIRST_LINES])
    fields = sorted({field for some in checked.faults.values() for field in some})
    return str(
        _l(
            "%(count)s ligne(s) ne respectent pas les règles du dépôt (certificats %(certificates)s ; champs "
            "%(fields)s). Corrigez-les, puis préparez un autre dépôt.",
            count=len(checked.faults), certificates=", ".join(shown), fields=", ".join(fields),
        )
    )  # fmt: skip


def _refusal(refused: Sequence[reading.SchemaFault]) -> str:
    if not refused:
        return ""
    places = ", ".join(f"{one.element} (ligne {one.line})" for one in refused[:_FIRST_LINES])
    return str(_l("Le schéma refuse ce fichier : %(places)s.", places=places))


def note_made(session: Session, deposit: Deposit, made: Made) -> None:
    """Note the digest of the file; one that cannot be deposited is cancelled, and its holders wait for the next."""
    if made.trouble:
        _close(session, deposit, DepositState.CANCELLED, ItemState.CANCELLED)
        deposit.message = made.trouble
        _note(session, None, "declarations:deposit:failed", deposit)
        return
    deposit.sha256, deposit.size, deposit.done = made.sha256, made.size, deposit.count
    _note(session, None, "declarations:deposit:made", deposit, sha256=made.sha256)


def take(session: Session, actor: Actor, deposit: Deposit) -> IO[bytes]:
    """Write the file of a deposit again, make sure that it is the one that was checked, and note who took it.

    Whoever receives it commits before giving it away, and closes it.
    """
    if not deposit.sha256:
        raise Conflict(_l("Ce fichier n’est pas encore fait."))
    _require_standing(session, deposit)
    file = _spool()
    try:
        digest, _size = _write(file, queries.header_of(session, deposit), queries.passages_of(session, deposit))
        if digest != deposit.sha256:
            raise Conflict(
                _l(
                    "Ce fichier ne peut plus être refait : une donnée qu’il contenait a été retirée depuis sa "
                    "transmission."
                )
            )
        _note(session, actor, "declarations:deposit:taken", deposit)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _require_standing(session: Session, deposit: Deposit) -> None:
    """Refuse to transmit what was revoked, suspended or replaced since the deposit was prepared."""
    if deposit.state is not DepositState.GENERATED:
        return
    fallen = queries.fallen_of(session, deposit)
    if fallen:
        raise Conflict(
            _l(
                "Des certificats de ce dépôt ne sont plus valides : %(numbers)s. Annulez ce dépôt, puis préparez-en un "
                "autre.",
                numbers=", ".join(fallen[:_FIRST_LINES]) + (", …" if len(fallen) > _FIRST_LINES else ""),
            )
        )  # fmt: skip


def submit(session: Session, actor: Actor, deposit: Deposit) -> Deposit:
    """Say that the file was deposited on the portal."""
    locked = _locked(session, deposit)
    if locked.state is not DepositState.GENERATED or not locked.sha256:
        raise Conflict(_l("Ce dépôt n’attend pas d’être transmis."))
    _require_standing(session, locked)
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
