"""Trainees whose framework has a scale for the training, and one competency with a scale of its own."""

from dataclasses import replace

from sqlalchemy.orm import Session

import competencies
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.frameworks.models import FrameworkVersion
from certify.organisations.models import Organisation
from competencies import Level, Scale, Text
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_certifying_body, make_habilitation, make_organisation

STEPS = Scale(
    "progress",
    tuple(
        Level(code, Text(label, code), rank, sign)
        for rank, (code, label, sign) in enumerate(
            [
                ("new", "débute", "1"),
                ("guided", "accompagné·e", "2"),
                ("alone", "autonome", "3"),
                ("expert", "ressource", "4"),
            ]
        )
    ),
    "alone",
)
"""Four levels, « autonome » being the threshold."""
SEEN = Scale(
    "seen", (Level("unseen", Text("pas vu", "unseen"), 0, "x"), Level("seen", Text("vu", "seen"), 1, "v")), "seen"
)  # fmt: skip
"""The scale of competency 1.1 alone."""


def scaled_framework() -> competencies.Framework:
    """Give the framework that ships, assessed on STEPS during the training, and on SEEN for competency 1.1."""
    blocks = tuple(
        replace(block, competencies=tuple(_rescaled(part) for part in block.competencies))
        for block in competencies.demo().blocks
    )
    return replace(competencies.demo(), code="scaled", blocks=blocks, formative=STEPS)


def _rescaled(part: competencies.Competency) -> competencies.Competency:
    scale = SEEN if part.code == "1.1" else STEPS
    indicators = tuple(
        replace(
            one,
            descriptors={
                level.code: Text(f"{one.code} : {level.label.fr}", f"{one.code}: {level.label.en}")
                for level in scale.levels
            },
        )
        for one in part.indicators
    )
    return replace(part, indicators=indicators, scale=SEEN if part.code == "1.1" else None)


def make_scaled_version(session: Session) -> FrameworkVersion:
    """Make that framework a version of a certifying body."""
    framework = scaled_framework()
    version = FrameworkVersion(
        certifying_body_id=make_certifying_body(session).id, code=framework.code, version=framework.version,
        title_fr=framework.title.fr, title_en=framework.title.en, content=competencies.to_document(framework),
        digest=competencies.digest(framework), created_at=clock.now(),
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version


def make_scaled_enrolment(session: Session) -> Enrolment:
    """Enrol somebody on it."""
    version = make_scaled_version(session)
    training_body = make_organisation(session)
    make_habilitation(session, session.get_one(Organisation, version.certifying_body_id), training_body)
    return make_enrolment(session, make_cohort(session, training_body, version))
