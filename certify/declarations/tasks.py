"""What declarations do after a transaction and every hour: deposit files are made, registration numbers go."""

import uuid
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import update
from sqlalchemy.orm import Session

from certify.core import clock, jobs, outbox
from certify.core.db import separate_session
from certify.core.sealing import KEEPS_SEALS
from certify.declarations import queries, services
from certify.declarations.models import Deposit, DepositState
from certify.declarations.passages import SchemaVersion
from certify.declarations.services.depositing import Made, Note, known_schema
from certify.identities import services as identities
from certify.settings import Settings


def make_deposit(session: Session, deposit_id: str) -> Made | None:
    """Write and check the file of a deposit, without holding any lock."""
    identity = uuid.UUID(deposit_id)
    deposit = session.get_one(Deposit, identity)
    return services.make(session, deposit, schema_of(deposit.schema_version), _progress_of(identity))


@outbox.on(services.WANTED, prepare=make_deposit)
def keep_deposit(session: Session, deposit_id: str, prepared: Made | None) -> None:
    """Note what the file is, in the transaction that marks the job done."""
    deposit = session.get_one(Deposit, uuid.UUID(deposit_id), with_for_update=True, populate_existing=True)
    if prepared is not None and not deposit.sha256 and deposit.state is DepositState.GENERATED:
        services.note_made(session, deposit, prepared)


def schema_of(version: str) -> Path | None:
    """Return the schema file that the settings give for a version, if any."""
    settings: Settings = current_app.config["SETTINGS"]
    return known_schema(version, {SchemaVersion.V112: settings.cpf_xsd_112, SchemaVersion.V115: settings.cpf_xsd_115})


def _progress_of(deposit_id: uuid.UUID) -> Note:
    """Return what notes progress, in a transaction of its own so that pages see it."""

    def note(done: int) -> None:
        with separate_session() as own:
            change = update(Deposit).where(Deposit.id == deposit_id).values(done=done)
            own.execute(change, execution_options={KEEPS_SEALS: True, "synchronize_session": False})
            own.commit()

    return note


@jobs.each_hour(37)
def purge_numbers() -> int:
    """Remove the registration numbers of people declared for long enough; return how many."""
    settings: Settings = current_app.config["SETTINGS"]
    with separate_session() as session:
        rows = queries.numbers_over(session, clock.now() - timedelta(days=settings.nir_days))
        for row in rows:
            identities.forget_number(session, None, row)
        session.commit()
    return len(rows)
