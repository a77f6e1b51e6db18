"""Adopting a framework."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Invalid
from certify.frameworks import queries, services
from certify.frameworks.models import FrameworkVersion, VersionState
from tests.factories.people import make_certifying_body, make_organisation


def test_a_certifying_body_adopts_a_framework_with_its_whole_content(session: Session) -> None:
    body = make_certifying_body(session)
    version = services.adopt(session, None, body, competencies.demo())
    session.commit()
    assert version.state is VersionState.ACTIVE
    assert version.digest == competencies.digest(competencies.demo())
    assert queries.framework_of(session, version.id) == competencies.demo()


def test_adopting_the_same_framework_again_changes_nothing(session: Session) -> None:
    body = make_certifying_body(session)
    first = services.adopt(session, None, body, competencies.demo())
    second = services.adopt(session, None, body, competencies.demo())
    session.commit()
    assert first.id == second.id
    assert session.scalar(select(func.count()).select_from(FrameworkVersion)) == 1
    adopted = select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == "frameworks:version:adopted")
    assert session.scalar(adopted) == 1


def test_the_same_version_with_another_content_is_refused(session: Session) -> None:
    body = make_certifying_body(session)
    services.adopt(session, None, body, competencies.demo())
    changed = replace(competencies.demo(), title=competencies.Text("Autre titre", "Another title"))
    with pytest.raises(Conflict):
        services.adopt(session, None, body, changed)


def test_two_certifying_bodies_may_adopt_the_same_framework(session: Session) -> None:
    versions = [services.adopt(session, None, make_certifying_body(session), competencies.demo()) for _ in range(2)]
    session.commit()
    assert len({version.id for version in versions}) == 2


def test_a_training_body_cannot_adopt_a_framework(session: Session) -> None:
    with pytest.raises(Invalid):
        services.adopt(session, None, make_organisation(session), competencies.demo())
