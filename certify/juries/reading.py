"""Who may open a candidate's file: the registrar, and each member for their own candidates, until some days after.

Nobody, registrar or not, is before their own file, nor before that of somebody they sit aside for or are tied to.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from certify.cohorts.models import Enrolment
from certify.core.access import Actor
from certify.core.errors import Forbidden
from certify.core.i18n import lazy as _l
from certify.eligibility.policies import is_own
from certify.juries import policies
from certify.juries.composition import Composition, composition_of
from certify.juries.models import Candidacy, JurySeat, JurySession
from certify.juries.queries import ACCESS_ENDED, has_access_ended
from certify.juries.sitting import Sitting, sitting_of


@dataclass(frozen=True)
class Reader:
    """Somebody before a candidate's file."""

    seat: JurySeat | None
    """Theirs in this session."""
    sitting: Sitting
    composition: Composition
    refusal: Any = None
    """Why they may not read the file, in words; None when they may."""


def reader_of(session: Session, candidacy: Candidacy, actor: Actor) -> Reader:
    """Return what somebody may do before a file; the session and its seats are loaded."""
    jury = candidacy.jury
    seat, composition = policies.seat_of(jury, actor), composition_of(session, jury)
    sitting = sitting_of(session, jury, composition.members)
    refusal = _partiality(session, candidacy, actor, seat, sitting, composition)
    if refusal is None and not policies.is_registrar(jury, actor):
        refusal = _refusal(candidacy, seat, sitting, composition)
    return Reader(seat, sitting, composition, refusal)


def require_impartial(session: Session, candidacy: Candidacy, actor: Actor) -> None:
    """Refuse whoever is the candidate, or sits in this session and stands aside for them or is tied to them."""
    query = select(JurySession).where(JurySession.id == candidacy.session_id)
    jury = session.scalars(query.options(selectinload(JurySession.seats))).one()
    if (seat := policies.seat_of(jury, actor)) is None:
        refusal = _own(session, candidacy, actor)
    else:
        composition = composition_of(session, jury)
        sitting = sitting_of(session, jury, composition.members)
        refusal = _partiality(session, candidacy, actor, seat, sitting, composition)
    if refusal is not None:
        raise Forbidden(refusal)


def _own(session: Session, candidacy: Candidacy, actor: Actor) -> Any:
    if is_own(actor, session.get_one(Enrolment, candidacy.enrolment_id)):
        return _l("Ce dossier est le vôtre : demandez à quelqu’un d’autre de votre organisme.")
    return None


def _partiality(
    session: Session, candidacy: Candidacy, actor: Actor, seat: JurySeat | None, sitting: Sitting,
    composition: Composition,
) -> Any:  # fmt: skip
    if (own := _own(session, candidacy, actor)) is not None or seat is None:
        return own
    if seat.id in sitting.recused.get(candidacy.id, frozenset()):
        return _l("Vous vous êtes retiré·e de cette candidature : son dossier ne vous est plus ouvert.")
    if _is_linked(candidacy, seat, composition):
        return _l("Un lien vous rattache à cette personne : son dossier ne vous est pas ouvert.")
    return None


def _refusal(candidacy: Candidacy, seat: JurySeat | None, sitting: Sitting, composition: Composition) -> Any:
    jury = candidacy.jury
    if seat is None or not composition.has_declared_on(seat, candidacy.id):
        return _l("Signez d’abord votre déclaration sur la page de la session : les dossiers s’ouvrent ensuite.")
    if not jury.state.is_prepared and seat.id not in sitting.present:
        return _l("Vous ne siégez pas dans cette session : les dossiers ne vous sont pas ouverts.")
    return ACCESS_ENDED if has_access_ended(jury) else None


def _is_linked(candidacy: Candidacy, seat: JurySeat, composition: Composition) -> bool:
    """Whether a link that no derogation sets aside ties the member to the candidate."""
    found = [*composition.findings, *composition.of_reserves]
    mine = [one for one in found if one.user_id == seat.user_id and one.enrolment_id == candidacy.enrolment_id]
    return any(
        one.violation.code.startswith("conflict_") and not any(given.covers(one) for given in composition.derogations)
        for one in mine
    )
