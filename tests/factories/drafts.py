"""Drafts of frameworks, and who writes them."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.core.access import Actor, Role
from certify.frameworks import services
from certify.frameworks.models import FrameworkVersion
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_version
from tests.factories.people import actor_of, make_certifying_body, make_member


def make_registrar(session: Session, body: Organisation | None = None) -> tuple[User, Actor, Organisation]:
    """Make somebody who writes the frameworks of a certifying body."""
    body = body or make_certifying_body(session)
    person = make_member(session, body, Role.REGISTRAR)
    return person, actor_of(session, person), body


def make_empty_draft(session: Session, actor: Actor, body: Organisation, code: str = "essai") -> FrameworkVersion:
    """Make a draft with one block, one competency and one indicator to fill in."""
    return services.begin(session, actor, body, code=code, number="1")


def make_next_version(session: Session, actor: Actor, body: Organisation, number: str = "2027") -> FrameworkVersion:
    """Make the draft that comes after the demonstration framework."""
    return services.new_version(session, actor, make_version(session, body), number=number)


def make_small_next_version(session: Session, actor: Actor, body: Organisation) -> FrameworkVersion:
    """Make the draft that comes after a framework of two blocks of two competencies, quick to show."""
    whole = competencies.demo()
    blocks = tuple(
        replace(
            block, competencies=tuple(replace(one, indicators=one.indicators[:2]) for one in block.competencies[:2])
        )
        for block in whole.blocks[:2]
    )
    version = services.adopt(session, actor, body, replace(whole, blocks=blocks))
    return services.new_version(session, actor, version, number="2027")


def filled(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document in which every text still empty says something."""
    whole = deepcopy(document)
    _fill(whole)
    return whole


def _fill(node: Any) -> None:
    for value in node.values() if isinstance(node, dict) else node:
        if isinstance(value, dict) and set(value) == {"fr", "en"}:
            value.update({key: text or f"Texte {key}" for key, text in value.items()})
        elif isinstance(value, dict | list):
            _fill(value)
