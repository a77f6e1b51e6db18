"""The end-to-end check of a registration: each thing two systems must agree on, tried for real, told in plain words."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.db import db
from certify.core.i18n import lazy as _l
from certify.lti import addresses, keys, tool, wording
from certify.lti.client import access, keysets
from certify.lti.client.http import Answer, Client, Unreachable, client_for
from certify.lti.models import Deployment, DeploymentState, Launch, Registration, RegistrationState, Verdict
from certify.lti.protocol import names
from certify.lti.queries import registrations as queries
from certify.settings import Settings

_SKEW_FELT, _SKEW_FATAL = timedelta(seconds=5), timedelta(seconds=30)
"""Messages of some platforms live one minute, and thirty seconds of leeway are given."""
_PAGE, _KEYS = 512 * 1024, 256 * 1024


class Outcome(StrEnum):
    """What became of one step."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Step:
    """One step: what was tried, what became of it, and what that means."""

    code: str
    title: Any
    outcome: Outcome
    said: Any
    detail: str = ""


@dataclass(frozen=True)
class Findings:
    """Everything a diagnosis found, in the order it was tried."""

    steps: tuple[Step, ...]

    @property
    def failed(self) -> int:
        """How many steps failed."""
        return sum(step.outcome is Outcome.FAILURE for step in self.steps)

    @property
    def warned(self) -> int:
        """How many steps deserve a look."""
        return sum(step.outcome is Outcome.WARNING for step in self.steps)


def examine(settings: Settings, registration_id: uuid.UUID) -> Findings:
    """Try everything a registration needs; nothing is kept of it but the keys and the access tokens obtained.

    The caller must hold no transaction that writes: the platform is waited for, and tokens are kept meanwhile.
    """
    with Session(db.engine.execution_options(reads_only=True), expire_on_commit=False) as session:
        registration = session.get_one(Registration, registration_id)
        client = client_for(settings)
        steps = [*_state(registration), *_own_side(session, settings, client)]
        steps += _addresses(settings, registration)
        steps += _authorization(client, registration)
        steps += _keys(session, settings, client, registration)
        steps += _tokens(session, settings, registration)
        steps += _deployments(session, registration)
        steps += _launches(session, registration)
        return Findings(tuple(steps))


def _state(registration: Registration) -> Iterator[Step]:
    said = {
        RegistrationState.ACTIVE: (Outcome.OK, _l("La plateforme est en service.")),
        RegistrationState.PENDING: (Outcome.FAILURE, _l("La plateforme attend d’être activée : rien ne s’ouvre.")),
        RegistrationState.DISABLED: (Outcome.WARNING, _l("La plateforme est suspendue : ses liens ne s’ouvrent pas.")),
    }
    yield Step("state", _l("État du raccordement"), *said[registration.state])


def _own_side(session: Session, settings: Settings, client: Client) -> Iterator[Step]:
    title, url = _l("Adresse publique de certify"), settings.public_url
    if url.startswith("https://"):
        yield Step("public-url", title, Outcome.OK, _l("Elle est chiffrée."), url)
    else:
        said = _l("Elle n’est pas en HTTPS : les navigateurs n’y gardent pas de connexion dans le cadre d’un cours.")
        yield Step("public-url", title, Outcome.WARNING if settings.lti_allow_insecure else Outcome.FAILURE, said, url)
    yield _own_keys(session, settings, client)


def _own_keys(session: Session, settings: Settings, client: Client) -> Step:
    title, url = _l("Clés publiques de certify"), tool.tool(settings).jwks_url
    ours = {key["kid"] for key in keys.published(session, settings)["keys"]}
    try:
        seen = {key.get("kid") for key in _keys_in(client.send("GET", url, limit=_KEYS))}
    except Unreachable as fault:
        said = _l(
            "certify n’a pas pu les lire à sa propre adresse publique. C’est sans gravité si cette machine ne peut "
            "pas s’appeler elle-même : ouvrez l’adresse depuis l’extérieur pour le savoir."
        )
        return Step("own-keys", title, Outcome.WARNING, said, f"{url} ({fault.detail or fault.reason})")
    if ours <= seen:
        return Step("own-keys", title, Outcome.OK, _l("Elles se lisent à l’adresse donnée aux plateformes."), url)
    said = _l("Ce qui répond à cette adresse ne publie pas les clés de cette installation.")
    return Step("own-keys", title, Outcome.FAILURE, said, url)


def _addresses(settings: Settings, registration: Registration) -> Iterator[Step]:
    title = _l("Adresses de la plateforme")
    given = (registration.issuer, registration.authorization_url, registration.token_url, registration.jwks_url)
    for address in given:
        fault = addresses.fault_of(address, allow_insecure=settings.lti_allow_insecure)
        if fault is not None:
            yield Step("addresses", title, Outcome.FAILURE, fault, address)
            return
    if not all(address.startswith("https://") for address in given):
        said = _l("Elles sont bien formées, mais tout y circule en clair : à réserver aux essais.")
        yield Step("addresses", title, Outcome.OK, said)
        return
    yield Step("addresses", title, Outcome.OK, _l("Elles sont bien formées et chiffrées."))


def _authorization(client: Client, registration: Registration) -> Iterator[Step]:
    title, url = _l("Page d’authentification"), registration.authorization_url
    try:
        status = client.send("GET", url, accept="text/html", limit=_PAGE).status
    except Unreachable as fault:
        if fault.reason == "redirect":
            yield Step("authorization", title, Outcome.OK, _l("Elle répond, et renvoie vers une connexion."), url)
        else:
            yield _unreachable("authorization", title, fault)
        return
    # Without the parameters of a login a platform may well answer 400 or 404: that it answers is what counts.
    if status < 500:
        yield Step("authorization", title, Outcome.OK, _l("Elle répond."), f"{url} ({status})")
    else:
        said = _l("Elle répond par une erreur du serveur, même à une simple visite.")
        yield Step("authorization", title, Outcome.WARNING, said, f"{url} ({status})")


def _keys(session: Session, settings: Settings, client: Client, registration: Registration) -> Iterator[Step]:
    title, url = _l("Clés de la plateforme"), registration.jwks_url
    try:
        found = keysets.refresh(session, settings, registration.id, url)
        answer = client.send("GET", url, limit=_KEYS)
    except Unreachable as fault:
        yield _unreachable("keys", title, fault)
        return
    if found.keys:
        said = _l("Elles se lisent et peuvent vérifier une signature RS256.")
        yield Step("keys", title, Outcome.OK, said, ", ".join(found.keys)[:200])
    else:
        said = _l("Aucune ne peut servir : il faut une clé RSA d’au moins 2 048 bits, numérotée, pour RS256.")
        yield Step("keys", title, Outcome.FAILURE, said, url)
    yield from _clocks(answer)


def _clocks(answer: Answer) -> Iterator[Step]:
    title, theirs = _l("Horloges"), _date_of(answer)
    if theirs is None:
        return
    gap = abs(clock.now() - theirs)
    detail = f"{round(gap.total_seconds())} s"
    if gap > _SKEW_FATAL:
        said = _l("Elles ne sont pas d’accord : les messages de la plateforme seront refusés. Mettez-les à l’heure.")
        yield Step("clocks", title, Outcome.FAILURE, said, detail)
    elif gap > _SKEW_FELT:
        said = _l("Elles s’écartent un peu : mettez-les à l’heure avant que cela ne gêne.")
        yield Step("clocks", title, Outcome.WARNING, said, detail)
    else:
        yield Step("clocks", title, Outcome.OK, _l("Elles sont d’accord."), detail)


def _tokens(session: Session, settings: Settings, registration: Registration) -> Iterator[Step]:
    services = {
        names.LINE_ITEM: _l("Service des colonnes de notes"),
        names.RESULT_READ: _l("Service de lecture des notes"),
        names.SCORE: _l("Service d’envoi des notes"),
        names.MEMBERSHIP_READ: _l("Service de liste des membres"),
    }
    before = ""
    for scope, title in services.items():
        code = f"token:{scope.rpartition('/')[2]}"
        try:
            # One kept from before would say nothing about today.
            access.forget(session, registration, [scope])
            access.token_for(session, settings, registration, [scope])
        except Unreachable as fault:
            again = Step(code, title, Outcome.FAILURE, _l("Même échec que pour le service précédent."))
            yield again if fault.detail == before else _unreachable(code, title, fault)
            before = fault.detail
        else:
            yield Step(code, title, Outcome.OK, _l("La plateforme donne l’accès."))


def _deployments(session: Session, registration: Registration) -> Iterator[Step]:
    title = _l("Déploiements")
    states = list(session.scalars(select(Deployment.state).where(Deployment.registration_id == registration.id)))
    if DeploymentState.PENDING in states:
        said = _l("Un endroit de la plateforme attend d’être approuvé : ses liens ne s’ouvrent pas encore.")
        yield Step("deployments", title, Outcome.WARNING, said)
    elif DeploymentState.ACTIVE in states:
        yield Step("deployments", title, Outcome.OK, _l("Au moins un est approuvé, et rien n’attend."))
    else:
        said = _l("Aucun n’est approuvé. Ouvrez certify depuis un cours : son déploiement apparaîtra.")
        yield Step("deployments", title, Outcome.WARNING, said)


def _launches(session: Session, registration: Registration) -> Iterator[Step]:
    title = _l("Dernière ouverture")
    last: Launch | None = next(iter(queries.last_launches(session, registration, 1)), None)
    if last is None:
        said = _l("Personne n’a encore ouvert certify depuis cette plateforme : essayez depuis un cours.")
        yield Step("launches", title, Outcome.WARNING, said)
    elif last.verdict is Verdict.ACCEPTED:
        yield Step("launches", title, Outcome.OK, _l("Elle a été acceptée."))
    else:
        words = wording.of_launch(last.reason)
        yield Step("launches", title, Outcome.WARNING, words.administrator, f"{words.title} ({last.reason})")


def _unreachable(code: str, title: Any, fault: Unreachable) -> Step:
    words = wording.of_unreachable(fault.reason)
    said = _l("%(happened)s %(remedy)s", happened=words.happened, remedy=words.administrator)
    return Step(code, title, Outcome.FAILURE, said, fault.detail)


def _keys_in(answer: Answer) -> list[dict[str, Any]]:
    if not answer.is_done:
        raise answer.refusal()
    document = answer.json()
    found = document.get("keys") if isinstance(document, dict) else None
    return [key for key in found if isinstance(key, dict)] if isinstance(found, list) else []


def _date_of(answer: Answer) -> datetime | None:
    try:
        found = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
