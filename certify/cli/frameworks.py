"""Frameworks in and out, in the formats that other tools know."""

import uuid
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import select

from certify.cli.terminal import refuse, say, with_application
from certify.core.db import db
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from certify.organisations.models import Organisation
from competencies.exchange import FORMATS, Origin

_FORMAT = click.option("--format", "name", required=True, type=click.Choice(list(FORMATS)), help="Format du fichier.")
_SHOWN = 50


@click.group()
def framework() -> None:
    """Référentiels."""


@framework.command()
@_FORMAT
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def validate(name: str, file: Path) -> None:
    """Lire un référentiel sans rien enregistrer : ce qui est fautif, où, et ce qui est attendu."""
    try:
        reading = FORMATS[name].read(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        refuse("ce fichier n’est pas en UTF-8")
        return
    for note in reading.notes:
        say(note)
    if reading.framework is None:
        for fault in reading.faults[:_SHOWN]:
            click.echo(str(fault))
        refuse(f"référentiel refusé, {len(reading.faults)} défaut(s)")
        return
    found = reading.framework
    say(
        f"{found.title.to('fr')}, version {found.version} : {len(found.blocks)} bloc(s), "
        f"{len(found.competencies)} compétence(s), {len(found.indicators)} indicateur(s)."
    )


@framework.command()
@_FORMAT
@click.option("--version", "version_id", required=True, type=click.UUID, help="Identifiant de la version.")
@click.option("--language", type=click.Choice(["fr", "en"]), default="fr", help="Langue, pour qui n’en tient qu’une.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Fichier à écrire ; sinon la sortie.")
@with_application
def export(name: str, version_id: uuid.UUID, language: str, output: Path | None) -> None:
    """Écrire une version du référentiel, et dire ce que le format ne peut pas contenir."""
    version = db.session.get(FrameworkVersion, version_id)
    if version is None:
        refuse(f"aucune version ne porte l’identifiant {version_id}")
        return
    found = framework_of(db.session, version_id)
    body = db.session.get_one(Organisation, version.certifying_body_id)
    site = current_app.config["SETTINGS"].public_url
    text = FORMATS[name].write(found, language, Origin(site, version.created_at.isoformat(), body.name))
    for loss in FORMATS[name].losses(found, language):
        say(f"ne tient pas dans ce format : {loss}")
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, encoding="utf-8", newline="")
    say(f"écrit dans {output}")


@framework.command("list")
@with_application
def list_versions() -> None:
    """Lister les versions et leurs identifiants."""
    for row in db.session.scalars(select(FrameworkVersion).order_by(FrameworkVersion.created_at)):
        click.echo(f"{row.id}  {row.state.value:<10} {row.title_fr} {row.version}")
