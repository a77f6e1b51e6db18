"""Platforms from the command line: invite, register, approve, suspend, check."""

import uuid

import click
from flask import current_app
from sqlalchemy import select

from certify.cli.terminal import answer, refuse, say, with_application
from certify.core.db import db
from certify.lti import keys
from certify.lti.models import Deployment, DeploymentState, Registration
from certify.lti.services import diagnosis
from certify.lti.services import registrations as services
from certify.lti.tool import tool
from certify.organisations.models import Organisation
from certify.settings import Settings

_JSON = click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
_STATES = {"active": "en service", "pending": "à activer", "disabled": "suspendue"}
_SIGNS = {"ok": "bon", "warning": "à voir", "failure": "ÉCHEC"}


@click.group()
def lti() -> None:
    """Plateformes de cours (LTI)."""


@lti.command()
@click.option("--organisation", "organisation_id", required=True, type=click.UUID, help="Identifiant de l’organisme.")
@click.option("--label", required=True, help="Nom de la plateforme.")
@_JSON
@with_application
def invite(organisation_id: uuid.UUID, label: str, as_json: bool) -> None:
    """Faire un lien qui laisse une plateforme s’enregistrer, une fois."""
    settings = _settings()
    made = services.invite(db.session, settings, None, _organisation(organisation_id), label=label)
    link = tool(settings).register_url(made.token)
    if as_json:
        answer({"id": made.invitation.id, "link": link, "expires_at": made.invitation.expires_at})
        return
    click.echo(link)
    say("Ce lien n’est montré qu’une fois : transmettez-le à la personne qui administre la plateforme.")


@lti.command()
@click.option("--issuer", required=True, help="Émetteur (« Platform ID »).")
@click.option("--client-id", required=True, help="Identifiant client.")
@click.option("--authorization-url", required=True, help="Adresse d’authentification.")
@click.option("--token-url", required=True, help="Adresse des jetons d’accès.")
@click.option("--jwks-url", required=True, help="Adresse des clés publiques.")
@click.option("--deployment-id", "deployments", multiple=True, help="Numéro de déploiement ; peut être répété.")
@click.option("--organisation", "organisation_id", required=True, type=click.UUID, help="Identifiant de l’organisme.")
@click.option("--name", default="", help="Nom de la plateforme (l’émetteur sinon).")
@click.option("--product", default="", help="Logiciel : moodle, canvas, desire2learn, BlackboardLearn, sakai…")
@click.option("--token-audience", default="", help="Destinataire des jetons, s’il diffère de leur adresse.")
@_JSON
@with_application
def register(
    deployments: tuple[str, ...], organisation_id: uuid.UUID, name: str, as_json: bool, **addresses: str
) -> None:
    """Raccorder une plateforme par ses réglages."""
    made = services.register_manually(
        db.session,
        _settings(),
        None,
        _organisation(organisation_id),
        name=name or addresses["issuer"],
        platform=services.Platform(**addresses),
        deployment_ids=deployments,
    )
    if as_json:
        db.session.flush()
        answer({**_facts(made, _deployments(made)), "login_url": tool(_settings()).login_url_of(made.id)})
        return
    click.echo(made.id)
    say(f"{made.name} est raccordée. Vérifiez-la : certify lti doctor {made.id}")


@lti.command("list")
@_JSON
@with_application
def list_(as_json: bool) -> None:
    """Lister les plateformes et ce qui y attend."""
    rows = list(db.session.scalars(select(Registration).order_by(Registration.name, Registration.id)))
    if as_json:
        answer([_facts(row, _deployments(row)) for row in rows])
        return
    for row in rows:
        waiting = sum(one.state is DeploymentState.PENDING for one in _deployments(row))
        click.echo(f"{row.id}  {_STATES[row.state.value]:<11} {row.name}  {row.issuer}")
        if waiting:
            click.echo(f"    {waiting} déploiement(s) à approuver : certify lti approve {row.id}")
    say(f"{len(rows)} plateforme(s).")


@lti.command()
@click.argument("registration", type=click.UUID)
@click.option("--deployment-id", default="", help="Un seul déploiement ; tous ceux qui attendent sinon.")
@with_application
def approve(registration: uuid.UUID, deployment_id: str) -> None:
    """Approuver les déploiements qui attendent."""
    row = _registration(registration)
    waiting = [
        one
        for one in _deployments(row)
        if (one.lms_id == deployment_id if deployment_id else one.state is DeploymentState.PENDING)
    ]
    if deployment_id and not waiting:
        refuse(f"aucun déploiement de cette plateforme ne porte le numéro {deployment_id}")
    for one in waiting:
        services.decide_deployment(db.session, None, row, one, approve=True)
    say(f"{len(waiting)} déploiement(s) approuvé(s).")


@lti.command()
@click.argument("registration", type=click.UUID)
@with_application
def disable(registration: uuid.UUID) -> None:
    """Suspendre une plateforme : ses liens ne s’ouvrent plus."""
    say(f"{services.switch(db.session, None, _registration(registration), enabled=False).name} est suspendue.")


@lti.command()
@click.argument("registration", type=click.UUID)
@with_application
def enable(registration: uuid.UUID) -> None:
    """Remettre une plateforme en service."""
    say(f"{services.switch(db.session, None, _registration(registration), enabled=True).name} est en service.")


@lti.command("rotate-keys")
@click.option("--at-once", is_flag=True, help="Sans préavis, si la clé est tombée entre d’autres mains.")
@_JSON
@with_application
def rotate_keys(at_once: bool, as_json: bool) -> None:
    """Faire la prochaine clé de signature : publiée un jour avant de servir."""
    keys.rotate(db.session, _settings(), None, at_once=at_once)
    db.session.flush()
    if as_json:
        answer([fact.__dict__ for fact in keys.state_of(db.session)])
        return
    say("La nouvelle clé est en usage." if at_once else "La nouvelle clé est publiée ; elle servira dans un jour.")


@lti.command()
@click.argument("registration", type=click.UUID, required=False)
@_JSON
@with_application
def doctor(registration: uuid.UUID | None, as_json: bool) -> None:
    """Vérifier une plateforme de bout en bout, ou toutes, et dire ce qui ne va pas."""
    rows = [_registration(registration)] if registration else list(db.session.scalars(select(Registration)))
    known = [(row.id, row.name) for row in rows]
    # The platform is waited for with nothing held in the database.
    db.session.rollback()
    found = {name_of: diagnosis.examine(_settings(), name_of[0]) for name_of in known}
    if as_json:
        answer([{"id": one[0], "name": one[1], "steps": _steps(findings)} for one, findings in found.items()])
    else:
        for (_id, name), findings in found.items():
            click.echo(name)
            for step in findings.steps:
                detail = f" ({step.detail})" if step.detail else ""
                click.echo(f"  {_SIGNS[step.outcome.value]:<7} {step.title} : {step.said}{detail}")
    failed = sum(findings.failed for findings in found.values())
    if failed:
        refuse(f"{failed} étape(s) en échec")
    say(f"{len(found)} plateforme(s) vérifiée(s), aucun échec.")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _steps(findings: diagnosis.Findings) -> list[dict[str, str]]:
    return [
        {
            "code": step.code,
            "outcome": step.outcome.value,
            "title": str(step.title),
            "said": str(step.said),
            "detail": step.detail,
        }
        for step in findings.steps
    ]


def _facts(row: Registration, deployments: list[Deployment]) -> dict[str, object]:
    names = ("id", "organisation_id", "name", "issuer", "client_id", "state", "product")
    return {name: getattr(row, name) for name in names} | {
        "deployments": [{"id": one.lms_id, "state": one.state} for one in deployments]
    }


def _deployments(row: Registration) -> list[Deployment]:
    query = select(Deployment).where(Deployment.registration_id == row.id).order_by(Deployment.first_seen_at)
    return list(db.session.scalars(query))


def _registration(identifier: uuid.UUID) -> Registration:
    found = db.session.get(Registration, identifier)
    if found is None:
        refuse(f"aucune plateforme ne porte l’identifiant {identifier}")
        raise AssertionError
    return found


def _organisation(identifier: uuid.UUID) -> Organisation:
    found = db.session.get(Organisation, identifier)
    if found is None:
        refuse(f"aucun organisme ne porte l’identifiant {identifier}")
        raise AssertionError
    return found
