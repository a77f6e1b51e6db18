"""Setting up and running: init, serve, worker, demo, settings."""

import click
import flask_migrate
from flask import current_app

from certify.cli import serving
from certify.cli.terminal import answer, application, is_initialised, refuse, say, with_application
from certify.core import jobs
from certify.core.db import db
from certify.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def init(as_json: bool) -> None:
    """Préparer l’installation : dossier de données, secrets, base de données à jour."""
    settings: Settings = current_app.config["SETTINGS"]
    for name in ("secret_key", "password_salt", "keys_secret"):
        settings.secret(name)
    flask_migrate.upgrade()
    if as_json:
        answer({"database": db.engine.dialect.name, "data_dir": str(settings.data_dir.resolve())})
    say(f"Prêt : base {db.engine.dialect.name}, données dans {settings.data_dir.resolve()}.")


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port d’écoute.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Adresse d’écoute.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 64), help="Processus web.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Fils par processus.")
@click.option("--no-worker", is_flag=True, help="Ne pas lancer les tâches de fond (elles tournent ailleurs).")
def serve(port: int, host: str, processes: int, threads: int, no_worker: bool) -> None:
    """Servir l’application : les pages et, sauf --no-worker, les tâches de fond."""
    app = application()
    with app.app_context():
        if not is_initialised():
            refuse("la base de données n’est pas prête : lancez d’abord « certify init »")
        db.engine.dispose()
    serving.run(host, port, processes=processes, threads=threads, with_worker=not no_worker)


@click.command()
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 32), help="Tâches menées de front.")
def worker(threads: int) -> None:
    """Mener les tâches de fond : documents, courriels, reprises."""
    jobs.run_worker(application(), threads)


@click.command()
@click.option("--reset", is_flag=True, help="Tout effacer et recommencer (jamais en production).")
@click.option(
    "--scale", default=1, show_default=True, type=click.IntRange(1, 1000), help="Nombre de promotions de démonstration."
)
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine : comptes et mots de passe.")
@with_application
def demo(reset: bool, scale: int, as_json: bool) -> None:
    """Charger les données de démonstration, une seule fois, et afficher ses comptes."""
    from certify.demo import loading

    if reset:
        loading.erase()
    accounts = loading.load(scale, say)
    if as_json:
        answer({"accounts": [account.__dict__ for account in accounts]})
        return
    say("Comptes de démonstration :")
    for account in accounts:
        say(f"  {account.role:<28} {account.email:<42} {account.password}")


@click.group()
def settings() -> None:
    """Réglages CERTIFY_*."""


@settings.command("check")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
@with_application
def check(as_json: bool) -> None:
    """Vérifier les réglages et les afficher, secrets masqués."""
    current: Settings = current_app.config["SETTINGS"]
    rows = {f"CERTIFY_{name.upper()}": str(getattr(current, name)) for name in Settings.model_fields}
    if as_json:
        answer(rows)
    else:
        for (name, value), field in zip(rows.items(), Settings.model_fields.values(), strict=True):
            click.echo(f"{name}={value}\n    {field.description}")
    say("Réglages acceptés.")
