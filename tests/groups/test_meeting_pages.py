"""Pages of meetings: from the series to the sheet of attendance, as somebody goes through them."""

import io
from datetime import time, timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Role
from certify.core.templating import day as in_words
from certify.groups.models import Attendance, Closure, Facilitator, Meeting, MeetingState, Presence
from certify.groups.queries import meetings as queries
from certify.groups.services import attendance
from certify.organisations.models import Organisation
from tests.factories.meetings import armistice, days_ago, make_meeting, make_scene, open_day
from tests.factories.people import actor_of, make_member
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

SHEET = "form[data-roster]"


def test_a_series_is_seen_date_by_date_then_kept_without_one_of_them(session: Session, sign_in: SignIn) -> None:
    scene, holiday = make_scene(session), armistice()
    first, kept, last = (holiday + timedelta(days=n) for n in (-28, -14, 14))
    visitor = sign_in(scene.facilitator)
    page = visit(visitor, f"/groups/{scene.group.id}/meetings/series")
    wanted = {"rhythm": "every_two_weeks", "first_on": first.isoformat(), "until": last.isoformat(), "at": "09:30"}
    shown = read(submit(visitor, page, ".series-form", **wanted))
    assert f"{holiday.year} Jour férié : Armistice" in words(shown)
    assert "3 rencontres" in words(shown)
    days = [first.isoformat(), kept.isoformat()]
    answer = submit(visitor, shown, ".series-form", press="Garder ces rencontres", days=days)
    assert "2 rencontres sont prévues." in words(follow(visitor, answer))
    found = [queries.local_start(meeting) for meeting in session.scalars(select(Meeting).order_by(Meeting.starts_at))]
    assert [(start.date(), start.time()) for start in found] == [(first, time(9, 30)), (kept, time(9, 30))]


def test_a_series_that_makes_no_sense_is_shown_again_with_why(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    visitor = sign_in(scene.facilitator)
    page = visit(visitor, f"/groups/{scene.group.id}/meetings/series")
    early = days_ago(300).isoformat()
    answer = read(submit(visitor, page, ".series-form", first_on=early, until=early), status=422)
    assert "Le groupe n’est ouvert que depuis" in words(answer)
    empty = submit(visitor, page, ".series-form", first_on="", press="Voir les dates")
    assert "Indiquez le jour de la première rencontre." in words(read(empty, status=422))
    nobody = read(submit(visitor, page, ".series-form"), status=200)
    refused = submit(visitor, nobody, ".series-form", press="Garder ces rencontres", days=[])
    assert "Gardez au moins une date." in words(read(refused, status=422))


def test_a_meeting_on_a_holiday_is_refused_then_planned_all_the_same(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    visitor = sign_in(scene.facilitator)
    page = visit(visitor, f"/groups/{scene.group.id}/meetings/new")
    refused = read(submit(visitor, page, day=armistice().isoformat(), at="10:00"), status=422)
    assert "Armistice" in words(refused)
    shown = follow(visitor, submit(visitor, refused, despite_closure=True))
    assert "Ce jour-là, personne ne devrait se réunir." in words(shown)


def test_a_meeting_is_corrected_on_what_was_read_and_its_room_prepared(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, open_day(9))
    visitor, address = sign_in(scene.facilitator), f"/meetings/{meeting.id}"
    done = submit(visitor, visit(visitor, f"{address}/edit"), at="14:00", theme="Le sommeil", place="PMI")
    assert "14 h 00" in words(follow(visitor, done))
    stale = visit(visitor, f"{address}/edit")
    submit(visitor, visit(visitor, f"{address}/edit"), theme="Les pleurs")
    assert "modifiée depuis" in words(read(submit(visitor, stale, theme="Le bain"), status=409))
    room = submit(visitor, visit(visitor, address), "form[action$='/room']", ready=["water", "floor"])
    assert "2 sur 10" in words(follow(visitor, room))


def test_a_meeting_is_moved_then_cancelled_then_planned_again(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    day, other = open_day(9), open_day(15)
    meeting = make_meeting(session, scene.group, day)
    visitor, address = sign_in(scene.facilitator), f"/meetings/{meeting.id}"
    refused = submit(visitor, visit(visitor, f"{address}/move"), day=day.isoformat())
    assert "C’est le même jour" in words(read(refused, status=422))
    answer = submit(visitor, visit(visitor, f"{address}/move"), day=other.isoformat(), reason="Salle prise")
    assert f"Elle remplace celle du {in_words(day)}." in words(follow(visitor, answer))
    assert f"Reportée au {in_words(other)} à 10 h 00" in words(visit(visitor, address))
    new = answer.headers["Location"]
    assert "Dites pourquoi" in words(read(submit(visitor, visit(visitor, f"{new}/cancel")), status=422))
    off = follow(visitor, submit(visitor, visit(visitor, f"{new}/cancel"), reason="Le lieu est fermé"))
    assert "Cette rencontre est annulée." in words(off)
    back = follow(visitor, submit(visitor, off, "form[action$='/restore']"))
    assert "La rencontre est de nouveau prévue." in words(back)


def test_attendance_is_taken_and_what_is_left_is_said(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    visitor = sign_in(scene.facilitator)
    one, two, _three = (participant.id for participant in scene.participants)
    page = visit(visitor, f"/meetings/{meeting.id}/attendance")
    said: dict[str, Any] = {f"presence-{one}": "present", f"second-{one}": True, f"presence-{two}": "absent"}
    shown = words(follow(visitor, submit(visitor, page, SHEET, **said)))
    assert "2 présences sont notées." in shown
    assert "1 personne reste à noter." in shown
    assert "1 sur 3" in shown
    assert scene.facilitator.name in shown
    session.refresh(meeting)
    assert (meeting.state, meeting.facilitator_present) == (MeetingState.HELD, True)


def test_everybody_is_ticked_at_once_without_a_script(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    visitor = sign_in(scene.facilitator)
    page = visit(visitor, f"/meetings/{meeting.id}/attendance?all=present")
    assert len(page.select("input[value=present][checked]")) == 3
    follow(visitor, submit(visitor, page, SHEET))
    assert queries.counts_of(session, [meeting.id])[meeting.id].present == 3


def test_the_second_to_save_sees_what_the_first_noted_beside_their_own_answers(
    session: Session, sign_in: SignIn
) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    first, second = sign_in(scene.facilitator), sign_in(scene.referent)
    one = scene.participants[0].id
    address = f"/meetings/{meeting.id}/attendance"
    opened, also_opened = visit(first, address), visit(second, address)
    submit(first, opened, SHEET, **{f"presence-{one}": "absent"})
    refused = read(submit(second, also_opened, SHEET, **{f"presence-{one}": "present"}), status=422)
    assert f"{scene.facilitator.name} a noté « Absent·e »" in words(refused)
    assert refused.select_one(f"input[name=presence-{one}][value=present][checked]") is not None
    follow(second, submit(second, refused, SHEET))
    rows = session.scalars(select(Attendance).order_by(Attendance.recorded_at))
    assert [(row.presence, row.recorded_by_id) for row in rows] == [
        (Presence.ABSENT, scene.facilitator.id), (Presence.PRESENT, scene.referent.id),
    ]  # fmt: skip


def test_a_meeting_to_come_or_cancelled_shows_no_sheet_to_fill(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    later = make_meeting(session, scene.group, days_ago(-2))
    off = make_meeting(session, scene.group, days_ago(2), state=MeetingState.CANCELLED)
    visitor = sign_in(scene.facilitator)
    for meeting, said in ((later, "à venir"), (off, "n’a pas eu lieu")):
        page = visit(visitor, f"/meetings/{meeting.id}/attendance")
        assert said in words(page)
        assert page.select_one(SHEET) is None
        assert visitor.post(f"/meetings/{meeting.id}/attendance", data={"revision": "1"}).status_code == 400


def test_a_meeting_is_declared_held_without_a_sheet(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session, members=0)
    meeting = make_meeting(session, scene.group, days_ago(3))
    visitor = sign_in(scene.facilitator)
    page = visit(visitor, f"/meetings/{meeting.id}")
    refused = read(submit(visitor, page, "form[action$='/hold']"), status=422)
    assert "Dites si la rencontre a été accompagnée." in words(refused)
    assert "déclarée tenue" in words(
        follow(visitor, submit(visitor, refused, "form[action$='/hold']", facilitator_present="no"))
    )
    assert "Personne n’est dans le groupe ce jour-là" in words(visit(visitor, f"/meetings/{meeting.id}/attendance"))
    session.refresh(meeting)
    assert (meeting.state, meeting.facilitator_present) == (MeetingState.HELD, False)


def test_the_list_of_meetings_is_sorted_filtered_and_exported(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    held = make_meeting(session, scene.group, days_ago(9), theme="Le sommeil")
    rows = {participant.id: (Presence.PRESENT, False) for participant in scene.participants}
    attendance.take(session, scene.actor, held, rows=rows, facilitator_present=True)
    make_meeting(session, scene.group, days_ago(-5))
    session.commit()
    visitor = sign_in(scene.facilitator)
    address = f"/groups/{scene.group.id}/meetings"
    shown = words(visit(visitor, address))
    assert "Prochaine rencontre" in shown
    assert "3 sur 3" in shown
    assert "1 rencontre " in words(visit(visitor, f"{address}?state=held"))
    assert "Aucune rencontre dans cet état" in words(visit(visitor, f"{address}?state=cancelled"))
    exported = visitor.get(f"{address}?format=csv").get_data(as_text=True)
    assert (
        f"{scene.group.code};{days_ago(9).isoformat()};10:00;120;Crèche des Lilas;Le sommeil;Tenue;3;0;0;0;oui"
        in exported
    )


def test_staff_without_the_right_read_and_do_not_write(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    body = session.get_one(Organisation, scene.group.training_body_id)
    visitor = sign_in(make_member(session, body, Role.AUDITOR))
    page = visit(visitor, f"/meetings/{meeting.id}")
    assert page.select("main form") == []
    assert visitor.get(f"/meetings/{meeting.id}/attendance").status_code == 403
    assert visitor.get(f"/groups/{scene.group.id}/meetings/new").status_code == 403


def test_a_facilitator_of_the_past_reads_the_meetings_and_writes_them_no_more(
    session: Session, sign_in: SignIn
) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    session.scalars(select(Facilitator).where(Facilitator.group_id == scene.group.id)).one().ends_on = clock.today()
    session.commit()
    visitor = sign_in(scene.facilitator)
    assert visit(visitor, f"/meetings/{meeting.id}").select("main form") == []
    assert visitor.get(f"/meetings/{meeting.id}/attendance").status_code == 404


def test_closures_are_added_listed_and_removed(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    body = session.get_one(Organisation, scene.group.training_body_id)
    coordinator = make_member(session, body, Role.COORDINATOR)
    make_meeting(session, scene.group, days_ago(-12))
    visitor = sign_in(coordinator)
    start, end = days_ago(-10).isoformat(), days_ago(-14).isoformat()
    refused = submit(visitor, visit(visitor, "/closures"), ".form", starts_on=end, ends_on=start)
    assert "Le dernier jour est avant le premier." in words(read(refused, status=422))
    added = submit(visitor, visit(visitor, "/closures"), ".form", starts_on=start, ends_on=end, reason="Congés")
    shown = follow(visitor, added)
    assert "1 rencontre était déjà prévue pendant cette fermeture" in words(shown)
    assert "Congés" in words(shown)
    own = visit(sign_in(scene.facilitator), f"/groups/{scene.group.id}/closures")
    assert "tout l’organisme" in words(own)
    assert own.select("form[action$='/remove']") == []
    done = follow(visitor, submit(visitor, shown, "form[action$='/remove']"))
    assert "Aucune fermeture à venir." in words(done)
    assert session.scalars(select(Closure)).one().removed_at is not None


def test_a_facilitator_closes_days_of_their_own_group(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    visitor = sign_in(scene.facilitator)
    address = f"/groups/{scene.group.id}/closures"
    shown = follow(visitor, submit(visitor, visit(visitor, address), ".form", starts_on=days_ago(-3).isoformat()))
    assert "Sans raison notée" in words(shown)
    assert "Aucune fermeture" in words(follow(visitor, submit(visitor, shown, "form[action$='/remove']")))
    assert visitor.get("/closures").status_code == 404


@pytest.mark.engines("sqlite")
def test_the_signing_sheet_says_pseudonyms_and_who_signs(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session, members=10)
    meeting = make_meeting(session, scene.group, theme="Le sommeil", place="Crèche 🌷 des Lilas")
    rows = {one.id: (Presence.PRESENT, False) for one in scene.participants}
    rows[scene.participants[3].id] = (Presence.EXCUSED, False)
    attendance.take(session, scene.actor, meeting, rows=rows, facilitator_present=True)
    session.commit()
    answer = sign_in(scene.referent).get(f"/meetings/{meeting.id}/signing-sheet.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert f"emargement-{scene.group.code}-" in answer.headers["Content-Disposition"]
    reader = PdfReader(io.BytesIO(answer.get_data()))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert len(reader.pages) == 1
    assert all(participant.pseudonym in text for participant in scene.participants)
    assert f"Groupe de pairs {scene.group.code}" in text
    assert "Crèche ? des Lilas" in text
    assert "Signature de la facilitatrice ou du facilitateur" in text
    assert scene.facilitator.name in text
    assert scene.referent.name in text
    assert "9 sur 10" in text
    assert text.count(" X ") == 10
    assert "sommeil" not in text


def test_the_pages_of_meetings_take_as_many_statements_whatever_there_is(session: Session, sign_in: SignIn) -> None:
    counts = []
    for size in (2, 12):
        scene = make_scene(session, members=size)
        for n in range(size):
            meeting = make_meeting(session, scene.group, days_ago(n))
            rows = {one.id: (Presence.PRESENT, False) for one in scene.participants}
            attendance.take(session, scene.actor, meeting, rows=rows, facilitator_present=True)
            corrected = rows | {scene.participants[0].id: (Presence.ABSENT, False)}
            referent = actor_of(session, scene.referent)
            attendance.take(session, referent, meeting, rows=corrected, facilitator_present=None)
        make_meeting(session, scene.group, days_ago(-1), starts_at=clock.now() + timedelta(days=1))
        session.commit()
        visitor = sign_in(scene.facilitator)
        visit(visitor, "/calendar")
        each = []
        for address in (
            f"/groups/{scene.group.id}/meetings",
            f"/meetings/{meeting.id}",
            f"/meetings/{meeting.id}/attendance",
        ):
            session.commit()
            with count_statements(session.get_bind()) as statements:  # type: ignore[arg-type]
                visit(visitor, address)
            each.append(len(statements))
        counts.append(each)
    assert counts[0] == counts[1]


def test_the_hour_of_a_meeting_may_be_typed_as_people_write_it(session: Session, sign_in: SignIn) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group, days_ago(1))
    visitor = sign_in(scene.facilitator)
    follow(visitor, submit(visitor, visit(visitor, f"/meetings/{meeting.id}/edit"), at="14h15"))
    session.refresh(meeting)
    assert queries.local_start(meeting).time() == time(14, 15)
    refused = submit(visitor, visit(visitor, f"/meetings/{meeting.id}/edit"), at="25:99")
    assert read(refused, status=422).select_one("#at-error") is not None
