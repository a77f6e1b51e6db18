"""Who may open a candidate's file: the registrar, and each member for their own candidates, until some days after."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor
from certify.core.i18n import lazy as _l
from certify.juries import policies
from certify.juries.composition import Composition, composition_of
from certify.juries.models import Candidacy, JurySeat, SessionState
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

    @property
    def may_vote(self) -> bool:
        """Whether they vote on this candidate while the jury deliberates; `refusal` is checked first."""
        return self.seat is not None and self.refusal is None


def reader_of(session: Session, candidacy: Candidacy, actor: Actor) -> Reader:
    """Return what somebody may do before a file; the session and its seats are loaded."""
    jury = candidacy.jury
    seat, composition = policies.seat_of(jury, actor), composition_of(session, jury)
    sitting = sitting_of(session, jury, composition.members)
    refusal = None if policies.is_registrar(jury, actor) else _refusal(candidacy, seat, sitting, composition)
    return Reader(seat, sitting, composition, refusal)


def _refusal(candidacy: Candidacy, seat: JurySeat | None, sitting: Sitting, composition: Composition) -> Any:
    jury = candidacy.jury
    if seat is None or seat.declared_at is None:
        return _l("Signez d’abord votre déclaration sur la page de la session : les dossiers s’ouvrent ensuite.")
    if seat.id in sitting.recused.get(candidacy.id, frozenset()):
        return _l("Vous vous êtes retiré·e de cette candidature : son dossier ne vous est plus ouvert.")
    if _is_linked(candidacy, seat, composition):
        return _l("Un lien vous rattache à cette personne : son dossier ne vous est pas ouvert.")
    if not jury.state.is_prepared and seat.id not in sitting.present:
        return _l("Vous ne siégez pas dans cette session : les dossiers ne vous sont pas ouverts.")
    ends = jury.access_ends_on
    if jury.state is SessionState.PUBLISHED and ends is not None and clock.today() > ends:
        return _l("L’accès des membres aux dossiers de cette session a pris fin.")
    return None


def _is_linked(candidacy: Candidacy, seat: JurySeat, composition: Composition) -> bool:
    """Whether a link that no derogation sets aside ties the member to the candidate."""
    found = [*composition.findings, *composition.of_reserves]
    mine = [one for one in found if one.user_id == seat.user_id and one.enrolment_id == candidacy.enrolment_id]
    return any(
        one.violation.code.startswith("conflict_") and not any(given.covers(one) for given in composition.derogations)
        for one in mine
    )
