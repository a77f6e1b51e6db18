"""What the Caisse des Dépôts answers: a processing report, applied once, to the one deposit it speaks of."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from certify.core import audit, clock, files
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.declarations import queries, receipts, writing
from certify.declarations.models import Deposit, DepositItem, DepositState, ItemState, Receipt
from certify.declarations.services.depositing import change_items

_ANSWERABLE = (DepositState.GENERATED, DepositState.SUBMITTED, DepositState.PARTLY_REJECTED)


def import_receipt(session: Session, actor: Actor, deposit: Deposit, *, filename: str, content: bytes) -> Receipt:
    """Take in a processing report: each line becomes delivered or rejected; only the rejected are declared again."""
    report = receipts.read(content)
    locked = session.get_one(Deposit, deposit.id, with_for_update=True, populate_existing=True)
    _require_about(session, locked, report)
    lines = _lines(session, locked, report)
    figures = _apply(session, locked, report, lines)
    row = Receipt(
        id=new_id(), deposit_id=locked.id, filename=files.safe_name(filename), sha256=report.sha256, figures=figures,
        received_at=clock.now(), received_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor, "declarations:receipt:imported", row, organisation_id=locked.certifying_body_id,
        deposit=locked.number, **figures,
    )  # fmt: skip
    return row


def _require_about(session: Session, deposit: Deposit, report: receipts.Report) -> None:
    if session.scalar(select(Receipt.id).where(Receipt.sha256 == report.sha256)) is not None:
        raise Conflict(_l("Ce compte rendu a déjà été pris en compte."))
    if deposit.state not in _ANSWERABLE or not deposit.sha256:
        raise Conflict(_l("Ce dépôt n’attend pas de compte rendu."))
    if not report.technical_ids and not report.errors:
        raise Invalid(_l("Ce compte rendu ne parle d’aucune ligne : rien n’a été changé."), "file")
    _require_same_file(session, deposit, report)


def _require_same_file(session: Session, deposit: Deposit, report: receipts.Report) -> None:
    """Refuse what does not name this deposit: by its flow, or by its file when that was refused before being read."""
    if report.flow_id:
        if report.flow_id.casefold() != deposit.flow_id.casefold():
            raise Invalid(_l("Ce compte rendu parle d’un autre dépôt : il porte un autre identifiant de flux."), "file")
        return
    if report.technical_ids:
        raise Invalid(_l("Ce compte rendu nomme des lignes, mais aucun flux : il est refusé en entier."), "file")
    expected = writing.file_name(queries.header_of(session, deposit))
    if report.file_name.casefold() != expected.casefold():
        said = _l("Ce compte rendu ne nomme pas le fichier de ce dépôt, « %(name)s ». Rien n’a changé.", name=expected)
        raise Invalid(said, "file")


def _lines(session: Session, deposit: Deposit, report: receipts.Report) -> Mapping[str, Any]:
    """Return the lines of the deposit by their identifiers; Invalid when the report names others, or one twice."""
    if any(count > 1 for count in Counter(report.technical_ids).values()):
        raise Invalid(_l("Ce compte rendu nomme deux fois la même ligne : il est refusé en entier."), "file")
    query = select(DepositItem.technical_id, DepositItem.id, DepositItem.state)
    rows = session.execute(query.where(DepositItem.deposit_id == deposit.id))
    known = {row.technical_id: row for row in rows}
    if not known.keys() >= set(report.technical_ids):
        raise Invalid(_l("Ce compte rendu nomme des lignes d’un autre dépôt : il est refusé en entier."), "file")
    return known


def _apply(
    session: Session, deposit: Deposit, report: receipts.Report, lines: Mapping[str, Any]
) -> dict[str, int]:  # fmt: skip
    said = _said(report)
    _require_no_contradiction(report, said, lines)
    if report.errors:
        deposit.message = " ".join(report.errors[:5])
        said = dict.fromkeys(lines, (ItemState.REJECTED, deposit.message)) | said
    # A line is answered once.
    said = {name: answer for name, answer in said.items() if lines[name].state is ItemState.PENDING}
    _write(session, said, lines)
    states = Counter(said[name][0] if name in said else line.state for name, line in lines.items())
    _turn(deposit, report, states)
    return {"delivered": states[ItemState.DELIVERED], "rejected": states[ItemState.REJECTED]} | (
        {"waiting": states[ItemState.PENDING]} if states[ItemState.PENDING] else {}
    )


def _said(report: receipts.Report) -> dict[str, tuple[ItemState, str]]:
    """Return what the report says of each line it names."""
    said = dict.fromkeys(report.accepted, (ItemState.DELIVERED, ""))
    for one in report.rejected:
        # Refused because it is there already: an earlier deposit delivered it.
        state = ItemState.DELIVERED if one.is_already_there else ItemState.REJECTED
        said[one.technical_id] = (state, one.message)
    return said


def _require_no_contradiction(
    report: receipts.Report, said: Mapping[str, tuple[ItemState, str]], lines: Mapping[str, Any]
) -> None:
    against = sum(1 for name, (state, _why) in said.items() if lines[name].state not in (ItemState.PENDING, state))
    if report.errors and not said:
        against = sum(1 for line in lines.values() if line.state is ItemState.DELIVERED)
    if against:
        raise Invalid(
            _l(
                "Ce compte rendu contredit la réponse déjà reçue pour %(count)s ligne(s) : il est refusé en entier. "
                "Vérifiez sur le portail laquelle est la bonne.",
                count=against,
            ),
            "file",
        )


def _write(session: Session, said: Mapping[str, tuple[ItemState, str]], lines: Mapping[str, Any]) -> None:
    moment = clock.now()
    rows = [
        {"line": lines[name].id, "now": state, "why": message, "at": moment}
        for name, (state, message) in said.items()
    ]  # fmt: skip
    change = (
        update(DepositItem.__table__)  # type: ignore[arg-type]
        .where(DepositItem.__table__.c.id == bindparam("line"))
        .values(state=bindparam("now"), message=bindparam("why"), answered_at=bindparam("at"))
    )
    if rows:
        change_items(session, change, rows)


def _turn(deposit: Deposit, report: receipts.Report, states: Counter[ItemState]) -> None:
    if states[ItemState.PENDING]:
        deposit.state = DepositState.PARTLY_REJECTED if states[ItemState.REJECTED] else DepositState.SUBMITTED
    elif not states[ItemState.REJECTED]:
        deposit.state = DepositState.ACCEPTED
    else:
        deposit.state = DepositState.PARTLY_REJECTED if states[ItemState.DELIVERED] else DepositState.REJECTED
    moment = clock.now()
    deposit.submitted_at = deposit.submitted_at or moment
    deposit.answered_at = deposit.answered_at or moment
    deposit.treatment_id = deposit.treatment_id or report.treatment_id
