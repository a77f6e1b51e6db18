"""The verbs of a grid: start, save, sign, correct, discard."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import competencies
from certify.anonymity.services import require_anonymous
from certify.assessments import policies, queries
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating
from certify.assessments.policies import Rated
from certify.assessments.queries.carrying import scale_for
from certify.assessments.services import habilitations
from certify.assessments.services.standings import update_standing
from certify.cohorts.models import Enrolment
from certify.core import audit, clock, outbox
from certify.core.access import Actor, Permission
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks.queries import framework_of

SIGNED = "assessments.signed"
"""Topic of the message sent when somebody other than the trainee signs; it carries `enrolment_id`."""


def start(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    *,
    kind: AssessmentKind,
    held_on: date,
    doubles: Assessment | None = None,
) -> Assessment:
    """Open a draft about a trainee, in double marking of `doubles`; one draft of a kind at a time for each assessor."""
    if enrolment.training_body_id not in actor.organisations(Permission.ASSESSMENT_WRITE):
        raise Forbidden(
            _l("Seules les formatrices et les formateurs de l’organisme de formation évaluent ses stagiaires.")
        )
    if enrolment.user_id == actor.user_id:
        raise Forbidden(_l("Vous ne pouvez pas évaluer votre propre parcours."))
    if kind is AssessmentKind.SELF:
        raise Invalid(_l("Une auto-évaluation est remplie par la personne elle-même."), "kind")
    if held_on > clock.today():
        raise Invalid(
            _l("Une évaluation porte sur un moment passé : choisissez une date jusqu’à aujourd’hui."), "held_on"
        )
    habilitations.require_any(session, actor, enrolment)
    if _open_draft(session, actor, enrolment, kind) is not None:
        raise Conflict(
            _l(
                "Vous avez déjà un brouillon de cette évaluation. "
                "Reprenez-le, ou supprimez-le avant d’en ouvrir un autre."
            )
        )
    return _new_draft(session, actor, enrolment, kind, held_on, doubles=doubles)


def start_own(session: Session, actor: Actor, enrolment: Enrolment) -> Assessment:
    """Open the self-assessment of the actor's own path, dated today; the draft already open is given again."""
    if enrolment.user_id != actor.user_id or not actor.may(Permission.SELF_ASSESSMENT_WRITE):
        raise Forbidden(_l("Une auto-évaluation est remplie par la personne elle-même."))
    if not policies.may_begin_own(enrolment):
        raise Conflict(
            _l(
                "Votre inscription n’est plus active : vos auto-évaluations se lisent encore, "
                "mais vous ne pouvez plus en commencer."
            )
        )
    draft = _open_draft(session, actor, enrolment, AssessmentKind.SELF)
    return draft or _new_draft(session, actor, enrolment, AssessmentKind.SELF, clock.today())


def _open_draft(session: Session, actor: Actor, enrolment: Enrolment, kind: AssessmentKind) -> Assessment | None:
    # Two clicks at once wait here for one another, on the row of the trainee.
    session.execute(select(Enrolment.id).where(Enrolment.id == enrolment.id).with_for_update())
    same = select(Assessment).where(
        Assessment.enrolment_id == enrolment.id, Assessment.assessor_id == actor.user_id,
        Assessment.kind == kind, Assessment.state == AssessmentState.DRAFT,
    )  # fmt: skip
    return session.scalars(same.order_by(Assessment.saved_at.desc(), Assessment.id).limit(1)).first()


def _new_draft(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    kind: AssessmentKind,
    held_on: date,
    supersedes: Assessment | None = None,
    doubles: Assessment | None = None,
) -> Assessment:
    moment = clock.now()
    assessment = Assessment(
        id=new_id(), enrolment_id=enrolment.id, framework_version_id=enrolment.framework_version_id,
        training_body_id=enrolment.training_body_id, assessor_id=actor.user_id,
        kind=kind, held_on=held_on, created_at=moment, saved_at=moment, ratings=[],
        supersedes_id=supersedes.id if supersedes else None, doubles_id=doubles.id if doubles else None,
    )  # fmt: skip
    session.add(assessment)
    session.flush()
    audit.record(
        session,
        actor,
        "assessment:grid:started",
        assessment,
        organisation_id=enrolment.training_body_id,
        kind=kind,
        supersedes=assessment.supersedes_id,
        doubles=assessment.doubles_id,
    )
    return assessment


def save(
    session: Session, actor: Actor, assessment: Assessment, *, revision: int, comment: str, ratings: Mapping[str, Rated]
) -> Assessment:
    """Save a draft made from `revision`; an older one is refused, so that nothing written elsewhere is overwritten.

    Only the indicators given are written. The number of statements depends neither on how many they are, nor on the
    trainee's history.
    """
    assessment = _own_draft(session, actor, assessment)
    _require_revision(assessment, revision)
    _require_known(framework_of(session, assessment.framework_version_id), assessment.kind, ratings)
    allowed = habilitations.allowed(session, assessment, ratings)
    assessment.comment = comment
    _write(assessment, allowed)
    assessment.revision += 1
    assessment.saved_at = clock.now()
    session.flush()
    return assessment


def _own_draft(session: Session, actor: Actor, assessment: Assessment) -> Assessment:
    """Return the assessment as it is now, locked until the transaction ends."""
    query = (
        select(Assessment)
        .where(Assessment.id == assessment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    current = session.scalars(query.options(selectinload(Assessment.ratings))).one()
    if not policies.is_assessor(actor, current):
        raise Forbidden(_l("Cette évaluation est celle d’une autre personne : elle seule peut la modifier."))
    if current.state is AssessmentState.SIGNED:
        raise Conflict(
            _l("Cette évaluation est signée : elle ne change plus. Pour la corriger, ouvrez une évaluation corrective.")
        )
    if not policies.may_edit(actor, current):
        raise Forbidden(
            _l("Votre inscription n’est plus active : cette auto-évaluation ne change plus.")
            if policies.is_self(current)
            else _l("Vous n’évaluez plus pour cet organisme de formation.")
        )
    return current


def _require_revision(assessment: Assessment, revision: int) -> None:
    if assessment.revision != revision:
        raise Conflict(
            _l(
                "Cette évaluation a été enregistrée ailleurs depuis que vous avez ouvert la page. "
                "Rien n’a été écrasé : rechargez la page pour comparer."
            ),
            revision=assessment.revision,
        )


def _require_known(framework: competencies.Framework, kind: AssessmentKind, ratings: Mapping[str, Rated]) -> None:
    known = {indicator.code for indicator in framework.indicators}
    for code, rated in ratings.items():
        if code not in known:
            raise Invalid(_l("L’indicateur %(code)s n’existe pas dans ce référentiel.", code=code[:20]))
        levels = scale_for(framework, code, kind).codes
        if rated.level is not None and (rated.level not in levels or not rated.is_observed):
            raise Invalid(_l("Le niveau donné à l’indicateur %(code)s n’existe pas dans cette échelle.", code=code))
        if rated.confidence is None:
            continue
        if kind is not AssessmentKind.SELF:
            raise Invalid(_l("La confiance se déclare dans une auto-évaluation seulement."))
        if rated.confidence not in policies.CONFIDENCES:
            raise Invalid(_l("Choisissez une des quatre réponses sur votre confiance."))


def _write(assessment: Assessment, ratings: Mapping[str, Rated]) -> None:
    rows = {row.indicator: row for row in assessment.ratings}
    for code, rated in ratings.items():
        row = rows.get(code)
        if row is not None:
            row.level, row.is_observed, row.comment = rated.level, rated.is_observed, rated.comment
            row.confidence = rated.confidence
        elif rated.is_given or rated.comment or rated.confidence is not None:
            assessment.ratings.append(
                Rating(
                    id=new_id(), indicator=code, level=rated.level, is_observed=rated.is_observed,
                    comment=rated.comment, confidence=rated.confidence,
                )
            )  # fmt: skip


def sign(session: Session, actor: Actor, assessment: Assessment, *, revision: int | None = None) -> Assessment:
    """Freeze a whole assessment with its seal, and bring the trainee's standing up to date in the same transaction.

    A self-assessment is frozen too, and nothing follows from it. Raises Invalid when an indicator has no answer, or
    when a comment would let a family be recognised.
    """
    assessment = _own_draft(session, actor, assessment)
    if revision is not None:
        _require_revision(assessment, revision)
    # Two assessors signing at once wait here for one another, so that the standing sees both.
    enrolment = session.scalars(
        select(Enrolment).where(Enrolment.id == assessment.enrolment_id).with_for_update()
    ).one()
    blocks = habilitations.require_for_signing(session, assessment)
    missing = policies.unrated(framework_of(session, assessment.framework_version_id), assessment.ratings, blocks)
    if missing:
        raise Invalid(
            _l(
                "Il reste %(count)s indicateurs sans réponse : donnez un niveau ou choisissez « non observé ».",
                count=len(missing),
            )
        )
    require_anonymous(session, enrolment.id, policies.texts_of(assessment))
    moment = clock.now()
    assessment.signed_at, assessment.saved_at = moment, moment
    assessment.seal = policies.seal_of(assessment, assessment.framework_version_id, assessment.ratings)
    assessment.state = AssessmentState.SIGNED
    session.flush()
    if not policies.is_self(assessment):
        update_standing(session, enrolment)
        outbox.send(session, SIGNED, enrolment_id=enrolment.id)
    audit.record(
        session, actor, "assessment:grid:signed", assessment, organisation_id=assessment.training_body_id,
        kind=assessment.kind, seal=assessment.seal, supersedes=assessment.supersedes_id,
    )  # fmt: skip
    return assessment


def correct(session: Session, actor: Actor, assessment: Assessment) -> Assessment:
    """Open a draft that replaces a signed assessment once it is signed in turn; the first one stays readable.

    It is made on the enrolment's present version: what was rated on an earlier one is carried there.
    """
    if not policies.may_correct(actor, assessment):
        raise Forbidden(_l("Seule la personne qui a signé cette évaluation peut la corriger."))
    enrolment = session.scalars(
        select(Enrolment).where(Enrolment.id == assessment.enrolment_id).with_for_update()
    ).one()
    if queries.corrected_by(session, assessment) is not None:
        raise Conflict(_l("Cette évaluation a déjà une évaluation corrective. Reprenez celle-ci."))
    draft = _new_draft(session, actor, enrolment, assessment.kind, assessment.held_on, supersedes=assessment)
    draft.comment = assessment.comment
    _write(draft, queries.carried_ratings(session, assessment, enrolment.framework_version_id))
    habilitations.require_for_signing(session, draft)
    session.flush()
    return draft


def leave_out(session: Session, actor: Actor, assessment: Assessment) -> Assessment:
    """Take out of a draft what it says of blocks its author may no longer assess, so that the rest can be signed."""
    assessment = _own_draft(session, actor, assessment)
    framework = framework_of(session, assessment.framework_version_id)
    blocks = queries.blocks_to_fill(session, assessment)
    for row in list(assessment.ratings):
        if framework.block_of(row.indicator).code not in blocks:
            assessment.ratings.remove(row)
            session.delete(row)
    assessment.revision += 1
    assessment.saved_at = clock.now()
    session.flush()
    return assessment


def discard(session: Session, actor: Actor, assessment: Assessment) -> None:
    """Delete a draft that its author gives up; a signed assessment is never deleted."""
    assessment = _own_draft(session, actor, assessment)
    audit.record(session, actor, "assessment:grid:discarded", assessment, organisation_id=assessment.training_body_id)
    for row in assessment.ratings:
        session.delete(row)
    session.flush()
    session.delete(assessment)
    session.flush()
