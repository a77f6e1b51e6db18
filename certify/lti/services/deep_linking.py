"""The verbs of deep linking: place links in a course, or give up; each launch is answered once.

https://www.imsglobal.org/spec/lti-dl/v2p0#deep-linking-response-message
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid, NotFound
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks.queries import framework_of
from certify.lti import keys
from certify.lti.marks import MAXIMUM, TAG, label_of, parts_of
from certify.lti.models import Launch, Placement, Target
from certify.lti.protocol import deeplinks, tokens
from certify.lti.protocol.deeplinks import ColumnWanted, DeepLinkingSettings, Item
from certify.lti.queries.launches import Visit
from certify.lti.services.columns import resource_of
from certify.lti.tool import tool
from certify.settings import Settings

ITEM = "certify_item"
"""Custom parameter that says which placement a link is of."""
SETTINGS = "deep_linking"
"""Where the settings of the platform are among those of the launch."""


@dataclass(frozen=True)
class Wanted:
    """A link to place: what it opens, under which title, with the grade column of which part if any."""

    target: Target
    title: str
    part: str = ""


@dataclass(frozen=True)
class Answer:
    """The signed answer, and where a browser takes it."""

    return_url: str
    token: str
    items: tuple[Item, ...]


def settings_of(launch: Launch) -> DeepLinkingSettings:
    """Return what the platform of a deep linking launch takes back; NotFound for a launch of another kind."""
    kept = launch.settings.get(SETTINGS)
    if kept is None:
        raise NotFound
    return DeepLinkingSettings(**{**kept, "targets": tuple(kept.get("targets", ()))})


def place(session: Session, settings: Settings, actor: Actor, visit: Visit, wanted: Sequence[Wanted]) -> Answer:
    """Place links to the cohort of the course and answer the platform with them."""
    accepted = settings_of(visit.launch)
    if visit.context is None or visit.context.cohort_id is None:
        raise Conflict(_l("Ce cours n’est relié à aucune promotion : choisissez-la d’abord."))
    cohort = session.scalars(select(Cohort).where(Cohort.id == visit.context.cohort_id)).one()
    _check(session, accepted, cohort, wanted)
    _take(session, visit)
    items = tuple(_placed(session, settings, actor, visit, cohort, one, accepted) for one in wanted)
    audit.record(
        session, actor, "lti:links:placed", visit.context, organisation_id=visit.registration.organisation_id,
        cohort=cohort.id, targets=[one.target for one in wanted],
    )  # fmt: skip
    return _answer(session, settings, visit, accepted, items)


def give_up(session: Session, settings: Settings, visit: Visit) -> Answer:
    """Answer the platform that nothing is to be placed."""
    accepted = settings_of(visit.launch)
    _take(session, visit)
    return _answer(session, settings, visit, accepted, ())


def _check(session: Session, accepted: DeepLinkingSettings, cohort: Cohort, wanted: Sequence[Wanted]) -> None:
    if not accepted.accepts_links:
        raise Conflict(_l("Votre plateforme n’accepte pas de lien vers certify à cet endroit du cours."))
    if not wanted:
        raise Invalid(_l("Choisissez au moins un lien."), "targets")
    if len(wanted) > 1 and not accepted.accepts_several:
        raise Invalid(_l("Votre plateforme ne prend qu’un lien à la fois : choisissez-en un."), "targets")
    asked = [one.part for one in wanted if one.part]
    if set(asked) - set(parts_of(framework_of(session, cohort.framework_version_id))):
        raise Invalid(_l("Cette colonne n’existe pas dans le référentiel de la promotion."), "targets")
    if len(asked) != len(set(asked)):
        raise Invalid(
            _l("Une même colonne de notes ne se demande qu’une fois : gardez-la pour un seul lien."), "targets"
        )


def _take(session: Session, visit: Visit) -> None:
    """Use the launch up; of two answers made at once, the second waits here and is refused."""
    query = select(Launch).where(Launch.id == visit.launch.id).with_for_update()
    launch = session.scalars(query.execution_options(populate_existing=True)).one()
    if launch.answered_at is not None:
        raise Conflict(
            _l("Votre plateforme a déjà reçu une réponse à cette demande. Retournez dans votre cours et recommencez.")
        )
    launch.answered_at = clock.now()


def _placed(
    session: Session, settings: Settings, actor: Actor, visit: Visit, cohort: Cohort, one: Wanted,
    accepted: DeepLinkingSettings,
) -> Item:  # fmt: skip
    assert visit.context is not None  # asked by the caller
    part = one.part if accepted.accepts_columns else ""
    placement = Placement(
        id=new_id(), context_id=visit.context.id, target=one.target, cohort_id=cohort.id, part=part,
        created_by_id=actor.user_id, created_at=clock.now(),
    )  # fmt: skip
    session.add(placement)
    column = None
    if part:
        label = label_of(framework_of(session, cohort.framework_version_id), part)
        column = ColumnWanted(label, MAXIMUM, TAG + part, resource_of(cohort.id))
    return Item(one.title, tool(settings).launch_url, {ITEM: str(placement.id)}, column)


def _answer(
    session: Session, settings: Settings, visit: Visit, accepted: DeepLinkingSettings, items: tuple[Item, ...]
) -> Answer:
    claims = deeplinks.response(
        items, accepted, issuer=visit.registration.issuer, client_id=visit.registration.client_id,
        deployment_id=visit.deployment.lms_id, now=clock.now(), nonce=secrets.token_urlsafe(24),
    )  # fmt: skip
    kid, key = keys.signing(session, settings)
    return Answer(accepted.return_url, tokens.sign(claims, kid=kid, key=key), items)
