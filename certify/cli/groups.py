"""Groups from the command line: their fidelity, all of them or those of one training body."""

import json
import uuid
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import click
from sqlalchemy import Select, select

from certify.cli.terminal import refuse, say, with_application
from certify.core.db import db
from certify.groups.models import PeerGroup
from certify.groups.queries.records import batches
from certify.groups.services.fidelity import refresh_all
from certify.organisations.models import Organisation, OrganisationKind
from competencies.fidelity import Fidelity

_AT_ONCE = 100


@click.group()
def groups() -> None:
    """Groupes de pairs."""


@groups.command()
@click.option("--body", type=click.UUID, help="Seulement les groupes de cet organisme de formation.")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine : une ligne par groupe.")
@with_application
def fidelity(body: uuid.UUID | None, as_json: bool) -> None:
    """Recalculer la fidélité au cadre de chaque groupe ; la cadence s’affiche à la fin."""
    recompute(body, as_json=as_json)


def recompute(body: uuid.UUID | None, *, as_json: bool) -> None:
    """Compute groups again and say each on a line as it is done, then the rate."""
    wanted = select(PeerGroup)
    if body is not None:
        organisation = db.session.get(Organisation, body)
        if organisation is None or organisation.kind is not OrganisationKind.TRAINING_BODY:
            refuse("aucun organisme de formation ne porte cet identifiant")
        wanted = wanted.where(PeerGroup.training_body_id == body)
    begin, count = perf_counter(), 0
    for count, (group, found) in enumerate(_computed(wanted), 1):  # noqa: B007 - said once the last one is done
        if as_json:
            click.echo(json.dumps(_document(group, found), ensure_ascii=False, default=str))
        else:
            click.echo(f"{group.code:<20} {found.worst.label.fr}")
    spent = perf_counter() - begin
    say(f"{count} groupe(s) en {spent:.1f} s : {count / max(spent, 1e-9):.0f} groupes par seconde.")


def _computed(wanted: Select[PeerGroup]) -> Iterator[tuple[PeerGroup, Fidelity]]:
    """Yield each group with its fidelity; a batch is one transaction and is then forgotten, so memory stays level."""
    for batch in batches(db.session, wanted, _AT_ONCE):
        found = refresh_all(db.session, batch)
        yield from ((group, found[group.id]) for group in batch)
        db.session.commit()
        db.session.expunge_all()


def _document(group: PeerGroup, found: Fidelity) -> dict[str, Any]:
    at = found.clock
    return {
        "group": group.id,
        "code": group.code,
        "training_body": group.training_body_id,
        "worst": found.worst.value,
        "rules": {one.code: {"verdict": one.verdict.value, "figures": dict(one.figures)} for one in found.rules},
        "clock": {
            "minimum_reached_on": at.minimum_reached_on,
            "months_run": at.months_run,
            "held": at.held,
            "expected": at.expected,
            "late": at.late,
            "longest_gap_days": at.longest_gap_days,
            "next_due_on": at.next_due_on,
        },
    }
