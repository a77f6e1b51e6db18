from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import EXTERNAL_DOMAIN, User
from certify.cohorts.models import Enrolment
from certify.core import clock, jobs
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage
from certify.logbook.models import EntryState
from certify.reminders import policies, queries, services, tasks
from certify.reminders.models import Subscription
from tests.factories.cohorts import make_enrolment
from tests.factories.files import make_practice
from tests.factories.people import actor_of

MONDAY = datetime(2026, 6, 15, 9, 0, tzinfo=clock.PARIS)
Week = Callable[[datetime], int]


@pytest.fixture
def week(session: Session, run_jobs: Callable[[], int]) -> Week:
    """Give the function that prepares the week of a moment, and sends its mails; it says how many people it took."""

    def run(moment: datetime) -> int:
        session.commit()
        with clock.at(moment):
            considered = tasks.prepare_week()
        run_jobs()
        session.expire_all()
        return considered

    return run


@pytest.fixture
def enrolment(session: Session) -> Enrolment:
    """Enrol somebody who has an entry to complete."""
    made = make_enrolment(session)
    make_practice(session, made, state=EntryState.RETURNED, account="Récit que personne d’autre ne doit lire")
    return made


def mails(session: Session) -> list[MailMessage]:
    return list(session.scalars(select(MailMessage).order_by(MailMessage.created_at, MailMessage.id)))


def subscription(session: Session, enrolment: Enrolment) -> Subscription:
    return session.get_one(Subscription, enrolment.user_id)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 6, 15, 6, 59, tzinfo=clock.PARIS), date(2026, 6, 8)),
        (datetime(2026, 6, 15, 7, 0, tzinfo=clock.PARIS), date(2026, 6, 15)),
        (datetime(2026, 6, 21, 23, 0, tzinfo=clock.PARIS), date(2026, 6, 15)),
        (datetime(2026, 3, 30, 7, 0, tzinfo=clock.PARIS), date(2026, 3, 30)),
    ],
)
def test_a_week_begins_on_monday_at_seven_in_paris(moment: datetime, expected: date) -> None:
    assert policies.week_of(moment) == expected


def test_one_mail_a_week_says_what_waits_and_nothing_that_anybody_wrote(
    session: Session, week: Week, enrolment: Enrolment
) -> None:
    assert week(MONDAY) == 1
    assert [mail.subject for mail in mails(session)] == ["Cette semaine sur certify\u202f: 1 chose vous attend"]
    mail = mails(session)[0]
    assert "1 fiche de votre cahier vous a été renvoyée" in mail.text
    assert "/logbook" in mail.html
    assert "Récit" not in mail.text + mail.html
    assert f"/reminders/{subscription(session, enrolment).token}" in mail.text
    assert mail.unsubscribe.endswith(subscription(session, enrolment).token)
    assert week(MONDAY + timedelta(hours=1)) == 0
    assert week(MONDAY + timedelta(days=6)) == 0
    assert len(mails(session)) == 1
    assert subscription(session, enrolment).sent_on is not None


def test_the_next_week_is_considered_again(session: Session, week: Week, enrolment: Enrolment) -> None:
    week(MONDAY)
    subscription(session, enrolment).sent_on = MONDAY.date()
    assert week(MONDAY + timedelta(days=7)) == 1
    assert len(mails(session)) == 2


def test_nothing_to_say_sends_no_mail(session: Session, week: Week) -> None:
    made = make_enrolment(session)
    assert week(MONDAY) == 1
    assert mails(session) == []
    assert subscription(session, made).considered_week == MONDAY.date()


def test_the_mail_is_in_the_language_of_the_person(session: Session, week: Week, enrolment: Enrolment) -> None:
    session.get_one(User, enrolment.user_id).locale = "en"
    week(MONDAY)
    assert 'lang="en"' in mails(session)[0].html


def test_whoever_declined_or_cannot_be_reached_is_left_alone(
    session: Session, week: Week, enrolment: Enrolment
) -> None:
    services.choose(session, actor_of(session, session.get_one(User, enrolment.user_id)), is_wanted=False)
    unknown = make_enrolment(session)
    session.get_one(User, unknown.user_id).email = "x" + EXTERNAL_DOMAIN
    gone = make_enrolment(session)
    session.get_one(User, gone.user_id).active = False
    assert week(MONDAY) == 0
    assert mails(session) == []


def test_whoever_declines_before_the_mail_leaves_does_not_get_it(
    session: Session, run_jobs: Callable[[], int], enrolment: Enrolment
) -> None:
    with clock.at(MONDAY):
        services.prepare(session)
    services.decline(session, subscription(session, enrolment))
    run_jobs()
    assert mails(session) == []


def test_a_message_delivered_twice_sends_one_mail(
    session: Session, run_jobs: Callable[[], int], enrolment: Enrolment
) -> None:
    with clock.at(MONDAY):
        services.prepare(session)
    session.commit()
    message = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "reminders.due")).one()
    run_jobs()
    session.refresh(message)
    message.done_at = None
    session.commit()
    run_jobs()
    assert len(mails(session)) == 1


def test_a_run_cut_short_goes_on_where_it_stopped(session: Session, week: Week) -> None:
    made = [make_enrolment(session) for _ in range(5)]
    for one in made:
        make_practice(session, one, state=EntryState.RETURNED)
    session.commit()
    with clock.at(MONDAY):
        assert services.prepare(session, limit=2) == 2
    session.commit()
    with clock.at(MONDAY):
        services.prepare(session, limit=2)
    session.rollback()
    assert week(MONDAY) == 3
    assert sorted(mail.recipient for mail in mails(session)) == sorted(
        session.get_one(User, one.user_id).email for one in made
    )


def test_the_hourly_round_is_known_to_the_queue(app: Flask) -> None:
    names = {name.rpartition(".")[2] for name in app.extensions[jobs.EXTENSION]._registry._registry}
    assert any("prepare_week" in name for name in names)


def test_wanting_and_declining_is_kept_per_person(session: Session, enrolment: Enrolment) -> None:
    actor = actor_of(session, session.get_one(User, enrolment.user_id))
    assert queries.wants_mail(session, actor)
    services.choose(session, actor, is_wanted=False)
    assert not queries.wants_mail(session, actor)
    services.choose(session, actor, is_wanted=True)
    assert queries.wants_mail(session, actor)
