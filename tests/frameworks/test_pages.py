"""Pages of frameworks."""

import uuid

from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from tests.factories.cohorts import make_enrolment
from tests.factories.people import make_user
from tests.services.signing_in import SignIn
from tests.services.visiting import visit


def test_a_trainee_reads_the_whole_framework(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    client = sign_in(session.get_one(User, enrolment.user_id))
    index = visit(client, "/frameworks")
    link = index.select_one("main table a[href^='/frameworks/']")
    assert link is not None
    page = visit(client, str(link["href"]))
    framework = competencies.demo()
    for indicator in framework.indicators:
        row = page.find(id=indicator.code)
        assert row is not None
        for descriptor in indicator.descriptors.values():
            assert descriptor.to("fr") in row.get_text()
    assert framework.notice.to("fr") in page.get_text()
    assert all(page.find(id=block.code) for block in framework.blocks)


def test_the_framework_is_read_in_english_too(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    client = sign_in(session.get_one(User, enrolment.user_id))
    with client.session_transaction() as cookie:
        cookie["locale"] = "en"
    page = client.get(f"/frameworks/{enrolment.framework_version_id}").get_data(as_text=True)
    assert competencies.demo().indicators[0].wording.en in page


def test_the_list_of_frameworks_goes_out_as_csv(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    client = sign_in(session.get_one(User, enrolment.user_id))
    answer = client.get("/frameworks?format=csv")
    assert answer.mimetype == "text/csv"
    assert competencies.digest(competencies.demo()) in answer.get_data(as_text=True)


def test_a_search_without_result_says_what_to_do(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    client = sign_in(session.get_one(User, enrolment.user_id))
    assert "Aucun référentiel ne correspond" in visit(client, "/frameworks?q=introuvable").get_text()


def test_a_framework_of_others_is_not_found(session: Session, sign_in: SignIn) -> None:
    mine, other = make_enrolment(session), make_enrolment(session)
    client = sign_in(session.get_one(User, mine.user_id))
    assert client.get(f"/frameworks/{other.framework_version_id}").status_code == 404
    assert client.get(f"/frameworks/{uuid.uuid4()}").status_code == 404


def test_who_holds_no_role_may_not_open_the_list(session: Session, sign_in: SignIn) -> None:
    client = sign_in(make_user(session))
    assert client.get("/frameworks").status_code == 403
