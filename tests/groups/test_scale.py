"""What the bench of groups measures, on a few of them: the same pages, as many statements however many there are."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from certify.core.db import db
from certify.groups.models import Attendance
from certify.settings import Settings
from tests.bench import grouping
from tests.services import databases


@pytest.mark.engines("postgresql")
def test_pages_of_groups_take_as_many_statements_whatever_the_number_of_groups(
    app: Flask, settings: Settings, make_app: Callable[[Settings], Flask], tmp_path_factory: pytest.TempPathFactory
) -> None:
    counts = []
    with databases.migrated_database("postgresql", tmp_path_factory.mktemp("more")) as url:
        other = make_app(settings.model_copy(update={"database_url": url}))
        for one, size in ((app, 3), (other, 60)):
            client, paths = grouping.place(one, size)
            counts.append(grouping.statements_of(one, client, paths))
        with other.app_context():
            lines = grouping.recompute_quietly()
            rows = db.session.scalar(select(func.count()).select_from(Attendance))

    assert counts[0] == counts[1]
    assert max(counts[1].values()) < 25
    assert len(lines) == 60
    assert rows == 60 * grouping.MEETINGS * grouping.PARTICIPANTS
    assert {line["rules"]["duration"]["figures"]["held"] for line in lines} == {grouping.MEETINGS}
