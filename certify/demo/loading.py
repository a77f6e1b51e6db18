"""Loading the demonstration once, multiplying it, and starting again."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import flask_migrate
from flask import current_app
from huey import Huey
from sqlalchemy import func, select

from certify.core import clock, jobs
from certify.core.db import db
from certify.core.errors import Forbidden
from certify.demo import bodies, cohort, living, multiplying, practice
from certify.organisations.models import Organisation
from certify.settings import Settings

Tell = Callable[[str], None]


@dataclass(frozen=True)
class DemoAccount:
    """One account people may sign in with."""

    role: str
    name: str
    email: str
    password: str


def password_of(settings: Settings) -> str:
    """Return the password of every demonstration account: the same at each run, another in each installation."""
    digest = hmac.new(settings.secret("secret_key").encode(), b"demonstration", hashlib.sha256).hexdigest()
    return f"demo-{digest[:4]}-{digest[4:8]}-{digest[8:12]}"


def last_morning() -> datetime:
    """Return the last time it was half past nine in Paris: nobody writes a logbook or sits on a jury at night."""
    now = clock.now().astimezone(clock.PARIS)
    morning = now.replace(hour=9, minute=30, second=0, microsecond=0)
    return morning if morning <= now else morning - timedelta(days=1)


def password_hash_of(people: bodies.People) -> str | None:
    """Return the hash that the demonstration's accounts share: hashing is what makes an account slow to make."""
    return people.users["coordinator"].password


def load(scale: int, tell: Tell) -> list[DemoAccount]:
    """Load the demonstration unless it is there, with `scale` cohorts of twelve trainees; return its accounts."""
    settings: Settings = current_app.config["SETTINGS"]
    password = password_of(settings)
    people = bodies.find()
    if people is None:
        tell("Chargement de la démonstration…")
        with clock.at(last_morning()):
            people = bodies.make(password)
            living.set_rules(people)
            made = cohort.make(people, password_hash_of(people))
            living.fill(people, made)
            practice.fill(people, made)
        db.session.commit()
    _multiply(people, scale, tell)
    return accounts(password)


def _multiply(people: bodies.People, scale: int, tell: Tell) -> None:
    made = bodies.cohorts_made(people)
    # Jobs have transactions of their own, and on SQLite one at a time may be open.
    db.session.commit()
    if made == 1:
        done = jobs.run_pending()
        tell(f"  {done} tâches de fond menées (documents, courriels).")
    if made >= scale:
        return
    people = _found()
    original = multiplying.read_original(people)
    for number in range(made + 1, scale + 1):
        with clock.at(last_morning()):
            multiplying.copy(people, original, number)
        db.session.commit()
        if number % 10 == 0:
            tell(f"  {number} promotions sur {scale}")
            # Everything forgotten: a session that remembers a thousand trainees is slow.
            db.session.expunge_all()
            people = _found()
    tell("  Les documents et courriels des promotions ajoutées seront faits par « certify worker ».")


def _found() -> bodies.People:
    people = bodies.find()
    if people is None:
        raise LookupError("the demonstration is not there")
    return people


def accounts(password: str) -> list[DemoAccount]:
    """Return the accounts to show, in the order of the path."""
    return [DemoAccount(label, user.name, user.email, password) for label, user in bodies.people_to_show()]


def erase() -> None:
    """Empty the database; refused in production, and as soon as an organisation is not a demonstration one."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.env == "production":
        raise Forbidden("la démonstration ne s’efface pas en production")
    if db.session.scalar(select(func.count()).select_from(Organisation).where(Organisation.is_demo.is_(False))):
        raise Forbidden("cette base contient des organismes réels : rien n’a été effacé")
    db.session.close()
    flask_migrate.downgrade(revision="base")
    flask_migrate.upgrade()
    queue: Huey = current_app.extensions[jobs.EXTENSION]
    queue.flush()
