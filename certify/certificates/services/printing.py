"""What keeps a document from being issued: characters no font draws, or what happened to the one before."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates import policies, queries
from certify.certificates.models import Certificate
from certify.certificates.services.settings import in_force
from certify.core import pdf
from certify.core.access import Actor
from certify.core.i18n import lazy as _l
from certify.frameworks.queries import framework_of
from certify.identities.queries import civil_names
from certify.juries.queries import Award
from certify.organisations.models import Organisation


def hindrances(session: Session, actor: Actor, awards: Sequence[Award]) -> Mapping[uuid.UUID, Any]:
    """Return, for each award of a session that nothing can be issued from, why, in a constant number of statements."""
    if not awards:
        return {}
    of_all = fault_of(without_invisible(_said_to_all(session, actor, awards[0])))
    names = civil_names(session, [award.holder.id for award in awards])
    wanted = {award.enrolment.training_body_id for award in awards}
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    trainers: dict[uuid.UUID, str] = dict(iter(session.execute(query)))
    before = queries.last_of_candidacies(session, [award.id for award in awards])
    found = {}
    for award in awards:
        holder, earlier = award.holder, before.get(award.id)
        name = names[holder.id].printed if holder.id in names else holder.name
        fault = why_not_beside(earlier, award) if earlier is not None else None
        fault = fault or fault_of_name(pdf.without_invisible(name)) or of_all
        fault = fault or fault_of(pdf.without_invisible(trainers[award.enrolment.training_body_id]))
        if fault:
            found[award.id] = fault
    return found


def _said_to_all(session: Session, actor: Actor, award: Award) -> list[Any]:
    """Return what every document of a session prints: see `facts.of_award`."""
    jury, issuer = award.jury, session.get(User, actor.user_id)
    body = session.get_one(Organisation, jury.certifying_body_id)
    framework = framework_of(session, jury.framework_version_id)
    return [
        framework.title.fr, [block.title.fr for block in framework.blocks], body.name, body.city or jury.place,
        jury.reference, issuer.name if issuer is not None else actor.name,
        *(in_force(session, body.id, template)[1] for template in ("certificate", "blocks")),
    ]  # fmt: skip


def why_not_beside(earlier: Certificate, award: Award) -> Any:
    """Tell why nothing may be issued after what an earlier decision gave, if so; its events are loaded."""
    if policies.is_revoked_by_hand(earlier) and policies.upholds(award, earlier):
        return _l(
            "Le document %(number)s de cette candidature a été révoqué : rétablissez-le plutôt que d’en délivrer un "
            "autre.", number=earlier.number,
        )  # fmt: skip
    return None


def fault_of_name(name: str) -> Any:
    """Tell which characters of somebody's name no document can show, if any."""
    if missing := pdf.undrawable(name):
        said = pdf.named(missing)
        return _l("Le nom contient des caractères qui ne s’impriment pas : %(characters)s", characters=said)
    return None


def fault_of(said: Any) -> Any:
    """Tell which characters of what a document says it cannot show, if any."""
    for text in _texts(said):
        if missing := pdf.undrawable(text):
            return _l(
                "« %(text)s » contient des caractères qui ne s’impriment pas : %(characters)s",
                text=pdf.drawable(text)[:80], characters=pdf.named(missing),
            )  # fmt: skip
    return None


def without_invisible(said: Any) -> Any:
    """Return what a document says without the marks that nobody sees, at every depth."""
    if isinstance(said, str):
        return pdf.without_invisible(said)
    if isinstance(said, Mapping):
        return {key: without_invisible(value) for key, value in said.items()}
    return [without_invisible(value) for value in said] if isinstance(said, list | tuple) else said


def _texts(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        for value in said.values():
            yield from _texts(value)
    elif isinstance(said, list | tuple):
        for value in said:
            yield from _texts(value)
