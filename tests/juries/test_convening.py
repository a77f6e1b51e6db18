"""Convening: mails with a line for the calendar, that follow every change until the session opens."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Permission
from certify.core.errors import Conflict, Invalid
from certify.core.mail import MailMessage
from certify.juries import queries, services
from certify.juries.models import Convocation, JurySession, MeetingMode, SessionState
from tests.factories.juries import Prepared, add_candidate, make_jury
from tests.factories.people import make_user

Jobs = Callable[[], int]
SOON = clock.today() + timedelta(days=20)


def ready(session: Session, candidates: int = 1, **values: Any) -> Prepared:
    named = {"held_on": SOON, "starts_at": time(9), "ends_at": time(17), "place": "Lille, salle 2"} | values
    return make_jury(session, candidates, **named)


def fresh(session: Session, made: Prepared) -> JurySession:
    session.flush()
    session.expire_all()
    return queries.jury_for(session, made.actor(session), made.jury.id, Permission.JURY_READ)


def convened(session: Session, made: Prepared) -> JurySession:
    services.convene(session, made.actor(session), fresh(session, made))
    session.commit()
    return fresh(session, made)


def sent_to(session: Session, made: Prepared, person: User) -> list[Convocation]:
    query = select(Convocation).where(Convocation.session_id == made.jury.id, Convocation.user_id == person.id)
    return list(session.scalars(query.order_by(Convocation.sequence)))


def meeting(**values: Any) -> dict[str, Any]:
    usual = {"held_on": SOON, "starts_at": time(9), "ends_at": time(17), "mode": MeetingMode.PLACE, "video_url": ""}
    return usual | {"place": "Lille, salle 2"} | values


def test_a_session_is_convened_when_it_says_when_and_where_and_may_sit(session: Session) -> None:
    cases = (
        (ready(session, starts_at=None, ends_at=None), Invalid, "heure de début"),
        (ready(session, place=""), Invalid, "lieu"),
        (ready(session, mode=MeetingMode.VIDEO), Invalid, "visioconférence"),
        (ready(session, held_on=clock.today() - timedelta(days=1)), Invalid, "passée"),
        (ready(session, 0), Conflict, "candidatures"),
    )
    for made, kind, words in cases:
        with pytest.raises(kind, match=words):
            services.convene(session, made.actor(session), fresh(session, made))
    made = ready(session)
    for seat in list(fresh(session, made).seats)[:2]:
        services.remove_seat(session, made.actor(session), fresh(session, made), seat.id)
    with pytest.raises(Conflict, match="ne peut pas être convoquée"):
        services.convene(session, made.actor(session), fresh(session, made))
    assert session.scalars(select(Convocation)).all() == []


def test_members_and_candidates_get_a_mail_with_their_hour_and_their_line_for_a_calendar(
    session: Session, run_jobs: Jobs
) -> None:
    made = ready(session, 1)
    services.set_needs(
        session, made.actor(session), fresh(session, made), made.candidacies[0].id, passes_at=time(10, 30),
        extra_time_percent=33, arrangements="Une pause.",
    )  # fmt: skip
    jury = convened(session, made)
    assert (jury.state, jury.rules is not None) == (SessionState.CONVENED, True)
    run_jobs()
    mails = {mail.recipient: mail for mail in session.scalars(select(MailMessage)) if mail.calendar}
    assert len(mails) == 4
    president, candidate = mails[made.president.email], mails[_person(session, made).email]
    assert f"Jury {jury.reference}" in president.subject
    assert "présidence" in president.text
    assert f"/juries/{jury.id}" in president.text
    assert "10 h 30" in candidate.text.replace("\u00a0", " ")
    assert "aménagements" in candidate.text
    assert f"/juries/{jury.id}" not in candidate.text
    for mail, hour in ((president, time(9)), (candidate, time(10, 30))):
        event = Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
        assert event["DTSTART"].dt.time() == hour
        assert event["DTSTART"].dt.date() == SOON
        assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CONFIRMED", 0)
        assert str(event["LOCATION"]) == "Lille, salle 2"
        assert str(event["ATTENDEE"]) == f"mailto:{mail.recipient}"
        assert "METHOD:REQUEST" in mail.calendar
        assert "Une pause" not in mail.calendar + mail.text


def _person(session: Session, made: Prepared) -> User:
    enrolment = session.get_one(Enrolment, made.candidacies[0].enrolment_id)
    return session.get_one(User, enrolment.user_id)


def test_a_change_is_told_to_all_with_one_more_in_sequence_and_an_unchanged_session_to_nobody(
    session: Session, run_jobs: Jobs
) -> None:
    made = ready(session)
    convened(session, made)
    services.change_session(session, made.actor(session), fresh(session, made), **meeting())
    assert len(session.scalars(select(Convocation)).all()) == 4
    moved = SOON + timedelta(days=7)
    services.change_session(session, made.actor(session), fresh(session, made), **meeting(held_on=moved))
    session.commit()
    rows = sent_to(session, made, made.president)
    assert [(row.sequence, row.facts["held_on"]) for row in rows] == [(0, SOON.isoformat()), (1, moved.isoformat())]
    with pytest.raises(Invalid, match="heure de début"):
        services.change_session(session, made.actor(session), fresh(session, made), **meeting(starts_at=None))
    session.rollback()
    run_jobs()
    mails = list(session.scalars(select(MailMessage).where(MailMessage.recipient == made.president.email)))
    events = [Calendar.from_ical(mail.calendar).walk("VEVENT")[0] for mail in mails if mail.calendar]
    assert len({str(event["UID"]) for event in events}) == 1
    assert sorted((int(event["SEQUENCE"]), _day(event)) for event in events) == [(0, SOON), (1, moved)]
    assert sum("change" in mail.subject for mail in mails) == 1


def _day(event: Any) -> date:
    day: date = event["DTSTART"].dt.date()
    return day


def test_whoever_joins_is_convened_and_whoever_leaves_gets_a_cancellation(session: Session, run_jobs: Jobs) -> None:
    made = ready(session, 2)
    convened(session, made)
    gone, person = made.members[2], _person(session, made)
    seat = next(one for one in fresh(session, made).seats if one.user_id == gone.id)
    services.remove_seat(session, made.actor(session), fresh(session, made), seat.id)
    services.remove_candidate(session, made.actor(session), fresh(session, made), made.candidacies[0].id)
    services.add_seat(
        session, made.actor(session), fresh(session, made), email="jury-9@exemple.test", given_name="Jury",
        family_name="9", is_reserve=True,
    )  # fmt: skip
    newcomer = session.scalars(select(User).where(User.email == "jury-9@exemple.test")).one()
    assert [(row.sequence, row.is_cancelled) for row in sent_to(session, made, gone)] == [(0, False), (1, True)]
    assert [row.is_cancelled for row in sent_to(session, made, person)] == [False, True]
    assert [row.facts["as"] for row in sent_to(session, made, newcomer)] == ["reserve"]
    session.commit()
    run_jobs()
    mail = next(one for one in session.scalars(select(MailMessage)) if "METHOD:CANCEL" in one.calendar)
    assert "annulée" in mail.subject
    assert str(Calendar.from_ical(mail.calendar).walk("VEVENT")[0]["STATUS"]) == "CANCELLED"


def test_cancelling_the_convocations_needs_a_reason_frees_the_rules_and_may_be_done_again(session: Session) -> None:
    made = ready(session)
    with pytest.raises(Conflict, match="n’est pas convoquée"):
        services.unconvene(session, made.actor(session), fresh(session, made), reason="Report.")
    convened(session, made)
    with pytest.raises(Conflict, match="déjà envoyées"):
        services.convene(session, made.actor(session), fresh(session, made))
    with pytest.raises(Invalid, match="revient en arrière"):
        services.unconvene(session, made.actor(session), fresh(session, made), reason=" ")
    services.unconvene(session, made.actor(session), fresh(session, made), reason="La salle n’est plus libre.")
    jury = fresh(session, made)
    assert (jury.state, jury.rules, jury.convened_at) == (SessionState.CREATED, None, None)
    convened(session, made)
    rows = sent_to(session, made, made.president)
    assert [(row.sequence, row.is_cancelled) for row in rows] == [(0, False), (1, True), (2, False)]


def test_nobody_is_mailed_while_a_session_is_only_being_prepared(session: Session) -> None:
    made = ready(session)
    services.change_session(session, made.actor(session), fresh(session, made), **meeting(place="Loos"))
    add_candidate(session, made)
    services.add_seat(
        session, made.actor(session), fresh(session, made), email=make_user(session).email, given_name="Jury",
        family_name="8",
    )  # fmt: skip
    assert session.scalars(select(Convocation)).all() == []
