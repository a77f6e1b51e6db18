"""Deposits of a body, their lines, and what a deposit file is made of."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from certify.declarations.writing import order
from certify.identities import queries as identities
from certify.identities.ciphers import opened_status
from certify.organisations.models import Organisation


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
        version=SchemaVersion(deposit.schema_version),
    )  # fmt: skip


def passages_of(session: Session, deposit: Deposit) -> list[Passage]:
    """Return the lines of a deposit in the order of its file, decrypted: for the file only."""
    query = select(DepositItem.technical_id, DepositItem.identity_id, DepositItem.facts).where(
        DepositItem.deposit_id == deposit.id
    )
    rows = session.execute(query).all()
    known = {row.id: row for row in identities.identities_by_id(session, [row.identity_id for row in rows])}
    numbered = {known[row.identity_id].user_id for row in rows if row.facts["has_number"]}
    numbers = identities.numbers_of(session, numbered)
    return sorted(_passages(rows, known, numbers), key=order)


def _passages(rows: Any, known: Mapping[uuid.UUID, Any], numbers: Mapping[uuid.UUID, str]) -> Iterator[Passage]:
    for technical_id, identity_id, facts in rows:
        identity, award = known[identity_id], Award.from_document(facts)
        if not identity.content:
            raise Conflict(_l("Une identité de ce dépôt a été retirée depuis : son fichier ne peut plus être refait."))
        number = numbers.get(identity.user_id, "") if award.has_number else ""
        yield Passage(technical_id, award, opened_status(identity.content), number)
