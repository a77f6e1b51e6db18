"""Certify and Open edX's platform, which others wrote, run and speak with each other over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.exchanges import ACCEPTED, Exchange, running_certify
from tests.interop.platforms import running_openedx


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """Give certify and the platform, which know each other."""
    folder = tmp_path_factory.mktemp("openedx")
    with running_certify(folder) as certify, running_openedx(certify.url, folder) as platform:
        yield Exchange.between(certify, platform)


def test_people_of_open_edx_are_let_in(exchange: Exchange) -> None:
    for user in (exchange.platform.teacher, exchange.platform.learner):
        launched = exchange.launch(user)

        assert launched.status_code == 303, launched.text
        assert launched.headers["Location"].startswith("/l/")
        assert exchange.verdicts()[0] == ACCEPTED


def test_what_a_teacher_chooses_is_kept_by_open_edx_with_its_column(exchange: Exchange) -> None:
    exchange.choose("logbook", part="1")

    item = exchange.platform.kept()["items"][-1]
    address = f"{exchange.certify.url}/lti/launch"
    assert (item["type"], item["title"], item["url"]) == ("ltiResourceLink", "Mon cahier de suivi", address)
    assert list(item["custom"]) == ["certify_item"]


def test_the_roster_of_open_edx_is_read_with_its_roles(exchange: Exchange) -> None:
    exchange.launch(exchange.platform.teacher)

    members = exchange.roster()

    assert [member.name for member in members] == ["Formatrice 1", *(f"Stagiaire {n:02}" for n in range(2, 8))]
    assert [any("Instructor" in role for role in member.roles) for member in members] == [True] + [False] * 6
    assert all(member.active for member in members)


def test_a_column_is_made_once_in_open_edx_and_its_score_arrives(exchange: Exchange) -> None:
    exchange.launch(exchange.platform.teacher)
    column = exchange.column(label="Bloc 2", maximum=20, tag="bloc-2")

    assert exchange.column(label="Bloc 2", maximum=20, tag="bloc-2").url == column.url
    assert exchange.score(column.url, 15, 20) == 201

    kept = exchange.platform.kept()
    assert [one["tag"] for one in kept["columns"] if one["tag"] == "bloc-2"] == ["bloc-2"]
    [score] = [one for one in kept["scores"] if one["score_maximum"] == 20]
    assert (score["user_id"], score["score_given"], score["score_maximum"], score["grading_progress"]) == (
        exchange.platform.learner_sub, 15, 20, "FullyGraded",
    )  # fmt: skip


def test_what_is_validated_reaches_open_edx(exchange: Exchange) -> None:
    for user in (exchange.platform.teacher, exchange.platform.learner):
        exchange.launch(user)

    exchange.validate()

    kept = exchange.platform.kept()
    columns = [one["tag"] for one in kept["columns"] if one["tag"].startswith("certify:")]
    scores = [one for one in kept["scores"] if one["score_maximum"] == 100]
    assert "certify:whole" in columns
    assert len(scores) == len(columns)
    assert {(one["user_id"], one["score_given"], one["grading_progress"]) for one in scores} == {
        (exchange.platform.learner_sub, 100, "FullyGraded")
    }


def test_a_score_in_the_column_of_the_link_reaches_the_gradebook_of_open_edx(tmp_path: Path) -> None:
    with (
        running_certify(tmp_path) as certify,
        running_openedx(certify.url, tmp_path, ags="declarative") as platform,
    ):
        other = Exchange.between(certify, platform)
        other.launch(platform.learner)

        assert other.score(other.column_of_link(), 90, 100) == 201
        [grade] = platform.kept()["gradebook"]
        assert (grade["score"], grade["maximum"], grade["comment"]) == (0.9, 100, "Validé")
