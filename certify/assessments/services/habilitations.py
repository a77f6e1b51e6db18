"""The verbs of habilitations: let somebody assess, end it, and hold assessors to it."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy.orm import Session

import competencies
from certify.assessments import policies, queries
from certify.assessments.models import Assessment, AssessorHabilitation
from certify.assessments.policies import Rated
from certify.assessments.queries import Grantable
from certify.cohorts.models import Enrolment
from certify.core import audit, clock
from certify.core.access import Actor, Permission
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks.queries import framework_of


def habilitate(
    session: Session,
    actor: Actor | None,
    chosen: Grantable,
    *,
    user_id: uuid.UUID,
    blocks: Collection[str] = (),
    starts_on: date,
    ends_on: date | None = None,
) -> list[AssessorHabilitation]:
    """Let a trainer of a training body assess some blocks of a framework, all of them when none is named.

    Without an actor, the command line speaks, for whoever runs the machine.
    """
    _require_authority(session, actor, chosen)
    page = queries.grant_page(session, chosen)
    if user_id not in {person.id for person in page.people}:
        raise Invalid(_l("Choisissez une personne parmi les formatrices et les formateurs de cet organisme."), "person")
    if ends_on is not None and ends_on < starts_on:
        raise Invalid(_l("La fin de l’habilitation doit suivre son début."), "ends_on")
    wanted = list(dict.fromkeys(blocks)) or [""]
    known = {block.code for block in page.framework.blocks}
    if not set(wanted) <= known | {""}:
        raise Invalid(_l("Ce bloc n’existe pas dans ce référentiel."), "blocks")
    held = queries.overlapping(session, user_id, chosen, starts_on, ends_on)
    if "" in held or held & set(wanted):
        raise Conflict(
            _l(
                "Cette personne est déjà habilitée pour ces blocs sur une partie de cette période. "
                "Mettez fin à son habilitation actuelle, ou choisissez d’autres dates."
            )
        )
    return [_granted(session, actor, chosen, user_id, block, starts_on, ends_on) for block in wanted]


def _require_authority(session: Session, actor: Actor | None, chosen: Grantable) -> None:
    pair = (chosen.training_body.id, chosen.version.id)
    if actor is not None and pair not in {
        (one.training_body.id, one.version.id) for one in queries.grantable(session, actor)
    }:
        raise Forbidden(
            _l(
                "Seules la coordination d’un organisme habilité à évaluer et les personnes qui tiennent le greffe "
                "du certificateur peuvent habiliter ses évaluatrices et ses évaluateurs."
            )
        )


def _granted(
    session: Session,
    actor: Actor | None,
    chosen: Grantable,
    user_id: uuid.UUID,
    block: str,
    starts_on: date,
    ends_on: date | None,
) -> AssessorHabilitation:
    row = AssessorHabilitation(
        id=new_id(), user_id=user_id, certifying_body_id=chosen.version.certifying_body_id,
        training_body_id=chosen.training_body.id, framework_code=chosen.version.code, block=block,
        starts_on=starts_on, ends_on=ends_on, granted_at=clock.now(), granted_by_id=actor.user_id if actor else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, actor, "assessment:habilitation:granted", row)
    return row


def _record(session: Session, actor: Actor | None, tag: str, row: AssessorHabilitation) -> None:
    # The certifying body answers for those who assess in its name, as the training body does for its trainers.
    for organisation_id in (row.training_body_id, row.certifying_body_id):
        audit.record(
            session, actor, tag, row, organisation_id=organisation_id, user_id=row.user_id,
            framework=row.framework_code, block=row.block,
        )  # fmt: skip


def end_habilitation(session: Session, actor: Actor, habilitation: AssessorHabilitation) -> AssessorHabilitation:
    """End a habilitation from now on; what was signed under it stays."""
    bodies = actor.organisations(Permission.ASSESSOR_HABILITATE)
    if not bodies & {habilitation.training_body_id, habilitation.certifying_body_id}:
        raise Forbidden(_l("Seules les personnes qui peuvent habiliter peuvent mettre fin à une habilitation."))
    if habilitation.ended_at is not None:
        raise Conflict(_l("Cette habilitation a déjà pris fin."))
    habilitation.ended_at, habilitation.ended_by_id = clock.now(), actor.user_id
    session.flush()
    _record(session, actor, "assessment:habilitation:ended", habilitation)
    return habilitation


def require_any(session: Session, actor: Actor, enrolment: Enrolment) -> frozenset[str]:
    """Return the blocks on which the actor may assess a trainee today; refuse when there is none."""
    blocks = queries.habilitated_blocks(session, actor.user_id, enrolment, clock.today())
    if not blocks:
        raise Forbidden(_nothing())
    return blocks


def allowed(session: Session, assessment: Assessment, ratings: Mapping[str, Rated]) -> dict[str, Rated]:
    """Return the ratings on blocks that the assessor may assess; refuse something new said of others.

    A grid does not show the other blocks: no answer there leaves what is already written as it is.
    """
    blocks = queries.blocks_to_fill(session, assessment)
    held = {row.indicator: Rated.of(row) for row in assessment.ratings}
    said = {code for code, rated in ratings.items() if rated not in (Rated(None), held.get(code))}
    _refuse_beyond(session, assessment, said, blocks)
    framework = framework_of(session, assessment.framework_version_id)
    return {code: rated for code, rated in ratings.items() if framework.block_of(code).code in blocks}


def require_for_signing(session: Session, assessment: Assessment) -> frozenset[str]:
    """Return the blocks an assessment covers; refuse when it says anything of others, or when there is none."""
    blocks = queries.blocks_to_fill(session, assessment)
    if not blocks:
        raise Forbidden(_nothing())
    _refuse_beyond(session, assessment, policies.answered(assessment.ratings), blocks)
    return blocks


def _refuse_beyond(session: Session, assessment: Assessment, codes: Collection[str], blocks: Collection[str]) -> None:
    framework: competencies.Framework = framework_of(session, assessment.framework_version_id)
    found = policies.beyond(framework, codes, blocks)
    if found:
        raise Forbidden(
            _l(
                "Votre habilitation ne couvre pas, ou plus, tout ce qui est évalué ici (bloc %(blocks)s) : cela ne "
                "peut pas être signé. Ce qui est enregistré reste lisible. Demandez à votre coordination.",
                blocks=", ".join(found),
            )
        )


def _nothing() -> object:
    return _l(
        "Vous n’êtes pas habilité·e à évaluer ce ou cette stagiaire aujourd’hui. Rien n’est perdu de ce qui est "
        "enregistré. Demandez une habilitation à la coordination de votre organisme de formation."
    )
