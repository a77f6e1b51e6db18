"""Assessments, and the accepted evidence they rest on."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments import queries, services
from certify.assessments.models import Assessment, AssessmentKind, AssessorHabilitation
from certify.assessments.policies import Rated
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceLink, EvidenceState
from certify.evidence.queries import count_covered
from certify.frameworks.models import FrameworkVersion
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of, make_member

INDICATORS = tuple(indicator.code for indicator in competencies.demo().indicators)


def make_trainer(session: Session, enrolment: Enrolment, **values: object) -> User:
    """Make a trainer of the body that trains somebody, habilitated to assess them."""
    user = make_member(session, session.get_one(Organisation, enrolment.training_body_id), Role.TRAINER)
    for name, value in values.items():
        setattr(user, name, value)
    session.flush()
    make_habilitated(session, user, enrolment)
    return user


def make_habilitated(
    session: Session, user: User, about: Enrolment | Cohort, *blocks: str, **values: object
) -> list[AssessorHabilitation]:
    """Habilitate somebody for a trainee's or a cohort's framework: some blocks, or all when none is named."""
    body = session.get_one(Organisation, about.training_body_id)
    return let_assess(
        session, user, body, session.get_one(FrameworkVersion, about.framework_version_id), *blocks, **values
    )


def let_assess(
    session: Session, user: User, body: Organisation, version: FrameworkVersion, *blocks: str, **values: object
) -> list[AssessorHabilitation]:
    """Habilitate somebody of a training body for a framework, since a year."""
    given = {
        "user_id": user.id, "training_body_id": body.id, "framework_code": version.code,
        "certifying_body_id": version.certifying_body_id, "granted_at": clock.now() - timedelta(days=365),
        "starts_on": clock.today() - timedelta(days=365),
    }  # fmt: skip
    rows = [AssessorHabilitation(**given | {"block": block} | values) for block in blocks or ("",)]
    session.add_all(rows)
    session.flush()
    return rows


def whole_grid(level: str | None = "acquired", **others: str | None) -> dict[str, Rated]:
    """Answer every indicator of the demo framework; `others` maps codes to other levels, None being « non observé »."""
    given = {code: others.get(code, level) for code in INDICATORS}
    return {code: Rated(answer, answer is not None) for code, answer in given.items()}


def make_draft(
    session: Session, enrolment: Enrolment | None = None, assessor: User | None = None, **values: object
) -> Assessment:
    """Open a draft about a trainee, held yesterday."""
    enrolment = enrolment or make_enrolment(session)
    assessor = assessor or make_trainer(session, enrolment)
    if not queries.habilitated_blocks(session, assessor.id, enrolment, clock.today()):
        make_habilitated(session, assessor, enrolment)
    chosen = {"kind": AssessmentKind.FORMATIVE, "held_on": clock.today() - timedelta(days=1)} | values
    return services.start(session, actor_of(session, assessor), enrolment, **chosen)  # type: ignore[arg-type]


def make_signed(
    session: Session,
    enrolment: Enrolment | None = None,
    assessor: User | None = None,
    ratings: Mapping[str, Rated] | None = None,
    comment: str = "",
    **values: object,
) -> Assessment:
    """Sign a whole grid about a trainee, everything acquired unless said otherwise."""
    enrolment = enrolment or make_enrolment(session)
    assessor = assessor or make_trainer(session, enrolment)
    actor = actor_of(session, assessor)
    draft = make_draft(session, enrolment, assessor, **values)
    services.save(session, actor, draft, revision=draft.revision, comment=comment, ratings=ratings or whole_grid())
    return services.sign(session, actor, draft)


def make_own_draft(session: Session, enrolment: Enrolment | None = None) -> Assessment:
    """Open the self-assessment of a trainee."""
    enrolment = enrolment or make_enrolment(session)
    person = session.get_one(User, enrolment.user_id)
    return services.start_own(session, actor_of(session, person), enrolment)


def make_own(
    session: Session,
    enrolment: Enrolment | None = None,
    ratings: Mapping[str, Rated] | None = None,
    comment: str = "",
) -> Assessment:
    """Sign a whole self-assessment, everything acquired unless said otherwise."""
    draft = make_own_draft(session, enrolment)
    actor = actor_of(session, session.get_one(User, draft.assessor_id))
    services.save(session, actor, draft, revision=draft.revision, comment=comment, ratings=ratings or whole_grid())
    return services.sign(session, actor, draft)


def make_accepted_evidence(
    session: Session, enrolment: Enrolment, indicators: Iterable[str], **values: object
) -> EvidenceItem:
    """Make one accepted file that illustrates indicators."""
    moment = clock.now()
    defaults = {
        "enrolment_id": enrolment.id,
        "training_body_id": enrolment.training_body_id,
        "kind": EvidenceKind.FILE,
        "state": EvidenceState.ACCEPTED,
        "title": "Affiche de la rencontre",
        "filename": "affiche.pdf",
        "media_type": "application/pdf",
        "size": 1200,
        "created_at": moment,
        "decided_at": moment,
        "links": [EvidenceLink(indicator=code) for code in indicators],
    }
    item = EvidenceItem(**defaults | values)
    session.add(item)
    session.flush()
    enrolment.covered = session.scalar(count_covered(enrolment.id)) or 0
    session.flush()
    return item
