"""The verb of double marking: assess in one's turn what somebody else has signed, without seeing it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.assessments import policies, queries
from certify.assessments.models import Assessment
from certify.assessments.services import grids, habilitations
from certify.cohorts.models import Enrolment
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden
from certify.core.i18n import lazy as _l


def double(session: Session, actor: Actor, assessment: Assessment) -> Assessment:
    """Open a draft of the same kind and moment as somebody else's signed assessment; the one already open is given.

    Until it is signed, its author does not read the first one.
    """
    if not policies.may_double(actor, assessment):
        raise Forbidden(
            _l(
                "On évalue à son tour ce qu’une autre personne a signé, dans un organisme où l’on évalue. "
                "Une auto-évaluation ne se double pas."
            )
        )
    query = select(Enrolment).where(Enrolment.id == assessment.enrolment_id).with_for_update()
    enrolment = session.scalars(query).one()
    if enrolment.user_id == actor.user_id:
        raise Forbidden(_l("Vous ne pouvez pas évaluer votre propre parcours."))
    known = queries.own_double(session, actor, assessment)
    if known is not None and known.signed_at is not None:
        raise Conflict(_l("Vous avez déjà évalué ce moment à votre tour."))
    if known is not None:
        return known
    if _is_replaced(session, assessment):
        raise Conflict(_l("Cette évaluation a été corrigée : évaluez à votre tour celle qui la remplace."))
    habilitations.require_any(session, actor, enrolment)
    return grids.start(session, actor, enrolment, kind=assessment.kind, held_on=assessment.held_on, doubles=assessment)


def _is_replaced(session: Session, assessment: Assessment) -> bool:
    correction = queries.corrected_by(session, assessment)
    return correction is not None and correction.signed_at is not None
