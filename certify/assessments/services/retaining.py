"""The verb that retains a level in place of the proposed one, with its reason."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.assessments import policies, queries
from certify.assessments.models import RetainedLevel
from certify.assessments.services.grids import SIGNED
from certify.assessments.services.standings import update_standing
from certify.cohorts.models import Enrolment
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks.queries import framework_of


def retain(
    session: Session, actor: Actor, enrolment: Enrolment, competency: str, *, level: str | None, comment: str
) -> RetainedLevel:
    """Retain a level for a competency in place of the proposed one, or give it back to its proposal (level None).

    Nothing that was signed changes: a row is added, the one before it stays readable.
    """
    if not policies.may_retain(actor, enrolment):
        raise Forbidden(
            _l("Vous ne pouvez pas retenir un niveau sur votre propre parcours.")
            if enrolment.user_id == actor.user_id
            else _l("Seul l’organisme de formation de cette personne retient un niveau.")
        )
    # Two people retaining at once wait here for one another, as those who sign do.
    enrolment = session.scalars(select(Enrolment).where(Enrolment.id == enrolment.id).with_for_update()).one()
    framework = framework_of(session, enrolment.framework_version_id)
    if competency not in {part.code for part in framework.competencies}:
        raise Invalid(_l("Cette compétence n’existe pas dans ce référentiel."))
    if level is not None and level not in framework.scale.codes:
        raise Invalid(_l("Ce niveau n’existe pas dans l’échelle de certification."), "level")
    if not comment.strip():
        raise Invalid(_l("Écrivez pourquoi : la personne concernée et le jury lisent ce motif."), "comment")
    require_anonymous(session, enrolment.id, [("comment", _l("Motif"), comment)])
    proposal = queries.standing_of(session, enrolment).competencies[competency]
    if level is None and not proposal.is_retained:
        raise Conflict(_l("Aucun niveau n’est retenu : le niveau proposé est déjà celui qui compte."))
    if level is not None and level == (proposal.level if proposal.is_retained else proposal.proposed):
        raise Invalid(_l("C’est déjà le niveau qui compte : choisissez-en un autre."), "level")
    row = RetainedLevel(
        id=new_id(), enrolment_id=enrolment.id, framework_version_id=enrolment.framework_version_id,
        competency=competency, proposed=proposal.proposed, level=level, comment=comment.strip(),
        decided_at=clock.now(), decided_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _follow(session, actor, enrolment, row)
    return row


def _follow(session: Session, actor: Actor, enrolment: Enrolment, row: RetainedLevel) -> None:
    update_standing(session, enrolment)
    outbox.send(session, SIGNED, enrolment_id=enrolment.id)
    audit.record(
        session, actor, "assessment:level:retained", row, organisation_id=enrolment.training_body_id,
        competency=row.competency, level=row.level, proposed=row.proposed,
    )  # fmt: skip
