"""Deep linking: a teacher places links in a course, and each opens what it says for whoever follows it."""

from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort
from certify.core import audit
from certify.core.access import Role
from certify.lti import keys
from certify.lti.models import Context, Identity, Launch, LineItem, Placement, Registration, Target
from certify.organisations.models import Habilitation, Organisation
from certify.settings import Settings
from tests.factories.cohorts import make_cohort, make_version
from tests.factories.people import make_certifying_body, make_habilitation, make_member
from tests.services.launches import landing, launch
from tests.services.lms import ABSENT, Platform
from tests.services.lms.vocabulary import DEEP_LINKING, DEEP_LINKING_REQUEST
from tests.services.visiting import Page, follow, read, submit, visit, words

pytestmark = pytest.mark.settings(lti_allow_insecure=True)
PLACE = "form#links"


@pytest.fixture(autouse=True)
def _published(session: Session, settings: Settings, platform: Platform, registration: Registration) -> None:
    document = keys.published(session, settings)
    platform.know("http://127.0.0.1:8000", jwks=lambda: document)


@pytest.fixture
def course(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> Context:
    """Give a course known to certify, that stands for a cohort."""
    launch(client, platform, "teacher")
    context = session.scalars(select(Context)).one()
    context.cohort_id = cohort.id
    session.commit()
    return context


def begin(client: FlaskClient, platform: Platform, **settings: Any) -> Page:
    """Choose certify in the platform's list of activities, which accepts certain things."""
    offered = platform.claims("teacher", message=DEEP_LINKING_REQUEST)[f"{DEEP_LINKING}deep_linking_settings"]
    wanted = {name: value for name, value in {**offered, **settings}.items() if value is not ABSENT}
    response = launch(client, platform, "teacher", message=DEEP_LINKING_REQUEST, deep_linking_settings=wanted)
    assert landing(response) == "/course/choose"
    return visit(client, response.headers["Location"])


def bring_back(page: Page) -> requests.Response:
    """Do what the page does by itself, or by its button: post the answer to the platform."""
    form = page.select_one("form[data-lti-return]")
    token = page.select_one("form[data-lti-return] input[name=JWT]")
    assert form is not None
    assert token is not None
    return requests.post(str(form["action"]), data={"JWT": str(token["value"])}, timeout=10)


def choose(client: FlaskClient, page: Page, **values: Any) -> Page:
    """Choose what is placed, and return the page that takes the answer to the platform."""
    return read(submit(client, page, PLACE, press="Ajouter au cours", **values))


def last_launch(session: Session) -> Launch:
    return session.scalars(select(Launch).order_by(Launch.at.desc(), Launch.id.desc()).limit(1)).one()


def test_links_placed_in_a_course_open_what_they_say_for_everybody(
    client: FlaskClient, session: Session, platform: Platform, course: Context, cohort: Cohort
) -> None:
    page = begin(client, platform)
    assert cohort.name in words(page)
    page = choose(client, page, targets=["logbook", "progress"], **{"progress-title": "Où en sommes-nous ?"})
    answer = bring_back(page)

    assert answer.status_code == 200, answer.text
    assert [item.title for item in platform.saved_items] == ["Mon cahier de suivi", "Où en sommes-nous ?"]
    assert all(item.line_item is None for item in platform.saved_items)
    placed = {str(row.id): row for row in session.scalars(select(Placement))}
    logbook, progress = (placed[item.custom["certify_item"]] for item in platform.saved_items)
    assert (logbook.target, progress.target) == (Target.LOGBOOK, Target.PROGRESS)
    assert {logbook.cohort_id, progress.cohort_id} == {cohort.id}
    to_logbook, to_progress = platform.links[-2:]
    assert landing(launch(client, platform, link=to_logbook)) == "/logbook"
    assert landing(launch(client, platform, link=to_progress)) == "/progress"
    assert landing(launch(client, platform, "teacher", link=to_progress)) == f"/cohorts/{cohort.id}"
    assert list(audit.verify(session)) == []


@pytest.mark.parametrize("target", list(Target))
@pytest.mark.engines("sqlite")
def test_each_link_leads_a_trainee_somewhere_that_opens(
    client: FlaskClient, platform: Platform, course: Context, target: Target
) -> None:
    bring_back(choose(client, begin(client, platform), targets=[target.value]))
    assert client.get(launch(client, platform).headers["Location"]).status_code in (200, 303)
    assert client.get(launch(client, platform, "teacher").headers["Location"]).status_code == 200


def test_a_column_placed_with_a_link_is_taken_up_at_its_first_launch(
    client: FlaskClient, session: Session, platform: Platform, course: Context, cohort: Cohort
) -> None:
    page = choose(client, begin(client, platform), targets=["progress"], **{"progress-part": "whole"})
    assert "Ensemble de la certification" in words(page)
    bring_back(page)

    item = platform.saved_items[0]
    assert item.line_item == {
        "label": "Ensemble de la certification", "scoreMaximum": 100, "tag": "certify:whole",
        "resourceId": f"certify:{cohort.id}",
    }  # fmt: skip
    launch(client, platform)
    column = session.scalars(select(LineItem)).one()
    assert (column.part, column.url) == ("whole", platform.line_items[0].url)
    assert "Déjà dans le carnet de notes" in words(begin(client, platform))


def test_a_block_has_its_own_column_and_no_column_is_asked_twice(
    client: FlaskClient, session: Session, platform: Platform, course: Context
) -> None:
    page = begin(client, platform)
    block = [str(option["value"]) for option in page.select("select[name=logbook-part] option")][1]
    chosen = {"targets": ["logbook", "progress"], "logbook-part": block, "progress-part": block}
    refused = read(submit(client, page, PLACE, press="Ajouter au cours", **chosen), status=422)
    assert "ne se demande qu’une fois" in words(refused)
    assert session.scalars(select(Placement)).all() == []
    bring_back(choose(client, refused, **{"progress-part": ""}))
    assert [bool(item.line_item) for item in platform.saved_items] == [True, False]
    assert platform.line_items[0].tag == f"certify:{block}"


def test_a_platform_that_makes_no_column_is_asked_for_none(
    client: FlaskClient, platform: Platform, course: Context
) -> None:
    page = begin(client, platform, accept_lineitem=False)
    assert page.select("select[name=logbook-part]") == []
    assert bring_back(choose(client, page, targets=["logbook"])).status_code == 200
    assert platform.saved_items[0].line_item is None


def test_a_platform_that_takes_one_link_gets_one(client: FlaskClient, platform: Platform, course: Context) -> None:
    page = begin(client, platform, accept_multiple=False)
    assert len(page.select("input[type=radio][name=targets]")) == len(Target)
    refused = read(submit(client, page, PLACE, press="Ajouter au cours", targets=["logbook", "group"]), status=422)
    assert "ne prend qu’un lien" in words(refused)
    assert bring_back(choose(client, page, targets=["group"])).status_code == 200
    assert [item.title for item in platform.saved_items] == ["Mon groupe"]


@pytest.mark.engines("sqlite")
def test_a_platform_that_takes_no_link_is_told_so(client: FlaskClient, platform: Platform, course: Context) -> None:
    page = begin(client, platform, accept_types=["file"])
    assert "n’accepte pas de lien" in words(page)
    assert bring_back(read(submit(client, page, "form[action$='/course/choose/cancel']"))).status_code == 200


@pytest.mark.parametrize("data", ["a+b%20c&é=\"'<ü>\u202f\n ", ABSENT])
def test_data_of_the_platform_comes_back_to_the_byte(
    client: FlaskClient, platform: Platform, course: Context, data: Any
) -> None:
    page = begin(client, platform, data=data)
    assert bring_back(choose(client, page, targets=["logbook"])).status_code == 200
    assert platform.responses[0].claims.get(f"{DEEP_LINKING}data", ABSENT) == data


def test_giving_up_tells_the_platform_that_nothing_is_added(
    client: FlaskClient, session: Session, platform: Platform, course: Context
) -> None:
    page = begin(client, platform, data="à rendre")
    answer = bring_back(read(submit(client, page, "form#give-up")))
    assert answer.status_code == 200, answer.text
    assert [response.items for response in platform.responses] == [()]
    assert session.scalars(select(Placement)).all() == []


def test_each_launch_is_answered_once(
    client: FlaskClient, session: Session, platform: Platform, course: Context
) -> None:
    page = begin(client, platform)
    choose(client, page, targets=["logbook"])
    for again in (
        submit(client, page, PLACE, press="Ajouter au cours", targets=["logbook"]),
        submit(client, page, "form#give-up"),
        client.get(page.url),
    ):
        assert "Votre plateforme a déjà sa réponse" in words(read(again, status=409))
    assert len(session.scalars(select(Placement)).all()) == 1


def test_only_the_platform_may_get_the_answer(client: FlaskClient, platform: Platform, course: Context) -> None:
    page = begin(client, platform)
    answer = submit(client, page, PLACE, press="Ajouter au cours", targets=["logbook"])
    assert f"form-action 'self' {platform.url};" in answer.headers["Content-Security-Policy"]


def test_an_answer_goes_where_the_platform_signed_that_it_wants_it_and_nowhere_else(
    client: FlaskClient, session: Session, platform: Platform, course: Context
) -> None:
    offered = platform.claims("teacher", message=DEEP_LINKING_REQUEST)[f"{DEEP_LINKING}deep_linking_settings"]
    response = launch(
        client, platform, "teacher", message=DEEP_LINKING_REQUEST,
        deep_linking_settings={**offered, "deep_link_return_url": "https://ecole.plateforme.example/retour"},
    )  # fmt: skip
    page = visit(client, response.headers["Location"])
    answer = submit(client, page, PLACE, press="Ajouter au cours", targets=["logbook"])
    policy = answer.headers["Content-Security-Policy"]
    assert "form-action 'self' https://ecole.plateforme.example;" in policy
    assert "https://ecole.plateforme.example" in policy.partition("frame-ancestors")[2]
    assert 'action="https://ecole.plateforme.example/retour"' in answer.get_data(as_text=True)


def test_trainees_place_nothing(client: FlaskClient, session: Session, platform: Platform, course: Context) -> None:
    response = launch(client, platform, message=DEEP_LINKING_REQUEST)
    assert landing(response) == "/course/waiting"
    address = response.headers["Location"].replace("/waiting", "/choose")
    assert client.get(address).status_code == 403


def test_a_launch_of_another_kind_places_nothing(client: FlaskClient, platform: Platform, course: Context) -> None:
    root = urlsplit(launch(client, platform, "teacher").headers["Location"]).path.rpartition("/course")[0]
    assert client.get(f"{root}/course/choose").status_code == 404
    assert client.get("/course/choose").status_code in (303, 403, 404)


@pytest.mark.engines("sqlite")
def test_a_link_needs_a_title_and_something_is_to_be_chosen(
    client: FlaskClient, platform: Platform, course: Context
) -> None:
    page = begin(client, platform)
    refused = read(submit(client, page, PLACE, targets=["group"], **{"group-title": "  "}), status=422)
    assert "Donnez un titre à ce lien." in words(refused)
    refused = read(submit(client, page, PLACE, targets=None), status=422)
    assert "Choisissez au moins un lien." in words(refused)
    assert submit(client, page, PLACE, targets=["anything"]).status_code == 422
    assert submit(client, page, PLACE, targets=["group"], **{"group-part": "anything"}).status_code == 422


def test_a_teacher_of_the_platform_opens_a_cohort_for_the_course(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    page = begin(client, platform)
    assert cohort.name not in words(page)
    assert page.select("form:has(select[name=cohort_id])") == []
    page = follow(client, submit(client, page, "form:has(input[value=create])"))
    made = session.scalars(select(Cohort).where(Cohort.name == platform.course.title)).one()
    assert (made.training_body_id, made.framework_version_id) == (cohort.training_body_id, cohort.framework_version_id)
    assert session.scalars(select(Context)).one().cohort_id == made.id
    assert bring_back(choose(client, page, targets=["logbook"])).status_code == 200
    assert landing(launch(client, platform)) == "/logbook"
    # Another course of the same teacher may now stand for the same cohort, and for no other.
    other = platform.add_course("Autre cours", platform.teacher)
    response = launch(client, platform, "teacher", message=DEEP_LINKING_REQUEST, course=other)
    offered = visit(client, response.headers["Location"]).select("select[name=cohort_id] option")
    assert [str(option["value"]) for option in offered] == [str(made.id)]


def test_a_cohort_of_the_same_name_is_named_otherwise(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    cohort.name = platform.course.title
    session.commit()
    page = begin(client, platform)
    refused = read(submit(client, page, "form:has(input[value=create])"), status=422)
    assert "porte déjà ce nom" in words(refused)
    assert follow(client, submit(client, refused, "form:has(input[value=create])", name="Promotion d’automne"))


def test_the_team_and_platforms_that_open_cohorts_choose_any(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    foreign = make_cohort(session)
    session.commit()
    page = begin(client, platform)
    forged = {"csrf_token": str(page.select_one("input[name=csrf_token]")["value"]), "step": "link"}  # type: ignore[index]
    refused = client.post(page.url, data={**forged, "cohort_id": str(cohort.id)})
    assert refused.status_code == 422
    person = session.scalars(select(Identity).where(Identity.sub == platform.teacher.sub)).one()
    body = session.get_one(Organisation, cohort.training_body_id)
    registration.opens_cohorts = True
    session.commit()
    page = begin(client, platform)
    assert client.post(page.url, data={**forged, "cohort_id": str(foreign.id)}).status_code in (400, 422)
    assert [str(one["value"]) for one in page.select("select[name=cohort_id] option")] == [str(cohort.id)]
    registration.opens_cohorts = False
    make_member(session, body, Role.TRAINER, session.get_one(User, person.user_id))
    session.commit()
    page = begin(client, platform)
    offered = [str(option["value"]) for option in page.select("select[name=cohort_id] option")]
    assert offered == [str(cohort.id)]
    page = follow(client, submit(client, page, "form:has(input[value=link])", cohort_id=str(cohort.id)))
    assert cohort.name in words(page)


@pytest.mark.engines("sqlite")
def test_a_course_without_a_habilitated_framework_opens_no_cohort(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration
) -> None:
    for row in session.scalars(select(Habilitation)):
        session.delete(row)
    session.commit()
    page = begin(client, platform)
    assert "n’habilite votre organisme" in words(page)
    assert page.select("form:has(input[value=create])") == []


@pytest.mark.engines("sqlite")
def test_new_cohorts_are_made_on_the_newest_framework(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    body = make_certifying_body(session)
    make_habilitation(session, body, session.get_one(Organisation, cohort.training_body_id))
    newer = make_version(session, body)
    session.commit()
    follow(client, submit(client, begin(client, platform), "form:has(input[value=create])"))
    made = session.scalars(select(Cohort).where(Cohort.name == platform.course.title)).one()
    assert made.framework_version_id == newer.id


def test_a_copied_course_offers_the_cohort_of_the_one_it_was_copied_from(
    client: FlaskClient, session: Session, platform: Platform, course: Context, cohort: Cohort
) -> None:
    platform.custom_parameters = {"context_id_history": "$Context.id.history"}
    copy, _links = platform.copy_course(platform.course, "Copie du cours")
    response = launch(client, platform, "teacher", message=DEEP_LINKING_REQUEST, course=copy)
    page = visit(client, response.headers["Location"])
    assert "copie d’un cours relié" in words(page)
    page = follow(client, submit(client, page, "form:has(input[value=link])"))
    assert cohort.name in words(page)
