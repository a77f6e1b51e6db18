"""Our platform is proved right by a tool that others wrote, pylti1p3next: it launches, reads and writes there."""

import pytest
import requests

from tests.interop.driven_tool import SecondTool
from tests.services.lms import LinkStyle, Platform
from tests.services.lms.vocabulary import (
    CLAIM,
    DEEP_LINKING,
    DEEP_LINKING_REQUEST,
    SUBMISSION_REVIEW,
    TOOL_CONFIGURATION,
)


def test_a_tool_of_others_takes_a_launch_with_everything_in_it(platform: Platform, second_tool: SecondTool) -> None:
    read = second_tool.launch(platform.teacher)

    assert read["claims"]["sub"] == platform.teacher.sub
    assert read["claims"][f"{CLAIM}resource_link"]["id"] == platform.link.id
    assert (read["is_teacher"], read["has_roster"], read["has_grades"]) == (True, True, True)
    assert platform.refusals == []


def test_a_tool_of_others_takes_a_launch_after_the_keys_changed(platform: Platform, second_tool: SecondTool) -> None:
    second_tool.launch()
    platform.rotate_keys(keep_old=False)

    assert second_tool.launch()["claims"]["sub"] == platform.learner.sub


def test_a_tool_of_others_takes_a_submission_review(platform: Platform, second_tool: SecondTool) -> None:
    platform.gradebook.add(platform.course.id, {"label": "Bloc", "scoreMaximum": 1, "resourceLinkId": platform.link.id})

    read = second_tool.launch("teacher", message=SUBMISSION_REVIEW)

    assert read["is_review"]
    assert read["claims"][f"{CLAIM}for_user"]["user_id"] == platform.learner.sub


def test_what_a_tool_of_others_chooses_is_saved_with_its_column(platform: Platform, second_tool: SecondTool) -> None:
    data = "à rendre tel quel : \"<&>' +%20 \u2028"
    settings = platform.claims("teacher", message=DEEP_LINKING_REQUEST)[f"{DEEP_LINKING}deep_linking_settings"]
    read = second_tool.launch("teacher", message=DEEP_LINKING_REQUEST, deep_linking_settings={**settings, "data": data})
    assert read["is_deep_linking"]

    token = second_tool.ask("/choose", read)["jwt"]
    answer = requests.post(platform.return_url(platform.course), data={"JWT": token}, timeout=10)

    assert answer.status_code == 200, answer.text
    [item] = platform.saved_items
    assert (item.title, item.custom) == ("Mon carnet", {"item": "carnet"})
    [column] = platform.line_items
    assert (column.label, column.maximum, column.tag) == ("Bloc 1", 20, "bloc-1")
    assert column.resource_link_id == platform.link.id
    assert second_tool.launch(link=platform.link)["claims"][f"{CLAIM}custom"]["item"] == "carnet"


@pytest.mark.parametrize("style", [LinkStyle.CORRECT, LinkStyle.UPPER])
def test_a_tool_of_others_reads_every_page_of_the_roster(
    platform: Platform, second_tool: SecondTool, style: LinkStyle
) -> None:
    platform.course.fill(250)
    platform.page_size, platform.roster_links = 100, style

    members = second_tool.ask("/members", second_tool.launch("teacher"))

    assert [member["user_id"] for member in members] == list(platform.course.people)
    assert platform.counts["roster"] == 3


def test_a_tool_of_others_makes_a_column_and_its_score_arrives(platform: Platform, second_tool: SecondTool) -> None:
    launch = second_tool.launch("teacher")

    told = second_tool.ask("/column", launch, tag="bloc-2", score="15", user=platform.learner.sub)

    [score] = platform.scores
    assert (score.user_id, score.given, score.maximum, score.comment) == (platform.learner.sub, 15, 20, "Acquis")
    [result] = told["results"]
    assert (result["userId"], result["resultScore"], result["resultMaximum"]) == (platform.learner.sub, 7.5, 10)
    assert [column["id"] for column in second_tool.ask("/columns", launch)] == [told["column"]]
    assert platform.counts["token"] == 1
    assert platform.refusals == []


def test_a_tool_of_others_registers_itself(platform: Platform, second_tool: SecondTool) -> None:
    told = second_tool.register()

    assert told["described"]["issuer"] == platform.issuer
    assert told["registered"]["client_id"] == platform.client_id
    assert told["registered"][TOOL_CONFIGURATION]["deployment_id"] == platform.deployment_id
    assert platform.registrations.done[0].body["client_name"] == "Deuxième outil"
    assert platform.tool.login_url == f"{second_tool.url}/lti/login"
