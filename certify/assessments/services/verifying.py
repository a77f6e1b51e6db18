"""The verbs of internal verification: draw a sample, and say what one thinks of each assessment in it."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.assessments import policies, queries
from certify.assessments.models import Assessment, Verdict, VerificationDraw, VerificationItem
from certify.cohorts.models import Cohort
from certify.core import audit, clock
from certify.core.access import Actor, Permission
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from competencies.sampling import draw as drawn


def draw_sample(session: Session, actor: Actor, cohort: Cohort, *, percentage: int, seed: str = "") -> VerificationDraw:
    """Draw a share of each assessor's signed assessments of a cohort, among those no sample holds yet.

    Without a seed, one is made; it is kept with the population, so that anybody can draw again.
    """
    if cohort.training_body_id not in actor.organisations(Permission.ASSESSMENT_VERIFY):
        raise Forbidden(_l("Seule la coordination de l’organisme de formation tire un échantillon à vérifier."))
    if not 1 <= percentage <= 100:
        raise Invalid(_l("Un pourcentage va de 1 à 100."), "percentage")
    # Two draws at once wait here for one another, so that no assessment is in both.
    session.execute(select(Cohort.id).where(Cohort.id == cohort.id).with_for_update())
    population = queries.population_of(session, cohort.id)
    if not population:
        raise Conflict(
            _l("Il n’y a rien à tirer : chaque évaluation signée de cette promotion est déjà dans un échantillon.")
        )
    seed = seed.strip() or secrets.token_hex(8)
    row = VerificationDraw(
        id=new_id(), cohort_id=cohort.id, training_body_id=cohort.training_body_id, percentage=percentage, seed=seed,
        population=population, drawn_at=clock.now(), drawn_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    sample = drawn(population, percentage, seed)
    session.add_all(VerificationItem(id=new_id(), draw_id=row.id, assessment_id=one) for one in queries.as_ids(sample))
    session.flush()
    audit.record(
        session, actor, "assessment:sample:drawn", row, organisation_id=cohort.training_body_id, cohort_id=cohort.id,
        percentage=percentage, seed=seed, population=sum(map(len, population.values())), size=len(sample),
    )  # fmt: skip
    return row


def give_verdict(
    session: Session, actor: Actor, item: VerificationItem, assessment: Assessment, *, verdict: Verdict, comment: str
) -> VerificationItem:
    """Say what one thinks of an assessment of a sample, once and for all; a reason is needed unless it is confirmed."""
    if not policies.may_verify(actor, assessment):
        raise Forbidden(
            _l("On ne vérifie pas ses propres évaluations : une autre personne de la coordination le fait.")
            if policies.is_assessor(actor, assessment)
            else _l("Seule la coordination de l’organisme de formation vérifie les évaluations.")
        )
    if item.verdict is not None:
        raise Conflict(_l("Un avis a déjà été donné sur cette évaluation : il ne change plus."))
    if verdict is not Verdict.CONFIRMED and not comment.strip():
        raise Invalid(
            _l("Écrivez ce qui est à discuter ou à refaire : la personne qui a évalué lira ce motif."), "comment"
        )
    require_anonymous(session, assessment.enrolment_id, [("comment", _l("Commentaire"), comment)])
    item.verdict, item.comment = verdict, comment.strip()
    item.verified_at, item.verified_by_id = clock.now(), actor.user_id
    session.flush()
    audit.record(
        session, actor, "assessment:sample:verified", item, organisation_id=assessment.training_body_id,
        assessment_id=assessment.id, verdict=verdict,
    )  # fmt: skip
    return item
