"""First accounts and organisations, before anyone can sign in."""

import uuid
from datetime import date
from pathlib import Path

import click
from sqlalchemy import select

import competencies
from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.cli.terminal import answer, refuse, say, with_application
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.frameworks import services as frameworks
from certify.organisations import services as organisations
from certify.organisations.models import Organisation, OrganisationKind


def _organisation(identifier: uuid.UUID) -> Organisation:
    found = db.session.get(Organisation, identifier)
    if found is None:
        refuse(f"aucun organisme ne porte l’identifiant {identifier}")
        raise AssertionError
    return found


@click.group()
def user() -> None:
    """Comptes."""


@user.command()
@click.option("--email", required=True, help="Adresse électronique.")
@click.option("--given-name", required=True, help="Prénom.")
@click.option("--family-name", required=True, help="Nom.")
@click.option("--organisation", "organisation_id", required=True, type=click.UUID, help="Identifiant de l’organisme.")
@click.option(
    "--role", required=True, type=click.Choice(organisations.ASSIGNABLE_ROLES), help="Rôle dans cet organisme."
)
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Fichier du mot de passe ; sinon une invitation est envoyée.",
)
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def create(
    email: str,
    given_name: str,
    family_name: str,
    organisation_id: uuid.UUID,
    role: str,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Donner un rôle à une personne dans un organisme, en créant son compte s’il le faut."""
    organisation = _organisation(organisation_id)
    membership = organisations.add_member(
        db.session,
        None,
        organisation,
        email=email,
        given_name=given_name,
        family_name=family_name,
        role=Role(role),
    )
    person = db.session.get_one(User, membership.user_id)
    if password_file is not None:
        accounts.set_password(db.session, person, password_file.read_text(encoding="utf-8").strip())
    if as_json:
        answer({"id": person.id, "email": person.email, "role": role, "organisation": organisation.id})
    say(f"{person.email} : {role}, {organisation.name}.")


@click.group()
def organisation() -> None:
    """Organismes."""


@organisation.command("create")
@click.option(
    "--kind", required=True, type=click.Choice([kind.value for kind in OrganisationKind]), help="Sorte d’organisme."
)
@click.option("--name", required=True, help="Nom, tel qu’il sera imprimé.")
@click.option("--city", default="", help="Ville.")
@click.option("--contact", default="", help="Adresse de contact.")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def create_organisation(kind: str, name: str, city: str, contact: str, as_json: bool) -> None:
    """Créer un organisme ; un organisme certificateur reçoit le référentiel livré."""
    made = organisations.create_organisation(
        db.session, None, kind=OrganisationKind(kind), name=name, city=city, contact=contact
    )
    if made.kind is OrganisationKind.CERTIFYING_BODY:
        frameworks.adopt(db.session, None, made, competencies.demo())
    if as_json:
        answer({"id": made.id, "name": made.name, "kind": kind})
    say(f"{made.name} : {made.id}")


@organisation.command("list")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def list_organisations(as_json: bool) -> None:
    """Lister les organismes et leurs identifiants."""
    rows = list(db.session.scalars(select(Organisation).order_by(Organisation.kind, Organisation.name)))
    if as_json:
        answer([{"id": row.id, "kind": row.kind, "name": row.name} for row in rows])
        return
    for row in rows:
        click.echo(f"{row.id}  {row.kind.value:<16} {row.name}")


@organisation.command()
@click.option("--certifying-body", required=True, type=click.UUID, help="Organisme certificateur.")
@click.option("--training-body", required=True, type=click.UUID, help="Organisme de formation.")
@click.option("--from", "starts_on", type=click.DateTime(["%Y-%m-%d"]), help="Premier jour (aujourd’hui sinon).")
@click.option("--until", "ends_on", type=click.DateTime(["%Y-%m-%d"]), help="Dernier jour.")
@with_application
def habilitate(
    certifying_body: uuid.UUID, training_body: uuid.UUID, starts_on: date | None, ends_on: date | None
) -> None:
    """Habiliter un organisme de formation à préparer à la certification."""
    first, second = _organisation(certifying_body), _organisation(training_body)
    organisations.habilitate(
        db.session,
        None,
        first,
        second,
        starts_on=starts_on or clock.today(),
        ends_on=ends_on,
    )
    say(f"{second.name} est habilité par {first.name}.")
