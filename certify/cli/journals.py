"""Looking at what happened and at what must still happen: audit chains and outbox."""

import uuid

import click
from sqlalchemy import select

from certify.cli.terminal import answer, refuse, say, with_application
from certify.core import audit as audit_chain
from certify.core import outbox as box
from certify.core.db import db
from certify.core.outbox import OutboxMessage

_SHOWN = 20


@click.group()
def audit() -> None:
    """Journal d’audit."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def verify(as_json: bool) -> None:
    """Vérifier chaque chaîne : toute ligne modifiée, retirée ou déplacée est nommée."""
    faults = list(audit_chain.verify(db.session))
    heads = list(db.session.scalars(select(audit_chain.AuditHead).order_by(audit_chain.AuditHead.organisation_id)))
    if as_json:
        chains = [{"organisation": head.organisation_id, "events": head.position, "hash": head.hash} for head in heads]
        answer({"intact": not faults, "chains": chains, "faults": [fault.__dict__ for fault in faults]})
    for fault in faults[:_SHOWN]:
        where = f"organisme {fault.organisation_id}, ligne n° {fault.position} ({fault.event_id or 'absente'})"
        say(f"{where} : {fault.reason}")
    if len(faults) > _SHOWN:
        say(f"… et {len(faults) - _SHOWN} autres anomalies : --json les donne toutes.")
    if faults:
        refuse(f"le journal n’est pas intact : {len(faults)} anomalie(s)")
    say(f"Journal intact : {sum(head.position for head in heads)} événements dans {len(heads)} chaîne(s).")


@click.group()
def outbox() -> None:
    """Tâches de fond."""


@outbox.command("list")
@click.option("--failed", is_flag=True, help="Seulement celles qui ont échoué.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Nombre de lignes.")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def list_(failed: bool, limit: int, as_json: bool) -> None:
    """Lister les tâches qui attendent ou ont échoué."""
    query = select(OutboxMessage).where(OutboxMessage.done_at.is_(None)).order_by(OutboxMessage.created_at).limit(limit)
    rows = list(db.session.scalars(query.where(OutboxMessage.failed_at.is_not(None)) if failed else query))
    if as_json:
        keys = ("id", "topic", "created_at", "due_at", "attempts", "failed_at", "last_error")
        answer([{key: getattr(row, key) for key in keys} for row in rows])
        return
    for row in rows:
        state = "échouée" if row.failed_at else "en attente"
        click.echo(f"{row.id}  {row.topic:<24} {state:<11} {row.attempts} essai(s)  {row.last_error[:100]}")
    say(f"{len(rows)} tâche(s).")


@outbox.command()
@click.argument("message", type=click.UUID, required=False)
@click.option("--all", "everything", is_flag=True, help="Toutes celles qui ont échoué.")
@with_application
def retry(message: uuid.UUID | None, everything: bool) -> None:
    """Relancer une tâche échouée, ou toutes."""
    if (message is None) != everything:
        raise click.UsageError("donnez l’identifiant d’une tâche, ou --all")
    query = select(OutboxMessage).where(OutboxMessage.failed_at.is_not(None), OutboxMessage.done_at.is_(None))
    rows = list(db.session.scalars(query if everything else query.where(OutboxMessage.id == message)))
    if message is not None and not rows:
        refuse("aucune tâche échouée ne porte cet identifiant")
    for row in rows:
        box.retry(db.session, row)
    say(f"{len(rows)} tâche(s) relancée(s).")
