"""How the command line speaks: French on stderr, JSON on stdout, one exit status per kind of answer."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import inspect
from sqlalchemy.exc import InterfaceError, OperationalError

from certify.app import create_app
from certify.core.db import db
from certify.core.errors import Refusal

CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


def say(message: str) -> None:
    """Tell the person something."""
    click.echo(message, err=True)


def answer(value: Any) -> None:
    """Give a machine its answer."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def refuse(reason: str) -> None:
    """Stop with the reason."""
    raise click.ClickException(reason)


def application() -> Flask:
    """Return the application; settings that are not acceptable are a refusal that names them."""
    try:
        return create_app()
    except ValidationError as error:
        reasons = "; ".join(
            f"CERTIFY_{'_'.join(map(str, e['loc'])).upper()} {e['msg']}" if e["loc"] else str(e["msg"])
            for e in error.errors()
        )
        raise click.ClickException(f"réglages refusés : {reasons.replace('Value error, ', '')}") from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def is_initialised() -> bool:
    """Whether the database has been migrated."""
    return bool(inspect(db.engine).has_table("alembic_version"))


def with_application(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command inside the application, as one transaction; a refusal of a verb is a refusal of the command."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with application().app_context():
            try:
                if command.__name__ != "init" and not is_initialised():
                    refuse("la base de données n’est pas prête : lancez d’abord « certify init »")
                result = command(*args, **kwargs)
                db.session.commit()
            except Refusal as refusal:
                db.session.rollback()
                raise click.ClickException(str(refusal.message)) from refusal
            except (OperationalError, InterfaceError) as error:
                raise click.ClickException(f"la base de données ne répond pas : {str(error.orig).strip()}") from error
            finally:
                db.session.close()
            return result

    return run


def _expected(parameter: click.Parameter | None) -> str:
    match parameter.type if parameter is not None else None:
        case click.IntRange() as bounds:
            return f"il faut un nombre entier entre {bounds.min} et {bounds.max}"
        case click.Choice() as choice:
            return f"il faut l’une de : {', '.join(map(str, choice.choices))}"
        case click.DateTime():
            return "il faut une date comme 2026-06-12"
        case click.Path():
            return "il faut un fichier qui existe"
        case None:
            return "elle n’est pas comprise"
        case _:
            return "il faut un identifiant"


def french(error: click.ClickException) -> str:
    """Return what click found wrong, in French."""
    match error:
        case click.NoSuchOption():
            return f"option inconnue : {error.option_name}"
        case click.MissingParameter():
            name = error.param.opts[0] if error.param is not None else ""
            return f"il manque {name}"
        case click.BadParameter():
            name = error.param.opts[0] if error.param is not None else ""
            return f"valeur refusée pour {name}, {_expected(error.param)}"
        case click.UsageError():
            return error.message.replace("No such command", "commande inconnue :").replace(
                "Missing command.", "il manque une commande"
            )
        case _:
            return error.message
