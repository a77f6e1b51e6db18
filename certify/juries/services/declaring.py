"""A member declares the links they have, or not, with each candidate: a signed declaration, kept as it was signed."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import competencies
from certify.anonymity.services import require_anonymous
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.juries import policies
from certify.juries.composition import named_in_declarations, presented
from certify.juries.models import DeclaredLink, JurySeat, JurySession, LinkDeclaration
from certify.juries.policies import Presented
from certify.juries.services.rows import being_prepared, digest, locked, note

OTHER = "other"
DECLARABLE = tuple(code for code in competencies.CONFLICTS if code not in ("is_candidate", "declared"))
"""The links a member is asked about, beside « other »."""
TEXT = (
    "Je déclare sur l’honneur les liens, présents ou passés, que j’ai avec les personnes candidates nommées dans "
    "cette déclaration. Avec celles pour lesquelles je n’indique rien, je n’ai aucun lien personnel ni "
    "professionnel\u202f: je ne les ai ni formées, ni évaluées, ni encadrées, ni observées, ni employées, ni "
    "accompagnées, et je n’exerce pas dans la même Maison. Je garde secret ce que je lis dans les dossiers."
)
"""What is signed, in French whatever the language of the screen: it is what the minutes rest on."""
NOBODY: frozenset[uuid.UUID] = frozenset()
Links = Mapping[uuid.UUID, tuple[str, str]]
"""By candidacy: the link, as one of DECLARABLE or OTHER, and what the member says of it."""


def declare(session: Session, actor: Actor, jury: JurySession, *, links: Links | None = None) -> JurySeat:
    """Sign a member's declaration on their links with every candidate (C. trav. D6412-6, applied to every route).

    The same declaration signed again changes nothing; somebody presented since asks for another one. Whoever has not
    declared everything, as a reserve called to sit, does so while the jury deliberates.
    """
    jury = locked(session, jury.id)
    seat = policies.seat_of(jury, actor)
    if seat is None:
        raise Forbidden(_l("Seuls les membres de ce jury signent cette déclaration."))
    candidates = presented(session, jury.id)
    if not policies.may_declare(jury, seat, candidates, named_in_declarations(session, jury.id).get(seat.id, NOBODY)):
        being_prepared(session, jury)
    if not candidates:
        raise Conflict(_l("Aucune candidature n’est présentée : vous signerez quand les noms seront connus."))
    said = _checked(session, candidates, links or {})
    last = last_declaration(session, seat.id)
    if last is not None and _says(last) == _lines(candidates, said):
        return seat
    facts = {
        "text": TEXT, "reference": jury.reference, "member": actor.name, "quality": seat.quality,
        "candidates": _lines(candidates, said), "signed_at": clock.now().isoformat(),
    }  # fmt: skip
    row = LinkDeclaration(
        seat_id=seat.id, number=last.number + 1 if last else 1, facts=facts, digest=digest(facts),
        signed_at=clock.now(),
        links=[DeclaredLink(candidacy_id=one, conflict=link, account=account) for one, (link, account) in said.items()],
    )  # fmt: skip
    session.add(row)
    seat.declared_at = row.signed_at
    note(session, actor, "jury:seat:declared", seat, jury, number=row.number, digest=row.digest, links=len(said))
    return seat


def _checked(session: Session, candidates: list[Presented], links: Links) -> dict[uuid.UUID, tuple[str, str]]:
    known = {one.candidacy_id: one for one in candidates}
    for candidacy_id, (link, account) in links.items():
        field = f"account-{candidacy_id}"
        if candidacy_id not in known or link not in (*DECLARABLE, OTHER):
            raise Invalid(_l("Ce lien ne fait pas partie de ceux qui sont proposés. Choisissez-en un dans la liste."))
        if link == OTHER and not account.strip():
            raise Invalid(_l("Dites en quelques mots quel est ce lien."), field)
        require_anonymous(session, known[candidacy_id].enrolment_id, [(field, _l("Précision"), account)])
    return {one: (link, account.strip()) for one, (link, account) in links.items()}


def _lines(candidates: list[Presented], said: Links) -> list[dict[str, str]]:
    return [
        {
            "candidacy": str(one.candidacy_id), "name": one.name,
            "link": said.get(one.candidacy_id, ("", ""))[0], "account": said.get(one.candidacy_id, ("", ""))[1],
        }
        for one in candidates
    ]  # fmt: skip


def _says(declaration: LinkDeclaration) -> Any:
    return declaration.facts["candidates"]


def last_declaration(session: Session, seat_id: uuid.UUID) -> LinkDeclaration | None:
    """Return the declaration of a member that stands, with its links."""
    query = select(LinkDeclaration).where(LinkDeclaration.seat_id == seat_id).order_by(LinkDeclaration.number.desc())
    return session.scalars(query.options(selectinload(LinkDeclaration.links)).limit(1)).one_or_none()
