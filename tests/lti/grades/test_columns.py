import pytest
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.errors import Conflict
from certify.lti.models import LineItemState, Placement, ResourceLink, Target
from certify.lti.protocol import names
from certify.lti.services import grades
from tests.lti.grades.teaching import Teaching
from tests.services.lms import LinkStyle

pytestmark = pytest.mark.settings(lti_allow_insecure=True)


def test_one_column_is_made_for_each_block_and_one_for_the_whole(teaching: Teaching) -> None:
    made = teaching.make_columns()
    assert {one.part for one in made} == {"1", "2", "3", "4", "whole"}
    there = teaching.platform.line_items
    assert [(one.label, one.maximum, one.tag) for one in there] == [
        ("Bloc 1\u202f: Veille", 100, "certify:1"),
        ("Bloc 2\u202f: Territoire", 100, "certify:2"),
        ("Bloc 3\u202f: Groupes de pairs", 100, "certify:3"),
        ("Bloc 4\u202f: Fragilités", 100, "certify:4"),
        ("Ensemble de la certification", 100, "certify:whole"),
    ]
    assert {one.resource_id for one in there} == {f"certify:{teaching.cohort.id}"}
    assert {one.url for one in made} == {one.url for one in there}


def test_columns_asked_for_twice_are_made_once(teaching: Teaching) -> None:
    teaching.make_columns()
    teaching.make_columns()
    assert len(teaching.platform.line_items) == len(teaching.columns()) == 5


def test_columns_made_before_the_job_was_cut_short_are_found_again(teaching: Teaching) -> None:
    teaching.platform.next_answers("ok", "ok", 503, to="line_items")
    assert teaching.make_columns() == []
    assert len(teaching.platform.line_items) == 1
    teaching.run()
    assert len(teaching.platform.line_items) == len(teaching.columns()) == 5


def test_columns_of_a_platform_that_forgets_tags_are_told_apart_by_their_titles(teaching: Teaching) -> None:
    teaching.make_columns()
    gradebook = teaching.platform.gradebook
    for item in teaching.platform.line_items:
        gradebook.change(item, item.document() | {"tag": ""})
    for column in teaching.columns():
        teaching.session.delete(column)
    teaching.session.commit()
    found = teaching.make_columns()
    assert len(teaching.platform.line_items) == 5
    assert {one.part: one.url for one in found}["3"] == teaching.platform.line_items[2].url


@pytest.mark.parametrize("style", list(LinkStyle))
def test_columns_on_any_page_of_the_list_are_never_made_twice(teaching: Teaching, style: LinkStyle) -> None:
    teaching.make_columns()
    for column in teaching.columns():
        teaching.session.delete(column)
    teaching.session.commit()
    teaching.platform.page_size, teaching.platform.column_links = 2, style
    found = teaching.make_columns()
    assert {one.part for one in found} == {"1", "2", "3", "4", "whole"}
    assert len(teaching.platform.line_items) == 5


def test_a_column_deleted_in_the_platform_is_made_again(teaching: Teaching) -> None:
    teaching.make_columns()
    gone = teaching.platform.line_items[1]
    teaching.platform.gradebook.remove(gone)
    teaching.make_columns()
    states = {one.url: one.state for one in teaching.columns()}
    assert states.pop(gone.url) is LineItemState.REMOVED
    assert len(states) == 5
    assert set(states.values()) == {LineItemState.ACTIVE}
    assert len(teaching.platform.line_items) == 5


def test_a_title_that_changed_here_is_changed_there_and_one_chosen_there_is_kept(teaching: Teaching) -> None:
    teaching.make_columns()
    column = teaching.column("1")
    column.label = "Bloc 1 : ancien titre"
    teaching.session.commit()
    first, second = teaching.platform.line_items[:2]
    teaching.platform.gradebook.change(second, second.document() | {"label": "Choisi par la formatrice"})
    teaching.make_columns()
    assert [one.label for one in teaching.platform.line_items[:2]] == [first.label, "Choisi par la formatrice"]
    assert teaching.column("1").label == first.label
    assert teaching.platform.line_items[0].tag == "certify:1"


def test_a_course_without_a_cohort_or_without_a_gradebook_is_told_so(teaching: Teaching) -> None:
    actor, context = teaching.actor(), teaching.context
    context.ags_scopes = [names.RESULT_READ]
    with pytest.raises(Conflict, match="carnet de notes"):
        grades.make_columns(teaching.session, actor, context)
    context.cohort_id = None
    with pytest.raises(Conflict, match="promotion"):
        grades.make_columns(teaching.session, actor, context)


def test_a_column_that_came_with_a_link_is_taken_up_and_filled(teaching: Teaching, session: Session) -> None:
    trainee = teaching.know(teaching.platform.learner)
    teaching.assess(trainee)
    link, placement = _placed(teaching, part="2")
    item = teaching.platform.gradebook.add(
        "2", {"label": "Bloc 2", "scoreMaximum": 100, "tag": "certify:2", "resourceLinkId": link.lms_id}
    )
    adopted = grades.adopt_column(session, teaching.context, link, placement, item.url)
    again = grades.adopt_column(session, teaching.context, link, placement, item.url)
    session.commit()
    assert adopted is not None
    assert adopted is again
    teaching.run()
    assert teaching.taken("2") == [(teaching.platform.learner.sub, 100.0)]
    # What the teacher placed is not made a second time.
    teaching.make_columns()
    assert [one.tag for one in teaching.platform.line_items].count("certify:2") == 1


def test_a_link_that_asked_for_no_column_adopts_none(teaching: Teaching, session: Session) -> None:
    link, placement = _placed(teaching, part="")
    assert grades.adopt_column(session, teaching.context, link, placement, "https://lms.example/1/lineitem") is None
    assert grades.adopt_column(session, teaching.context, link, None, "https://lms.example/1/lineitem") is None
    assert teaching.columns() == []


def _placed(teaching: Teaching, *, part: str) -> tuple[ResourceLink, Placement]:
    session = teaching.session
    placement = Placement(
        context_id=teaching.context.id, target=Target.LOGBOOK, cohort_id=teaching.cohort.id, part=part,
        created_by_id=teaching.teacher().id, created_at=clock.now(),
    )  # fmt: skip
    session.add(placement)
    session.flush()
    link = ResourceLink(
        deployment_id=teaching.deployment.id, context_id=teaching.context.id, lms_id="7", placement_id=placement.id,
        created_at=clock.now(),
    )  # fmt: skip
    session.add(link)
    session.commit()
    return link, placement
