"""Declarations from the command line: prepare a deposit, check a file, take in a processing report."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy import select

from certify.accounts.models import User
from certify.cli.terminal import answer, refuse, say, with_application
from certify.core import clock
from certify.core.access import Actor, Permission, load_grants
from certify.core.db import db
from certify.declarations import policies, queries, reading, services, tasks, writing
from certify.declarations.models import Deposit
from certify.declarations.passages import SchemaVersion

_SHOWN = 20
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def cpf() -> None:
    """Déclarations à la Caisse des Dépôts."""


@cpf.command()
@click.option("--body", required=True, type=click.UUID, help="Organisme certificateur.")
@click.option("--as", "email", required=True, help="Adresse de la personne qui tient le registre et prépare le dépôt.")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Fichier à écrire.")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def export(body: uuid.UUID, email: str, output: Path, as_json: bool) -> None:
    """Préparer le prochain dépôt et écrire son fichier."""
    actor = _actor(email, body)
    with _new_file(output) as file:
        deposit = services.prepare(db.session, actor, body)
        made = services.make(db.session, deposit, tasks.schema_of(deposit.schema_version), lambda _done: None)
        assert made is not None  # narrows the type: it was prepared just above
        services.note_made(db.session, deposit, made)
        if made.trouble:
            refuse(made.trouble)
        with services.take(db.session, actor, deposit) as content:
            # Whatever leaves is in the register first.
            db.session.commit()
            shutil.copyfileobj(content, file)
    name = writing.file_name(queries.header_of(db.session, deposit))
    if as_json:
        answer({"deposit": deposit.id, "number": deposit.number, "lines": deposit.count, "sha256": deposit.sha256})
        return
    say(f"Dépôt n° {deposit.number} : {deposit.count} ligne(s), identifiant {deposit.id}.")
    say(f"Téléversez-le sur le portail sous le nom « {name} », que le compte rendu doit citer.")
    say("Dites-le ensuite sur la page du dépôt, puis supprimez le fichier.")


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """Make a file for its owner alone, from the first byte: it names people; it goes when what fills it fails."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise click.ClickException(f"« {path} » existe déjà : choisissez un autre nom, ou supprimez-le") from None
    except OSError as error:
        raise click.ClickException(f"« {path} » ne peut pas être écrit : {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@cpf.command()
@click.argument("file", type=_FILE)
@click.option(
    "--schema", "version", default=SchemaVersion.V112.value, show_default=True,
    type=click.Choice([one.value for one in SchemaVersion]), help="Version du schéma.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def check(file: Path, version: str, as_json: bool) -> None:
    """Vérifier un fichier de dépôt : règles de chaque ligne, et schéma s’il est réglé."""
    today = clock.today()
    with file.open("rb") as content:
        lines = list(reading.passages_in(content))
    faults = [fault for line in lines for fault in policies.faults_of(line, today)]
    said = [f"{one.technical_id} : {one.field}, {one.message.fr}" for one in faults]
    said += [f"{name} : identifiant technique en double" for name in policies.twice(lines)]
    schema = tasks.schema_of(version)
    if schema is not None:
        with file.open("rb") as content:
            refused = reading.schema_faults(content, schema)
        said += [f"ligne {one.line} : {one.element}, refusé par le schéma" for one in refused]
    if as_json:
        answer({"lines": len(lines), "schema": version if schema else None, "faults": said})
    for one in said[:_SHOWN]:
        say(one)
    if said:
        refuse(f"{len(said)} anomalie(s) dans {len(lines)} ligne(s)")
    say(f"{len(lines)} ligne(s) conformes aux règles" + (f" et au schéma {version}." if schema else "."))
    if schema is None:
        say(f"Le schéma {version} n’est pas réglé ({_SETTINGS[version]}) : seules les règles ont été vérifiées.")


@cpf.command("import-receipt")
@click.argument("file", type=_FILE)
@click.option("--deposit", "deposit_id", required=True, type=click.UUID, help="Dépôt dont parle le compte rendu.")
@click.option("--as", "email", required=True, help="Adresse de la personne qui tient le registre.")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def import_receipt(file: Path, deposit_id: uuid.UUID, email: str, as_json: bool) -> None:
    """Prendre en compte un compte rendu de traitement."""
    known = db.session.get(Deposit, deposit_id)
    if known is None:
        raise click.ClickException("aucun dépôt ne porte cet identifiant")
    actor = _actor(email, known.certifying_body_id)
    deposit = queries.deposit_for(db.session, actor, deposit_id)
    row = services.import_receipt(db.session, actor, deposit, filename=file.name, content=file.read_bytes())
    if as_json:
        answer({"deposit": deposit_id, "state": deposit.state.value, **row.figures})
        return
    say(f"Dépôt n° {deposit.number}, {deposit.state.label} : " + _told(row.figures))


def _told(figures: dict[str, Any]) -> str:
    return f"{figures['delivered']} enregistrée(s), {figures['rejected']} rejetée(s)."


def _actor(email: str, body: uuid.UUID) -> Actor:
    user = db.session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()
    if user is None:
        raise click.ClickException("personne n’a cette adresse")
    actor = Actor(user.id, user.name, load_grants(db.session, user.id))
    if body not in actor.organisations(Permission.DECLARATION_WRITE):
        refuse("cette personne ne déclare pas pour cet organisme")
    return actor


_SETTINGS = {SchemaVersion.V112.value: "CERTIFY_CPF_XSD_112", SchemaVersion.V115.value: "CERTIFY_CPF_XSD_115"}
