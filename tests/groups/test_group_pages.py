"""Pages of groups: what a trainee reads on a phone, what staff trust, and forms that say what is wrong."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.db import db
from certify.groups.models import ClosingReason, GroupFidelity, Participant, PeerGroup, WaitingFamily
from certify.groups.services import composing, groups
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.groups import at_noon, lived_group, make_coordinator, month_of, open_one, trainee_of_group
from tests.factories.people import make_member, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, titles_of, visit, words

TODAY = clock.today()


@pytest.fixture
def staff(session: Session) -> tuple[Actor, Organisation]:
    """Give somebody who coordinates, and their training body."""
    return make_coordinator(session)


@pytest.fixture
def coordinator(session: Session, staff: tuple[Actor, Organisation], sign_in: SignIn) -> FlaskClient:
    """Give the visitor who coordinates."""
    return sign_in(session.get_one(User, staff[0].user_id))


@pytest.fixture
def group(session: Session, staff: tuple[Actor, Organisation]) -> PeerGroup:
    """Give a group that met for four months, and then stopped."""
    opened = TODAY - timedelta(days=160)
    with clock.at(at_noon(opened)):
        made = open_one(session, *staff, opened_on=opened)
    lived_group(session, staff[0], made, size=9, meetings=8)
    session.commit()
    return made


def test_the_page_of_a_group_says_its_clock_each_rule_and_the_lines_behind(
    session: Session, group: PeerGroup, sign_in: SignIn
) -> None:
    page = visit(sign_in(trainee_of_group(session, group)), f"/groups/{group.id}")

    said = words(page)
    rules = page.select(".fidelity-rule")
    assert "Les 8 mois seront atteints le" in said
    assert "rencontres de retard" in said
    assert [rule.select_one("h3").get_text() for rule in rules] == [
        "Les mêmes parents", "Une dizaine de parents", "Des bébés du même âge", "Le rythme des rencontres", "La durée",
        "L’accompagnement",
    ]  # fmt: skip
    assert "Respecté" in rules[0].get_text()
    assert "Non respecté" in rules[3].get_text()
    assert "valeur par défaut du logiciel" in rules[0].get_text()
    assert "valeur par défaut du logiciel" not in rules[4].get_text()
    assert "règles demandent votre attention" in said
    assert page.select_one("svg.time-chart")["aria-label"].startswith("Frise du groupe")
    assert len(page.select("svg .time-bar")) == 9
    assert len(page.select("svg .time-gap")) == 1
    assert page.select_one(f'a[href="/groups/{group.id}/procedure"]') is not None


def test_the_procedure_is_one_tap_away_on_every_page_of_a_group(
    session: Session, group: PeerGroup, coordinator: FlaskClient
) -> None:
    participant = session.scalars(select(Participant)).first()
    assert participant is not None
    for path in ("", "/members", "/edit", f"/members/{participant.id}"):
        page = visit(coordinator, f"/groups/{group.id}{path}")
        assert page.select_one(f'main a[href="/groups/{group.id}/procedure"]') is not None, path


def test_a_trainee_sees_their_groups_and_no_button_of_staff(
    session: Session, staff: tuple[Actor, Organisation], group: PeerGroup, sign_in: SignIn
) -> None:
    open_one(session, *staff, code="AUTRE")
    visitor = sign_in(trainee_of_group(session, group))

    assert titles_of(visit(visitor, "/groups")) == ["ROUBAIX-03"]
    assert "Réglages" not in words(visit(visitor, f"/groups/{group.id}"))
    for path in ("/groups/new", "/groups/waiting", "/groups/compose", f"/groups/{group.id}/edit"):
        visit(visitor, path, status=404)


def test_a_list_is_narrowed_by_verdict_place_and_follower_and_exported(
    session: Session, staff: tuple[Actor, Organisation], group: PeerGroup, coordinator: FlaskClient
) -> None:
    open_one(session, *staff, code="MIEN", referent_id=staff[0].user_id)
    session.commit()
    worst = session.get_one(GroupFidelity, group.id).worst

    page = visit(coordinator, "/groups")

    assert titles_of(page) == ["MIEN", "ROUBAIX-03"]
    assert [" ".join(one.get_text(" ").split()) for one in page.select(".verdict-counts li")] == [
        "Respecté 0", "Pas encore connu 2", "À surveiller 0", "Non respecté 0",
    ]  # fmt: skip
    assert worst == "unknown"
    assert titles_of(visit(coordinator, "/groups?verdict=unknown&mine=1")) == ["MIEN"]
    assert titles_of(visit(coordinator, "/groups?q=lilas&sort=members&direction=desc")) == ["ROUBAIX-03", "MIEN"]
    assert "Aucun groupe ne correspond" in words(visit(coordinator, "/groups?state=closed"))
    exported = coordinator.get("/groups?format=csv").get_data(as_text=True)
    assert "ROUBAIX-03" in exported
    assert "Le rythme des rencontres" in exported


def test_a_list_takes_as_many_statements_whatever_its_length(
    app: Flask, session: Session, staff: tuple[Actor, Organisation], coordinator: FlaskClient
) -> None:
    counts = []
    for turn in range(3):
        for n in range(turn * 4):
            open_one(session, *staff, code=f"G-{turn}-{n}")
        open_one(session, *staff, code=f"H-{turn}")
        session.commit()
        coordinator.get("/groups")
        with count_statements(db.engine) as statements:
            coordinator.get("/groups")
        counts.append(len(statements))

    assert len(set(counts)) == 1


def test_a_group_is_opened_then_its_members_join(
    session: Session, staff: tuple[Actor, Organisation], coordinator: FlaskClient
) -> None:
    person = make_user(session, given_name="Stagiaire", family_name="07")
    enrolment = make_enrolment(session, make_cohort(session, staff[1]), person)
    session.commit()
    form = visit(coordinator, "/groups/new")

    refused = read(submit(coordinator, form, code="Crèche"), status=422)
    assert "20 signes au plus" in words(refused) or "Choisissez au moins une personne" in words(refused)
    page = follow(coordinator, submit(coordinator, form, code="lille-9", facilitators=[str(enrolment.id)]))
    page = follow(
        coordinator, submit(coordinator, page, "form.form", is_due="due", month=month_of(TODAY, 2).isoformat()[:7])
    )

    group = session.scalars(select(PeerGroup)).one()
    one = session.scalars(select(Participant)).one()
    assert group.code == "LILLE-9"
    assert one.pseudonym in words(page)
    assert (one.is_due, one.month) == (True, month_of(TODAY, 2))


@pytest.mark.parametrize("typed", ["13/2026", "juin", "2026-06-12"])
def test_a_month_that_is_none_is_named(coordinator: FlaskClient, group: PeerGroup, typed: str) -> None:
    page = visit(coordinator, f"/groups/{group.id}/members")

    refused = read(submit(coordinator, page, 'main form[method="post"]', is_due="born", month=typed), status=422)

    assert typed in words(refused)


def test_the_roster_of_any_day_is_shown_and_a_day_that_is_none_is_said(
    session: Session, group: PeerGroup, coordinator: FlaskClient
) -> None:
    address = f"/groups/{group.id}/members"

    assert "9 participants" in words(visit(coordinator, address))
    assert "Personne n’était dans le groupe" in words(visit(coordinator, f"{address}?on=2020-01-01"))
    assert "n’a pas été comprise" in words(visit(coordinator, f"{address}?on=hier"))


def test_a_departure_a_return_a_month_and_a_mistake_are_noted(
    session: Session, group: PeerGroup, coordinator: FlaskClient
) -> None:
    one = session.scalars(select(Participant).where(Participant.group_id == group.id)).first()
    assert one is not None
    address = f"/groups/{group.id}/members/{one.id}"
    page = visit(coordinator, address)
    read(submit(coordinator, page, f'form[action="{address}/leave"]'), status=422)
    gone = TODAY - timedelta(days=3)
    follow(
        coordinator,
        submit(coordinator, page, f'form[action="{address}/leave"]', left_on=gone.isoformat(), reason="moved"),
    )
    page = visit(coordinator, address)
    read(submit(coordinator, page, f'form[action="{address}/return"]', joined_on="1999-01-01"), status=422)
    follow(coordinator, submit(coordinator, page, f'form[action="{address}/return"]'))
    page = visit(coordinator, address)
    read(submit(coordinator, page, f'form[action="{address}/month"]', month="01/1990"), status=422)
    follow(coordinator, submit(coordinator, page, f'form[action="{address}/month"]', month="2026-10"))
    page = visit(coordinator, address)

    said = words(follow(coordinator, submit(coordinator, page, 'form[action$="/strike"]')))

    assert "Cette entrée est rayée" in said
    assert "Déménagement" in said
    assert len(visit(coordinator, address).select(".timeline .is-struck")) == 1


def test_settings_change_the_group_who_facilitates_it_and_close_it(
    session: Session, staff: tuple[Actor, Organisation], group: PeerGroup, coordinator: FlaskClient
) -> None:
    address = f"/groups/{group.id}/edit"
    page = visit(coordinator, address)
    read(submit(coordinator, page, f'form[action="{address}"]', place="chez Mme Durand"), status=422)
    read(submit(coordinator, page, f'form[action="/groups/{group.id}/facilitators"]'), status=422)
    read(submit(coordinator, page, f'form[action="/groups/{group.id}/close"]'), status=422)
    follow(coordinator, submit(coordinator, page, f'form[action="{address}"]', place="Centre social"))
    ending = visit(coordinator, page.select_one('#facilitators a[href$="/end"]')["href"])
    read(submit(coordinator, ending, ends_on="1999-01-01"), status=422)
    ended = follow(coordinator, submit(coordinator, ending))
    assert ended.select('#facilitators a[href$="/end"]') == []
    page = visit(coordinator, address)

    closed = follow(
        coordinator, submit(coordinator, page, f'form[action="/groups/{group.id}/close"]', reason="completed")
    )

    assert "Groupe clos le" in words(closed)
    assert "Centre social" in words(closed)
    again = follow(coordinator, submit(coordinator, visit(coordinator, address), 'form[action$="/reopen"]'))
    assert "Groupe clos le" not in words(again)


def test_a_member_of_a_closed_group_may_not_come_back(
    session: Session, staff: tuple[Actor, Organisation], group: PeerGroup, coordinator: FlaskClient
) -> None:
    groups.close(session, staff[0], group, closed_on=TODAY, reason=ClosingReason.COMPLETED)
    session.commit()

    page = visit(coordinator, f"/groups/{group.id}/members")

    assert "Faire entrer quelqu’un" not in words(page)
    assert "Dans le groupe à sa clôture" in words(visit(coordinator, f"/groups/{group.id}"))


def test_families_wait_are_proposed_as_a_group_and_placed(
    session: Session, staff: tuple[Actor, Organisation], coordinator: FlaskClient
) -> None:
    actor, body = staff
    enrolment = make_enrolment(session, make_cohort(session, body))
    for n in range(8):
        composing.wait(
            session, actor, body.id, place="Crèche", month=month_of(TODAY, -(n % 3)), is_due=False, since=TODAY
        )
    session.commit()
    page = visit(coordinator, "/groups/waiting")
    read(submit(coordinator, page, "form.form", month=""), status=422)
    page = follow(coordinator, submit(coordinator, page, "form.form", is_due="born", month="10/2026", place="PMI"))
    assert "La famille n° 9 est inscrite" in words(page)
    stopping = visit(coordinator, page.select('a[href^="/groups/waiting/"]')[-1]["href"])
    read(submit(coordinator, stopping), status=422)
    follow(coordinator, submit(coordinator, stopping, outcome="withdrawn"))
    assert "S’est retirée" in words(visit(coordinator, "/groups/waiting?state=all"))

    proposed = visit(coordinator, "/groups/compose")
    opening = visit(coordinator, proposed.select_one(".proposal a.btn")["href"])
    read(submit(coordinator, opening, code=""), status=422)
    page = follow(coordinator, submit(coordinator, opening, code="CRECHE-1", facilitators=[str(enrolment.id)]))

    assert "8 participants" in words(page)
    assert {one.outcome.value for one in session.scalars(select(WaitingFamily))} == {"placed", "withdrawn"}
    visit(coordinator, opening.url.removeprefix("http://localhost"), status=404)


def test_pages_with_nothing_to_show_say_what_to_do(session: Session, coordinator: FlaskClient) -> None:
    assert "Aucun groupe pour l’instant" in words(visit(coordinator, "/groups"))
    assert "Personne n’est inscrit pour accompagner" in words(visit(coordinator, "/groups/new"))
    assert "Aucune famille n’attend" in words(visit(coordinator, "/groups/compose"))
    assert "Aucune famille n’attend" in words(visit(coordinator, "/groups/waiting"))


def test_somebody_of_several_training_bodies_says_for_which(
    session: Session, staff: tuple[Actor, Organisation], sign_in: SignIn
) -> None:
    person = session.get_one(User, staff[0].user_id)
    other = make_coordinator(session)[1]
    make_member(session, other, Role.COORDINATOR, person)
    visitor = sign_in(person)

    for path in ("/groups/new", "/groups/waiting", "/groups/compose"):
        page = visit(visitor, path)
        assert len(page.select(".links-list a")) == 2
        visit(visitor, page.select_one(".links-list a")["href"])


def test_a_trainee_may_note_who_comes_and_goes_in_their_group(
    session: Session, group: PeerGroup, sign_in: SignIn
) -> None:
    visitor = sign_in(trainee_of_group(session, group))
    page = visit(visitor, f"/groups/{group.id}/members")

    page = follow(visitor, submit(visitor, page, 'main form[method="post"]', is_due="born", month="2026-06"))

    assert "10 participants" in words(page)
