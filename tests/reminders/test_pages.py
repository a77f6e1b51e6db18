import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core.audit import AuditEvent
from certify.reminders import queries, services
from certify.reminders.models import Subscription
from tests.factories.people import actor_of, make_user
from tests.services.signing_in import SignIn
from tests.services.visiting import follow, read, submit, visit, words

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def person(session: Session) -> User:
    """Make somebody."""
    return make_user(session)


def _subscribed(session: Session, person: User) -> Subscription:
    row = services.choose(session, actor_of(session, person), is_wanted=True)
    session.commit()
    return row


def test_one_chooses_from_ones_account(session: Session, sign_in: SignIn, person: User) -> None:
    client = sign_in(person)
    assert visit(client, "/account").find("a", href="/account/reminders") is not None
    page = visit(client, "/account/reminders")
    assert page.find("input", {"name": "is_wanted"}).has_attr("checked")  # type: ignore[union-attr]
    page = follow(client, submit(client, page, "main form", is_wanted=False))
    assert not page.find("input", {"name": "is_wanted"}).has_attr("checked")  # type: ignore[union-attr]
    assert not queries.wants_mail(session, actor_of(session, person))


def test_the_link_of_a_mail_asks_before_it_stops_anything(session: Session, client: FlaskClient, person: User) -> None:
    row = _subscribed(session, person)
    page = visit(client, f"/reminders/{row.token}")
    assert person.name not in words(page)
    session.refresh(row)
    assert row.is_wanted
    page = read(submit(client, page, "main form"))
    assert "vous ne recevrez plus ce courriel" in words(page)
    session.refresh(row)
    assert not row.is_wanted
    assert session.scalars(select(AuditEvent.tag).where(AuditEvent.tag.startswith("reminders:"))).all() == [
        "reminders:mail:declined"
    ]


def test_a_mail_program_stops_the_mail_by_itself_twice_if_it_likes(
    session: Session, client: FlaskClient, person: User
) -> None:
    row = _subscribed(session, person)
    for _ in range(2):
        answer = client.post(f"/reminders/{row.token}", data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    session.refresh(row)
    assert not row.is_wanted


@pytest.mark.parametrize("token", ["", "x", "a" * 43])
def test_a_link_nobody_sent_leads_nowhere(client: FlaskClient, token: str) -> None:
    assert client.get(f"/reminders/{token}").status_code == 404
    assert client.post(f"/reminders/{token}").status_code == 404
