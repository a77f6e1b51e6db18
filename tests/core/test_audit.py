"""The audit chain finds whatever was altered, removed or reordered, and says which row."""

import threading
import uuid
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import Executable, delete, select, update
from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.audit import AuditEvent, AuditHead
from certify.core.db import separate_session
from certify.core.sealing import KEEPS_SEALS


@pytest.fixture
def organisation_id() -> uuid.UUID:
    return uuid.uuid4()


@pytest.fixture
def chain(session: Session, organisation_id: uuid.UUID) -> list[AuditEvent]:
    for number in range(1, 6):
        audit.record(session, None, "test:thing:happened", organisation_id=organisation_id, number=number, word="été")
    session.commit()
    return list(
        session.scalars(
            select(AuditEvent).where(AuditEvent.organisation_id == organisation_id).order_by(AuditEvent.position)
        )
    )


def _tamper(session: Session, statement: Executable) -> None:
    """Do what the application refuses to do: change a row that is sealed."""
    session.execute(statement, execution_options={KEEPS_SEALS: True})


def test_an_untouched_chain_has_no_fault(session: Session, chain: list[AuditEvent]) -> None:
    assert [event.position for event in chain] == [1, 2, 3, 4, 5]
    assert list(audit.verify(session)) == []


def test_a_moment_told_in_another_time_zone_hashes_alike(session: Session, organisation_id: uuid.UUID) -> None:
    with clock.at(datetime(2026, 5, 1, 9, 30, tzinfo=clock.PARIS)):
        audit.record(session, None, "test:thing:happened", organisation_id=organisation_id)
    session.commit()
    session.expire_all()
    assert list(audit.verify(session)) == []


def test_an_altered_row_is_named(session: Session, chain: list[AuditEvent]) -> None:
    _tamper(session, update(AuditEvent).where(AuditEvent.id == chain[2].id).values(detail={"number": 300}))
    faults = list(audit.verify(session))
    assert [(fault.position, fault.event_id, fault.reason) for fault in faults] == [(3, chain[2].id, "ligne modifiée")]


def test_a_removed_row_is_named(session: Session, chain: list[AuditEvent]) -> None:
    _tamper(session, delete(AuditEvent).where(AuditEvent.id == chain[1].id))
    assert [(fault.position, fault.reason) for fault in audit.verify(session)] == [(2, "ligne retirée ou déplacée")]


def test_a_cut_tail_is_found(session: Session, chain: list[AuditEvent]) -> None:
    _tamper(session, delete(AuditEvent).where(AuditEvent.id == chain[4].id))
    assert [(fault.position, fault.reason) for fault in audit.verify(session)] == [(5, "fin de chaîne retirée")]


def test_two_rows_swapped_are_found(session: Session, chain: list[AuditEvent]) -> None:
    first, second = chain[1].id, chain[2].id
    for identifier, position in ((first, 1000), (second, 2), (first, 3)):
        _tamper(session, update(AuditEvent).where(AuditEvent.id == identifier).values(position=position))
    session.expire_all()
    assert {fault.position for fault in audit.verify(session)} >= {2, 3}


def test_a_row_rewritten_with_its_own_hash_breaks_the_next_link(session: Session, chain: list[AuditEvent]) -> None:
    forged = chain[2]
    session.expunge(forged)
    forged.detail = {"number": 300}
    _tamper(
        session,
        update(AuditEvent)
        .where(AuditEvent.id == forged.id)
        .values(detail=forged.detail, hash=audit.link_hash(forged.previous_hash, forged)),
    )
    session.expire_all()
    assert [(fault.position, fault.reason) for fault in audit.verify(session)] == [
        (4, "ne suit pas la ligne précédente")
    ]


def test_a_rolled_back_change_leaves_no_trace(
    session: Session, chain: list[AuditEvent], organisation_id: uuid.UUID
) -> None:
    audit.record(session, None, "test:thing:happened", organisation_id=organisation_id)
    session.rollback()
    session.commit()
    assert session.get_one(AuditHead, organisation_id).position == 5


def test_writers_of_one_chain_wait_for_one_another(app: Flask, session: Session, organisation_id: uuid.UUID) -> None:
    audit.record(session, None, "test:thing:happened", organisation_id=organisation_id)
    session.commit()

    def write() -> None:
        with app.app_context(), separate_session() as own:
            for _ in range(10):
                audit.record(own, None, "test:thing:happened", organisation_id=organisation_id)
                own.commit()

    threads = [threading.Thread(target=write) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.expire_all()
    session.rollback()
    assert session.get_one(AuditHead, organisation_id).position == 51
    assert list(audit.verify(session)) == []
