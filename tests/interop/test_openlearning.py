"""Certify and OpenLearning's platform, which others wrote, run and speak with each other over HTTP."""

from collections.abc import Iterator

import pytest

from tests.interop.exchanges import ACCEPTED, Exchange, running_certify
from tests.interop.platforms import running_openlearning


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """Give certify and the platform, which know each other."""
    folder = tmp_path_factory.mktemp("openlearning")
    with running_certify(folder) as certify, running_openlearning(certify.url, folder) as platform:
        yield Exchange.between(certify, platform)


def test_people_of_openlearning_are_let_in(exchange: Exchange) -> None:
    for user in (exchange.platform.teacher, exchange.platform.learner):
        launched = exchange.launch(user)

        assert launched.status_code == 303, launched.text
        assert launched.headers["Location"].startswith("/l/")
        assert exchange.verdicts()[0] == ACCEPTED


def test_what_a_teacher_chooses_is_kept_by_openlearning(exchange: Exchange) -> None:
    exchange.choose("progress")

    item = exchange.platform.kept()["items"][-1]
    address = f"{exchange.certify.url}/lti/launch"
    assert (item["type"], item["title"], item["url"]) == ("ltiResourceLink", "Progression", address)
    assert list(item["custom"]) == ["certify_item"]


def test_the_roster_of_openlearning_is_read_with_its_roles(exchange: Exchange) -> None:
    exchange.launch(exchange.platform.teacher)

    members = exchange.roster()

    assert [member.name for member in members] == ["Formatrice A", "Stagiaire 02", "Stagiaire 03"]
    assert [any("Instructor" in role for role in member.roles) for member in members] == [True, False, False]


def test_a_column_is_made_once_in_openlearning_and_its_score_arrives(exchange: Exchange) -> None:
    exchange.launch(exchange.platform.teacher)
    column = exchange.column(label="Bloc 2", maximum=20, tag="bloc-2")

    assert exchange.column(label="Bloc 2", maximum=20, tag="bloc-2").url == column.url
    assert exchange.score(column.url, 15, 20) == 201

    kept = exchange.platform.kept()
    assert [one["tag"] for one in kept["columns"] if one["tag"] == "bloc-2"] == ["bloc-2"]
    [score] = [one for one in kept["scores"] if one["scoreMaximum"] == 20]
    assert (score["userId"], score["scoreGiven"], score["scoreMaximum"], score["gradingProgress"]) == (
        exchange.platform.learner_sub, 15, 20, "FullyGraded",
    )  # fmt: skip


def test_what_is_validated_reaches_openlearning(exchange: Exchange) -> None:
    for user in (exchange.platform.teacher, exchange.platform.learner):
        exchange.launch(user)

    exchange.validate()

    kept = exchange.platform.kept()
    columns = [one["tag"] for one in kept["columns"] if one["tag"].startswith("certify:")]
    scores = [one for one in kept["scores"] if one["scoreMaximum"] == 100]
    assert "certify:whole" in columns
    assert len(scores) == len(columns)
    assert {(one["userId"], one["scoreGiven"], one["gradingProgress"]) for one in scores} == {
        (exchange.platform.learner_sub, 100, "FullyGraded")
    }
