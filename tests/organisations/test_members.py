"""Members of an organisation: who may give which role, who may end it, what others see."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import Invitation, User
from certify.core import clock
from certify.core.access import Permission, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.core.mail import MailMessage
from certify.organisations import queries, services
from certify.organisations.models import Membership, Organisation, OrganisationKind
from tests.factories.people import (
    actor_of,
    make_certifying_body,
    make_habilitation,
    make_member,
    make_organisation,
    make_user,
)
from tests.services.signing_in import signed_in_client
from tests.services.visiting import follow, read, submit, visit


@pytest.fixture
def body(session: Session) -> Organisation:
    return make_organisation(session, name="Organisme A")


@pytest.fixture
def coordinator(session: Session, body: Organisation) -> User:
    return make_member(session, body, Role.COORDINATOR, make_user(session, given_name="Coordinatrice", family_name="A"))


def add(
    session: Session, user: User | None, body: Organisation, role: Role, email: str = "formatrice.a@exemple.test"
) -> Membership:
    actor = actor_of(session, user) if user else None
    return services.add_member(session, actor, body, email=email, given_name="Formatrice", family_name="A", role=role)


def test_a_coordinator_gives_a_role_and_the_person_is_invited(
    app: Flask, session: Session, body: Organisation, coordinator: User
) -> None:
    client = signed_in_client(app, coordinator)
    page = visit(client, f"/organisations/{body.id}")

    answer = submit(
        client,
        page,
        "#add form",
        email="formatrice.a@exemple.test",
        given_name="Formatrice",
        family_name="A",
        role="trainer",
    )

    shown = follow(client, answer)
    assert "Formatrice A" in shown.get_text()
    assert "invitation envoyée" in shown.get_text()
    assert "Formateur·rice" in session.scalars(select(MailMessage.text)).one()
    event = session.scalars(select(AuditEvent).where(AuditEvent.tag == "organisation:membership:started")).one()
    assert (event.organisation_id, event.actor_id, event.detail["role"]) == (body.id, coordinator.id, "trainer")


def test_a_role_given_twice_is_refused(session: Session, body: Organisation, coordinator: User) -> None:
    add(session, coordinator, body, Role.TRAINER)

    with pytest.raises(Conflict, match="déjà ce rôle"):
        add(session, coordinator, body, Role.TRAINER)


def test_one_person_may_hold_two_roles(session: Session, body: Organisation, coordinator: User) -> None:
    first, second = add(session, coordinator, body, Role.TRAINER), add(session, coordinator, body, Role.REFERENT)

    assert first.user_id == second.user_id


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (OrganisationKind.TRAINING_BODY, Role.REGISTRAR),
        (OrganisationKind.CERTIFYING_BODY, Role.TRAINER),
        (OrganisationKind.HOUSE, Role.COORDINATOR),
        (OrganisationKind.TRAINING_BODY, Role.PRESIDENT),
    ],
)
def test_a_role_of_another_kind_of_organisation_is_refused(
    session: Session, kind: OrganisationKind, role: Role
) -> None:
    with pytest.raises(Invalid):
        add(session, None, make_organisation(session, kind), role)


def test_a_coordinator_makes_no_administrator(session: Session, body: Organisation, coordinator: User) -> None:
    with pytest.raises(Forbidden):
        add(session, coordinator, body, Role.ADMINISTRATOR)


def test_an_administrator_makes_another(session: Session, body: Organisation) -> None:
    administrator = make_member(session, body, Role.ADMINISTRATOR)

    assert add(session, administrator, body, Role.ADMINISTRATOR).role is Role.ADMINISTRATOR


def test_an_administrator_elsewhere_makes_none_here(session: Session, body: Organisation, coordinator: User) -> None:
    make_member(session, make_organisation(session), Role.ADMINISTRATOR, coordinator)

    with pytest.raises(Forbidden):
        add(session, coordinator, body, Role.ADMINISTRATOR)


def test_a_wrong_address_is_refused_and_what_was_typed_is_kept(
    app: Flask, body: Organisation, coordinator: User
) -> None:
    client = signed_in_client(app, coordinator)

    answer = submit(
        client,
        visit(client, f"/organisations/{body.id}"),
        "#add form",
        email="pas une adresse",
        given_name="Formatrice",
        family_name="A",
        role="trainer",
    )

    page = read(answer, status=422)
    assert page.select_one("#add input[name=given_name]")["value"] == "Formatrice"  # type: ignore[index]
    assert "n’est pas une adresse" in page.get_text()


def test_ending_a_role_takes_access_away_at_once(
    app: Flask, session: Session, body: Organisation, coordinator: User
) -> None:
    trainer = make_member(session, body, Role.TRAINER, make_user(session, given_name="Zoé", family_name="Z"))
    theirs, client = signed_in_client(app, trainer), signed_in_client(app, coordinator)
    visit(theirs, f"/organisations/{body.id}")
    membership = session.scalars(select(Membership).where(Membership.user_id == trainer.id)).one()

    answer = submit(client, visit(client, f"/organisations/{body.id}"), f"form[action*='{membership.id}']")

    assert "Zoé" not in follow(client, answer).select_one("#members-list").get_text()  # type: ignore[union-attr]
    assert theirs.get(f"/organisations/{body.id}").status_code == 403


def test_ending_the_only_role_of_somebody_invited_withdraws_the_invitation(
    session: Session, body: Organisation, coordinator: User
) -> None:
    membership = add(session, coordinator, body, Role.TRAINER)

    services.end_membership(session, actor_of(session, coordinator), body, membership)

    assert session.scalars(select(Invitation)).one().withdrawn_at is not None


def test_nobody_locks_themselves_out(app: Flask, session: Session, body: Organisation, coordinator: User) -> None:
    client = signed_in_client(app, coordinator)
    membership = session.scalars(select(Membership).where(Membership.user_id == coordinator.id)).one()

    answer = submit(client, visit(client, f"/organisations/{body.id}"), f"form[action*='{membership.id}']")

    assert answer.status_code == 409
    assert "dernier rôle de gestion" in answer.get_data(as_text=True)
    session.expire_all()
    assert membership.ended_at is None


def test_one_of_two_managing_roles_may_be_given_up(session: Session, body: Organisation, coordinator: User) -> None:
    make_member(session, body, Role.ADMINISTRATOR, coordinator)
    membership = session.scalars(select(Membership).where(Membership.role == Role.COORDINATOR)).one()

    services.end_membership(session, actor_of(session, coordinator), body, membership)

    assert membership.ended_at is not None


def test_a_coordinator_does_not_end_an_administrators_role(
    session: Session, body: Organisation, coordinator: User
) -> None:
    administrator = make_member(session, body, Role.ADMINISTRATOR)
    membership = session.scalars(select(Membership).where(Membership.user_id == administrator.id)).one()

    with pytest.raises(Forbidden):
        services.end_membership(session, actor_of(session, coordinator), body, membership)


def test_a_role_already_ended_cannot_end_again(session: Session, body: Organisation, coordinator: User) -> None:
    membership = add(session, coordinator, body, Role.TRAINER)
    services.end_membership(session, actor_of(session, coordinator), body, membership)

    with pytest.raises(Conflict):
        services.end_membership(session, actor_of(session, coordinator), body, membership)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR, Role.AUDITOR, Role.TRAINER])
def test_another_organisation_is_not_found(app: Flask, session: Session, body: Organisation, role: Role) -> None:
    stranger = make_member(session, make_organisation(session), role)
    client = signed_in_client(app, stranger)

    assert client.get(f"/organisations/{body.id}").status_code == 404
    assert client.get(f"/organisations/{body.id}?format=csv").status_code == 404


def test_the_members_of_another_organisation_cannot_be_touched(
    app: Flask, session: Session, body: Organisation, coordinator: User
) -> None:
    stranger = make_member(session, make_organisation(session), Role.COORDINATOR)
    membership = session.scalars(select(Membership).where(Membership.user_id == coordinator.id)).one()
    client = signed_in_client(app, stranger)
    token = visit(client, "/account").select_one("input[name=csrf_token]")["value"]  # type: ignore[index]

    ended = client.post(f"/memberships/{membership.id}/end", data={"csrf_token": token})
    added = client.post(
        f"/organisations/{body.id}/members", data={"csrf_token": token, "email": "a@exemple.test", "role": "trainer"}
    )

    assert [ended.status_code, added.status_code] == [404, 404]
    session.expire_all()
    assert membership.ended_at is None


def test_a_trainer_reads_but_changes_nothing(app: Flask, session: Session, body: Organisation) -> None:
    trainer = make_member(session, body, Role.TRAINER)

    page = visit(signed_in_client(app, trainer), f"/organisations/{body.id}")

    assert page.select_one("#add") is None
    assert page.select("form[action*='/memberships/']") == []


def test_members_are_searched_filtered_sorted_and_exported(
    app: Flask, session: Session, body: Organisation, coordinator: User
) -> None:
    for letter in "BCD":
        make_member(session, body, Role.TRAINER, make_user(session, given_name="Formatrice", family_name=letter))
    make_member(session, body, Role.TRAINER, make_user(session, given_name="=1+1", family_name="Tableur"))
    client = signed_in_client(app, coordinator)

    found = visit(client, f"/organisations/{body.id}?q=formatrice&role=trainer&sort=name&direction=desc")
    names = [cell.get_text().split()[1] for cell in found.select("#members-list .cell-main")]
    export = client.get(f"/organisations/{body.id}?format=csv")

    assert names == ["D", "C", "B"]
    assert export.mimetype == "text/csv"
    assert ";'=1+1;" in export.get_data(as_text=True)


def test_a_list_that_finds_nobody_says_what_to_do(app: Flask, body: Organisation, coordinator: User) -> None:
    page = visit(signed_in_client(app, coordinator), f"/organisations/{body.id}?q=introuvable")

    assert "Personne ne correspond" in page.get_text()


def test_the_menu_leads_to_the_only_organisation_or_to_the_list(
    app: Flask, session: Session, body: Organisation, coordinator: User
) -> None:
    client = signed_in_client(app, coordinator)
    assert client.get("/organisations").headers["Location"] == f"/organisations/{body.id}"

    make_member(session, make_organisation(session, name="Organisme B"), Role.TRAINER, coordinator)

    assert [one.get_text() for one in visit(client, "/organisations").select(".links-list strong")] == [
        "Organisme A",
        "Organisme B",
    ]


def test_a_habilitation_is_shown_on_both_sides_and_only_between_its_dates(
    app: Flask, session: Session, body: Organisation, coordinator: User
) -> None:
    certifier = make_certifying_body(session, name="Certificateur A")
    make_habilitation(session, certifier, body)
    today = clock.today()
    services.habilitate(
        session, None, certifier, body, starts_on=today - timedelta(days=900), ends_on=today - timedelta(days=800)
    )

    page = visit(signed_in_client(app, coordinator), f"/organisations/{body.id}")

    assert [cell.get_text().strip() for cell in page.select("#habilitations td:last-child")] == [
        "en vigueur",
        "pas en vigueur",
    ]
    assert queries.certifying_bodies_of(session, [body.id], today) == [certifier]
    assert queries.habilitated_training_bodies(session, [certifier.id], today) == [body]
    assert queries.certifying_bodies_of(session, [body.id], today - timedelta(days=700)) == []


def test_a_habilitation_joins_the_right_kinds_in_the_right_order(session: Session, body: Organisation) -> None:
    with pytest.raises(Invalid):
        services.habilitate(session, None, body, make_certifying_body(session), starts_on=clock.today())
    with pytest.raises(Invalid):
        services.habilitate(
            session,
            None,
            make_certifying_body(session),
            body,
            starts_on=clock.today(),
            ends_on=clock.today() - timedelta(days=1),
        )


def test_people_with_a_role_are_those_who_hold_it_today(
    session: Session, body: Organisation, coordinator: User
) -> None:
    trainer = make_member(session, body, Role.TRAINER)
    gone = make_member(session, body, Role.TRAINER)
    session.scalars(select(Membership).where(Membership.user_id == gone.id)).one().ended_at = clock.now()
    session.flush()

    assert queries.people_with_role(session, [body.id], Role.TRAINER) == [trainer]
    assert set(queries.people_with_role(session, [body.id], Role.TRAINER, Role.COORDINATOR)) == {trainer, coordinator}


def test_an_organisation_is_found_only_with_the_permission(
    session: Session, body: Organisation, coordinator: User
) -> None:
    actor = actor_of(session, coordinator)

    assert queries.organisation_for(session, actor, body.id, Permission.ORGANISATION_READ) is body
    with pytest.raises(NotFound):
        queries.organisation_for(session, actor, body.id, Permission.JURY_WRITE)


def test_switching_to_an_organisation_of_others_changes_nothing(
    client: FlaskClient, app: Flask, session: Session, coordinator: User
) -> None:
    other = make_organisation(session, name="Organisme des autres")
    visitor = signed_in_client(app, coordinator)
    token = visit(visitor, "/account").select_one("input[name=csrf_token]")["value"]  # type: ignore[index]

    visitor.post("/organisation", data={"csrf_token": token, "organisation_id": str(other.id)})

    assert "Organisme des autres" not in visit(visitor, "/account").get_text()
