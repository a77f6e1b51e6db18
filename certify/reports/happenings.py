"""What happened to an enrolment, in order: entry, suspensions, steps of a VAE, versions, levels retained, decisions."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.assessments.models import RetainedLevel
from certify.certificates.queries import certificates_of_holder
from certify.cohorts.models import Enrolment
from certify.cohorts.queries import pauses_of, steps_of
from certify.core.clock import PARIS
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import day
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from certify.juries.forms import WHOLE_OUTCOMES
from certify.juries.queries import Candidacy, JuryDecision, JurySession, SessionState
from certify.revisions.models import Migration
from competencies import WholeOutcome


@dataclass(frozen=True)
class Happening:
    """One thing that happened one day, in words."""

    on: date
    what: str
    detail: str = ""


def happenings_of(session: Session, enrolment: Enrolment) -> list[Happening]:
    """Return what happened to an enrolment, oldest first, in a number of statements that no history makes grow."""
    found = [
        Happening(enrolment.entered_on, _("Entrée en formation")),
        *_pauses(session, enrolment.id),
        *_steps(session, enrolment.id),
        *_migrations(session, enrolment.id),
        *_retained(session, enrolment.id),
        *_decisions(session, enrolment.id),
        *_certificates(session, enrolment),
    ]
    return sorted(found, key=lambda one: one.on)


def _pauses(session: Session, enrolment_id: uuid.UUID) -> Iterator[Happening]:
    for pause in pauses_of(session, [enrolment_id]).get(enrolment_id, ()):
        yield Happening(pause.starts_on, _("Formation suspendue"), str(pause.reason.label))
        if pause.ends_on is not None:
            yield Happening(pause.ends_on, _("Formation reprise"))


def _steps(session: Session, enrolment_id: uuid.UUID) -> Iterator[Happening]:
    for step in steps_of(session, [enrolment_id]).get(enrolment_id, ()):
        yield Happening(step.on, str(step.kind.label), _("Validation des acquis de l’expérience"))


def _migrations(session: Session, enrolment_id: uuid.UUID) -> Iterator[Happening]:
    before, after = aliased(FrameworkVersion), aliased(FrameworkVersion)
    rows = session.execute(
        select(Migration.at, before.version, after.version)
        .join(before, before.id == Migration.from_version_id)
        .join(after, after.id == Migration.to_version_id)
        .where(Migration.enrolment_id == enrolment_id)
    )
    for at, old, new in rows:
        detail = _("De la version %(old)s à la version %(new)s", old=old, new=new)
        yield Happening(at.astimezone(PARIS).date(), _("Changement de version du référentiel"), detail)


def _retained(session: Session, enrolment_id: uuid.UUID) -> Iterator[Happening]:
    rows = session.execute(
        select(RetainedLevel, User)
        .join(User, User.id == RetainedLevel.decided_by_id)
        .where(RetainedLevel.enrolment_id == enrolment_id)
    )
    for row, user in rows:
        scale = framework_of(session, row.framework_version_id).scale
        word = (
            scale.level(row.level).label.to(current_locale()) if row.level else _("niveau proposé par les évaluations")
        )
        what = _("Niveau retenu pour la compétence %(code)s : %(level)s", code=row.competency, level=word)
        yield Happening(row.decided_at.astimezone(PARIS).date(), what, f"{user.name}. {row.comment}")


def _decisions(session: Session, enrolment_id: uuid.UUID) -> Iterator[Happening]:
    rows = session.execute(
        select(JurySession, JuryDecision.outcome, JuryDecision.number)
        .join(Candidacy, Candidacy.session_id == JurySession.id)
        .join(JuryDecision, JuryDecision.candidacy_id == Candidacy.id)
        .where(Candidacy.enrolment_id == enrolment_id, JurySession.state == SessionState.PUBLISHED)
        .order_by(JuryDecision.number)
    )
    last = {jury.id: (jury, outcome) for jury, outcome, _number in rows}
    for jury, outcome in last.values():
        what = _("Décision du jury %(reference)s", reference=jury.reference)
        detail = _("Certification %(outcome)s", outcome=str(WHOLE_OUTCOMES[WholeOutcome(outcome)]))
        yield Happening(jury.held_on, what, detail)


def _certificates(session: Session, enrolment: Enrolment) -> Iterator[Happening]:
    for one in certificates_of_holder(session, enrolment.user_id):
        if one.enrolment_id == enrolment.id:
            detail = _("Délivré le %(day)s", day=day(one.issued_at))
            yield Happening(one.issued_at.astimezone(PARIS).date(), f"{one.kind.label} {one.number}", detail)
