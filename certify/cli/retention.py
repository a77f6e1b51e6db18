"""Removing what is older than its class of data allows."""

import click

from certify.cli.terminal import answer, say, with_application
from certify.core.db import db, separate_session
from certify.retention import queries, services
from certify.retention.classes import CLASSES


@click.group()
def retention() -> None:
    """Conservation des données."""


@retention.command()
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def preview(as_json: bool) -> None:
    """Dire ce qui partirait aujourd’hui, catégorie par catégorie."""
    lines = queries.lines(db.session)
    if as_json:
        answer([{"code": one.kind.code, "days": one.days, "before": one.before, "due": one.due} for one in lines])
        return
    for one in lines:
        say(f"{one.kind.code:<22} {one.days:>6} jours  {one.due:>8} ligne(s) d’avant le {one.before:%d/%m/%Y}")


@retention.command()
@click.argument("code", type=click.Choice([one.code for one in CLASSES]))
@with_application
def purge(code: str) -> None:
    """Retirer ce qui est échu d’une catégorie."""
    kind, removed = queries.known_class(code), 0
    before = queries.limit(queries.periods(db.session)[code])
    while True:
        with separate_session() as session:
            batch = services.purge_some(session, kind, before)
            session.commit()
        if not batch:
            break
        removed += batch
    say(f"{removed} ligne(s) retirée(s).")
