"""Frameworks in and out, in the formats that other tools know."""

import sys
import uuid
from dataclasses import replace
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import or_, select

from certify.cli.differences import described
from certify.cli.terminal import refuse, say, with_application
from certify.core.db import db
from certify.core.errors import Conflict
from certify.frameworks import exchange, services
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries.exported import changed_at
from certify.organisations.models import Organisation, OrganisationKind
from competencies import Framework, FrameworkFaults, difference, from_document

_FORMAT = click.option(
    "--format", "name", type=click.Choice(list(exchange.FORMATS)), help="Format du fichier ; sinon il est reconnu."
)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 50


@click.group()
def framework() -> None:
    """Référentiels."""


def _read(name: str | None, file: Path) -> Framework:
    """Read a file; what is wrong in it is said with its place, and nothing else happens."""
    with file.open("rb") as opened:
        content = opened.read(exchange.MAX_BYTES + 1)
    chosen = name or exchange.guess(file.name, content)
    if chosen is None:
        raise click.ClickException(f"le format de {file} n’est pas reconnu : donnez --format")
    reading = exchange.read(chosen, content)
    for note in reading.notes:
        say(note)
    if reading.framework is None:
        for fault in reading.faults[:_SHOWN]:
            click.echo(str(fault))
        raise click.ClickException(f"référentiel refusé, {len(reading.faults)} défaut(s)")
    return reading.framework


def _summary(found: Framework) -> str:
    return (
        f"{found.title.to('fr')}, version {found.version} : {len(found.blocks)} bloc(s), "
        f"{len(found.competencies)} compétence(s), {len(found.indicators)} indicateur(s)."
    )


@framework.command()
@_FORMAT
@click.argument("file", type=_FILE)
def validate(name: str | None, file: Path) -> None:
    """Lire un référentiel sans rien enregistrer : ce qui est fautif, où, et ce qui est attendu."""
    say(_summary(_read(name, file)))


@framework.command("import")
@_FORMAT
@click.option("--body", required=True, help="Organisme certificateur : son identifiant ou son nom.")
@click.option("--number", help="Numéro de version, s’il doit être un autre que celui du fichier.")
@click.option("--activate", is_flag=True, help="Mettre en vigueur aussitôt, au lieu de faire un brouillon.")
@click.argument("file", type=_FILE)
@with_application
def import_file(name: str | None, body: str, number: str | None, activate: bool, file: Path) -> None:
    """Faire d’un fichier un brouillon de référentiel, en entier ou pas du tout."""
    found = _read(name, file)
    if number:
        found = _numbered(found, number)
    version = services.import_framework(db.session, None, _body(body), found, is_active=activate)
    say(_summary(found))
    say("mis en vigueur." if activate else "enregistré comme brouillon.")
    if version.predecessor_id is not None:
        say("il fait suite à une version en vigueur : relisez ce que deviennent ses indicateurs.")
    click.echo(str(version.id))


def _numbered(found: Framework, number: str) -> Framework:
    if not number.strip():
        refuse("le numéro de version est vide")
    return replace(found, version=number)


def _body(named: str) -> Organisation:
    """Find a certifying body by its identifier or its exact name."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.CERTIFYING_BODY)
    known = _identifier(named)
    matching = or_(Organisation.name == named, Organisation.id == known) if known else Organisation.name == named
    found = list(db.session.scalars(query.where(matching)))
    if len(found) != 1:
        names = ", ".join(db.session.scalars(query.order_by(Organisation.name).with_only_columns(Organisation.name)))
        refuse(f"un seul organisme certificateur est attendu sous « {named} » ; organismes certificateurs : {names}")
    return found[0]


def _identifier(written: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(written)
    except ValueError:
        return None


@framework.command()
@click.option("--format", "name", required=True, type=click.Choice(list(exchange.FORMATS)), help="Format à écrire.")
@click.option("--version", "version_id", required=True, type=click.UUID, help="Identifiant de la version.")
@click.option("--language", type=click.Choice(["fr", "en"]), default="fr", help="Langue, pour qui n’en tient qu’une.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Fichier à écrire ; sinon la sortie.")
@with_application
def export(name: str, version_id: uuid.UUID, language: str, output: Path | None) -> None:
    """Écrire une version du référentiel, et dire ce que le format ne peut pas contenir."""
    version, found = _version(version_id)
    body = db.session.get_one(Organisation, version.certifying_body_id)
    site = current_app.config["SETTINGS"].public_url
    origin = exchange.origin(site, body.id, body.name, changed_at(version))
    chosen = exchange.FORMATS[name]
    content = chosen.write(found, language, origin)
    for loss in chosen.losses(found, language):
        say(f"ne tient pas dans ce format : {loss}")
    if output is None:
        sys.stdout.buffer.write(content)
        return
    output.write_bytes(content)
    say(f"écrit dans {output}")


def _version(version_id: uuid.UUID) -> tuple[FrameworkVersion, Framework]:
    version = db.session.get(FrameworkVersion, version_id)
    if version is None:
        raise click.ClickException(f"aucune version ne porte l’identifiant {version_id}")
    try:
        return version, from_document(version.content)
    except FrameworkFaults as refusal:
        raise Conflict(f"ce brouillon a encore {len(refusal.faults)} défaut(s) : corrigez-le d’abord") from refusal


@framework.command()
@_FORMAT
@click.argument("before")
@click.argument("after")
@click.pass_context
def diff(context: click.Context, name: str | None, before: str, after: str) -> None:
    """Dire ce qui change d’un référentiel à l’autre : chacun est un fichier, ou l’identifiant d’une version.

    Répond 0 quand rien ne change, 1 quand quelque chose change.
    """
    old, new = (_named(one, name) for one in (before, after))
    revision = difference(old, new)
    for line in described(revision, old, new):
        click.echo(line)
    if not revision.is_empty or old.version != new.version:
        context.exit(1)
    say("rien ne change.")


def _named(written: str, name: str | None) -> Framework:
    file = Path(written)
    if file.is_file():
        return _read(name, file)
    identifier = _identifier(written)
    if identifier is None:
        raise click.ClickException(f"{written} n’est ni un fichier, ni l’identifiant d’une version")
    found: Framework = _kept(identifier)
    return found


@with_application
def _kept(version_id: uuid.UUID) -> Framework:
    return _version(version_id)[1]


@framework.command("list")
@with_application
def list_versions() -> None:
    """Lister les versions et leurs identifiants."""
    for row in db.session.scalars(select(FrameworkVersion).order_by(FrameworkVersion.created_at)):
        state = "brouillon" if row.state is VersionState.DRAFT else row.state.value
        click.echo(f"{row.id}  {state:<10} {row.title_fr} {row.version}")
