"""Deposits of a body, their lines, and what a deposit file is made of."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates import queries as certificates
from certify.core.access import Actor, Permission
from certify.core.errors import Conflict, NotFound
from certify.core.i18n import lazy as _l
from certify.core.listing import Listing, Wanted, matches, paginate
from certify.declarations.models import Deposit, DepositItem, Depositor, ItemState, Receipt
from certify.declarations.passages import Award, Header, Passage, SchemaVersion
from certify.declarations.writing import order_of
from certify.identities import queries as identities
from certify.identities.ciphers import opened_status
from certify.identities.models import RegistrationNumber
from certify.organisations.models import Organisation

_AT_ONCE = 500


@dataclass(frozen=True)
class DepositRow:
    """One deposit, with who prepared it."""

    deposit: Deposit
    prepared_by: str


def declarants(session: Session, actor: Actor) -> list[Organisation]:
    """Return the bodies for which the actor declares, by name."""
    bodies = actor.organisations(Permission.DECLARATION_WRITE)
    return list(session.scalars(select(Organisation).where(Organisation.id.in_(bodies)).order_by(Organisation.name)))


def depositor_of(session: Session, body_id: uuid.UUID) -> Depositor | None:
    """Return how a body is known at the Caisse des Dépôts, as last recorded."""
    query = select(Depositor).where(Depositor.certifying_body_id == body_id).order_by(Depositor.number.desc())
    return session.scalars(query.limit(1)).one_or_none()


def deposits_of(session: Session, body_id: uuid.UUID) -> list[DepositRow]:
    """Return the deposits of a body, the last one first."""
    query = (
        select(Deposit, User)
        .outerjoin(User, User.id == Deposit.created_by_id)
        .where(Deposit.certifying_body_id == body_id)
        .order_by(Deposit.number.desc())
    )
    return [DepositRow(deposit, user.name if user else "") for deposit, user in session.execute(query)]


def deposit_for(session: Session, actor: Actor, deposit_id: uuid.UUID) -> Deposit:
    """Return a deposit of a body for which the actor declares; NotFound otherwise."""
    bodies = actor.organisations(Permission.DECLARATION_WRITE)
    query = select(Deposit).where(Deposit.id == deposit_id, Deposit.certifying_body_id.in_(bodies))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound()
    return found


def items_of(session: Session, deposit: Deposit, wanted: Wanted, *, per_page: int) -> Listing[Any]:
    """Return a page of the lines of a deposit: (item, certificate number, holder's name)."""
    held = certificates.Certificate
    query: Select[*tuple[Any, ...]] = (
        select(DepositItem, held.number, held.holder_name)
        .join(held, held.id == DepositItem.certificate_id)
        .where(DepositItem.deposit_id == deposit.id, *matches(wanted.query, held.holder_name, held.number))
    )
    state = (wanted.filters or {}).get("state", "")
    if state in set(ItemState):
        query = query.where(DepositItem.state == ItemState(state))
    sorts = {"name": (held.holder_name,), "state": (DepositItem.state, held.holder_name)}
    return paginate(
        session, query, wanted, sorts=sorts, default="name", tie=DepositItem.id, per_page=per_page, as_rows=True
    )


def states_of(session: Session, deposit: Deposit) -> Mapping[ItemState, int]:
    """Count the lines of a deposit by state."""
    query = select(DepositItem.state, func.count()).where(DepositItem.deposit_id == deposit.id)
    counts: dict[ItemState, int] = {}
    for state, count in session.execute(query.group_by(DepositItem.state)):
        counts[state] = count
    return counts


def receipts_of(session: Session, deposit: Deposit) -> list[Receipt]:
    """Return the processing reports of a deposit, the last one first."""
    query = select(Receipt).where(Receipt.deposit_id == deposit.id).order_by(Receipt.received_at.desc())
    return list(session.scalars(query))


def header_of(session: Session, deposit: Deposit) -> Header:
    """Return what heads the file of a deposit."""
    depositor = session.get_one(Depositor, deposit.depositor_id)
    return Header(
        flow_id=deposit.flow_id, stamped_at=deposit.stamped_at, client_id=depositor.client_id,
        contract_id=depositor.contract_id, is_trusted_third_party=depositor.is_trusted_third_party,
        version=SchemaVersion(deposit.schema_version), third_party_for=depositor.certifier_client_id,
    )  # fmt: skip


def passages_of(session: Session, deposit: Deposit) -> Iterator[Passage]:
    """Yield the lines of a deposit in the order of its file, decrypted a few hundred at a time: for the file only."""
    query = select(DepositItem.technical_id, DepositItem.identity_id, DepositItem.facts)
    rows = [
        (technical_id, identity_id, Award.from_document(facts))
        for technical_id, identity_id, facts in session.execute(query.where(DepositItem.deposit_id == deposit.id))
    ]
    rows.sort(key=lambda row: order_of(row[2].certification, row[0]))
    for start in range(0, len(rows), _AT_ONCE):
        yield from _passages(session, rows[start : start + _AT_ONCE])


def _passages(session: Session, rows: Sequence[tuple[str, uuid.UUID, Award]]) -> Iterator[Passage]:
    known = {row.id: row for row in identities.identities_by_id(session, [identity_id for _, identity_id, _ in rows])}
    numbered = {known[identity_id].user_id for _, identity_id, award in rows if award.has_number}
    numbers = identities.numbers_of(session, numbered)
    for technical_id, identity_id, award in rows:
        identity = known[identity_id]
        if not identity.content:
            raise Conflict(_l("Une identité de ce dépôt a été retirée depuis : son fichier ne peut plus être refait."))
        number = numbers.get(identity.user_id, "") if award.has_number else ""
        yield Passage(technical_id, award, opened_status(identity.content), number)


def fallen_of(session: Session, deposit: Deposit) -> list[str]:
    """Return the numbers of the certificates of a deposit that stand no more, in order."""
    held = certificates.Certificate
    query = (
        select(held.number)
        .join(DepositItem, DepositItem.certificate_id == held.id)
        .where(DepositItem.deposit_id == deposit.id, held.state != certificates.CertificateState.VALID)
    )
    return list(session.scalars(query.order_by(held.number)))


def certificates_of(session: Session, deposit: Deposit, technical_ids: Collection[str]) -> list[str]:
    """Return the numbers of the certificates of a few lines of a deposit, in order."""
    held = certificates.Certificate
    query = (
        select(held.number)
        .join(DepositItem, DepositItem.certificate_id == held.id)
        .where(DepositItem.deposit_id == deposit.id, DepositItem.technical_id.in_(technical_ids))
    )
    return list(session.scalars(query.order_by(held.number)))


def numbers_over(session: Session, before: datetime) -> list[RegistrationNumber]:
    """Return the registration numbers of which nothing more is expected, locked.

    Given before an answer that delivered a line of their person, at that moment or earlier; nothing of theirs waits.
    One given since is for a later certification.
    """
    theirs = (
        select(DepositItem.id)
        .join(certificates.Certificate, certificates.Certificate.id == DepositItem.certificate_id)
        .where(certificates.Certificate.holder_id == RegistrationNumber.user_id)
    )
    delivered = theirs.where(
        DepositItem.state == ItemState.DELIVERED,
        DepositItem.answered_at > RegistrationNumber.recorded_at,
        DepositItem.answered_at <= before,
    )
    query = select(RegistrationNumber).where(
        RegistrationNumber.content.is_not(None),
        delivered.exists(),
        ~theirs.where(DepositItem.state == ItemState.PENDING).exists(),
    )
    return list(session.scalars(query.with_for_update(of=RegistrationNumber)))
