"""What becomes of the codes of a version in a later one."""

import uuid

import pytest
from sqlalchemy.orm import Session

from certify.core.db import db
from certify.frameworks.models import VersionState
from certify.frameworks.queries import carried, steps_between
from tests.factories.cohorts import make_version
from tests.factories.versions import make_later_version, make_revised_version
from tests.services.statements import count_statements

pytestmark = pytest.mark.engines("sqlite")


def test_a_version_carries_to_itself_without_any_mapping(session: Session) -> None:
    version = make_version(session)
    assert carried(session, version.id, version.id) is None


def test_every_fate_leads_where_the_mapping_says(session: Session) -> None:
    version = make_version(session)
    found = carried(session, version.id, make_revised_version(session, version).id)
    assert found is not None
    assert found["1.1.1"] == ("1.1.9",)
    assert found["1.2.1"] == found["1.2.2"] == ("1.2.9",)
    assert found["1.3.1"] == ("1.3.8", "1.3.9")
    assert found["1.3.2"] == ()
    assert found["4.4.3"] == ("4.4.3",)


def test_versions_that_follow_one_another_are_put_end_to_end(session: Session) -> None:
    version = make_version(session)
    second = make_revised_version(session, version)
    third = make_later_version(session, second)
    found = carried(session, version.id, third.id)
    assert found is not None
    assert found["1.1.1"] == ("1.1.9",)
    assert len(steps_between(session, version.id, third.id)) == 2


def test_a_version_that_does_not_come_from_the_other_carries_nothing(session: Session) -> None:
    version, other = make_version(session), make_version(session)
    later = make_later_version(session, version)
    assert carried(session, version.id, other.id) == {}
    assert carried(session, later.id, version.id) == {}
    assert carried(session, version.id, uuid.uuid4()) == {}


def test_a_version_without_a_mapping_carries_nothing(session: Session) -> None:
    version = make_version(session)
    later = make_later_version(session, version, state=VersionState.DRAFT)
    later.mapping = None
    session.flush()
    assert carried(session, version.id, later.id) == {}


def test_a_pair_of_versions_in_force_is_read_once_by_a_process(session: Session) -> None:
    version = make_version(session)
    later = make_revised_version(session, version)
    carried(session, version.id, later.id)
    with count_statements(db.engine) as statements:
        carried(session, version.id, later.id)
    assert len(statements) == 0, str(statements)


def test_the_mapping_of_a_draft_is_read_anew_each_time(session: Session) -> None:
    version = make_version(session)
    draft = make_later_version(session, version, state=VersionState.DRAFT)
    before = carried(session, version.id, draft.id)
    assert before is not None
    assert before["1.1.1"] == ("1.1.1",)
    draft.mapping = [{"code": "1.1.1", "fate": "dropped", "to": []}]
    session.flush()
    assert carried(session, version.id, draft.id) == {"1.1.1": ()}
