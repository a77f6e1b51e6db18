"""Registrations: who may be let in, by which way, and what stops at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import clock
from certify.core.access import Permission, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Invalid, NotFound
from certify.lti import addresses
from certify.lti.models import (
    Deployment,
    DeploymentState,
    PlatformKeySet,
    Registration,
    RegistrationInvitation,
    RegistrationState,
    ServiceToken,
)
from certify.lti.protocol import roles
from certify.lti.queries import registrations as queries
from certify.lti.queries.registrations import Standing
from certify.lti.services import registrations as services
from certify.lti.services.registrations import Platform
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.factories.people import actor_of, make_member, make_organisation


def register(session: Session, settings: Settings, body: Organisation, platform: Platform) -> Registration:
    return services.register_manually(
        session, settings, None, body, name="Moodle", platform=platform, deployment_ids=["1"]
    )


def deployments(session: Session, registration: Registration) -> dict[str, DeploymentState]:
    query = select(Deployment).where(Deployment.registration_id == registration.id)
    return {one.lms_id: one.state for one in session.scalars(query)}


def tags(session: Session, body: Organisation) -> list[str]:
    session.commit()
    query = select(AuditEvent.tag).where(AuditEvent.organisation_id == body.id, AuditEvent.tag.like("lti:%"))
    return list(session.scalars(query.order_by(AuditEvent.position)))


def test_of_an_invitation_only_a_digest_is_kept(
    session: Session, settings: Settings, body: Organisation, administrator: User
) -> None:
    made = services.invite(session, settings, actor_of(session, administrator), body, label="Moodle")
    kept = session.scalars(select(RegistrationInvitation)).one()
    assert len(made.token) >= 40
    assert made.token not in repr(vars(kept))
    found = queries.invitation_by_token(session, made.token, clock.now())
    assert found is not None
    assert (found.id, found.organisation, found.standing) == (kept.id, "Organisme A", Standing.OPEN)
    assert queries.invitation_by_token(session, made.token + "x", clock.now()) is None
    assert tags(session, body) == ["lti:invitation:sent"]


def test_an_invitation_ends_with_its_days(session: Session, settings: Settings, body: Organisation) -> None:
    made = services.invite(session, settings, None, body, label="Moodle")
    later = clock.now() + timedelta(days=settings.lti_invitation_days, seconds=1)
    found = queries.invitation_by_token(session, made.token, later)
    assert found is not None
    assert found.standing is Standing.EXPIRED


def test_a_platform_invited_is_let_in_at_once_with_the_deployment_it_came_with(
    session: Session, settings: Settings, body: Organisation, moodle: Platform
) -> None:
    made = services.invite(session, settings, None, body, label="Moodle")
    known = services.register_from_platform(session, settings, made.invitation.id, platform=moodle, deployment_id="d-1")
    assert (known.state, known.name, known.organisation_id) == (RegistrationState.ACTIVE, "Moodle", body.id)
    assert deployments(session, known) == {"d-1": DeploymentState.ACTIVE}
    assert made.invitation.registration_id == known.id
    assert tags(session, body) == ["lti:invitation:sent", "lti:registration:created", "lti:deployment:approved"]


@pytest.mark.parametrize("ending", ["used", "withdrawn", "expired"])
def test_an_invitation_serves_once_and_while_it_lasts(
    session: Session, settings: Settings, body: Organisation, moodle: Platform, ending: str
) -> None:
    made = services.invite(session, settings, None, body, label="Moodle")
    later = timedelta()
    if ending == "used":
        services.register_from_platform(
            session, settings, made.invitation.id, platform=replace(moodle, client_id="a"), deployment_id=None
        )
    elif ending == "withdrawn":
        services.withdraw(session, None, made.invitation)
    else:
        later = timedelta(days=settings.lti_invitation_days, seconds=1)
    session.flush()
    with clock.at(clock.now() + later), pytest.raises(Conflict):
        services.register_from_platform(session, settings, made.invitation.id, platform=moodle, deployment_id=None)


def test_an_invitation_already_used_cannot_be_withdrawn(
    session: Session, settings: Settings, body: Organisation, moodle: Platform
) -> None:
    made = services.invite(session, settings, None, body, label="Moodle")
    services.register_from_platform(session, settings, made.invitation.id, platform=moodle, deployment_id=None)
    with pytest.raises(Conflict):
        services.withdraw(session, None, made.invitation)


def test_a_renewal_changes_the_known_platform_and_keeps_what_hangs_on_it(
    session: Session, settings: Settings, body: Organisation, moodle: Platform
) -> None:
    known = register(session, settings, body, moodle)
    made = services.invite(session, settings, None, body, label="Moodle", registration=known)
    moved = replace(moodle, client_id="client-2", jwks_url="https://moodle.exemple.fr/keys", product_version="5.1")
    again = services.register_from_platform(session, settings, made.invitation.id, platform=moved, deployment_id="2")
    assert again.id == known.id
    assert (again.client_id, again.jwks_url, again.product_version) == ("client-2", moved.jwks_url, "5.1")
    assert deployments(session, again) == {"1": DeploymentState.ACTIVE, "2": DeploymentState.ACTIVE}
    assert tags(session, body)[-2:] == ["lti:registration:renewed", "lti:deployment:approved"]


def test_one_platform_and_client_is_registered_once(
    session: Session, settings: Settings, body: Organisation, moodle: Platform
) -> None:
    register(session, settings, body, moodle)
    with pytest.raises(Conflict, match="déjà raccordée"):
        register(session, settings, make_organisation(session), moodle)
    assert register(session, settings, body, replace(moodle, client_id="other")).client_id == "other"


@pytest.mark.parametrize("name", ["issuer", "authorization_url", "token_url", "jwks_url"])
@pytest.mark.parametrize(
    "address",
    [
        "",
        "moodle",
        "http://moodle.exemple.fr/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://10.1.2.3/x",
        "https://localhost/x",
        "https://moodle.local/x",
        "https://user:secret@moodle.exemple.fr/x",
        "https://moodle.exemple.fr/x#y",
        "https://moodle.exemple.fr/a b",
        "https://moodle.exemple.fr:port/",
        "javascript:alert(1)",
        "https://moodle.exemple.fr/" + "x" * 500,
    ],
)
@pytest.mark.engines("sqlite")
def test_an_address_that_is_none_in_clear_or_private_is_refused(
    session: Session, settings: Settings, body: Organisation, moodle: Platform, name: str, address: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        register(session, settings, body, replace(moodle, **{name: address}))
    assert refusal.value.field == name


@pytest.mark.settings(lti_allow_insecure=True)
@pytest.mark.engines("sqlite")
def test_a_setting_for_trials_lets_in_platforms_of_this_machine(
    session: Session, settings: Settings, body: Organisation, moodle: Platform
) -> None:
    local = {name: f"http://localhost:8080/{name}" for name in ("issuer", "authorization_url", "token_url", "jwks_url")}
    assert register(session, settings, body, replace(moodle, **local)).issuer == "http://localhost:8080/issuer"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://a.exemple.fr/x?y", "https://a.exemple.fr"),
        ("https://a.exemple.fr:443/", "https://a.exemple.fr"),
        ("https://a.exemple.fr:8443/", "https://a.exemple.fr:8443"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]"),
        ("https://a.exemple.fr; script-src *", ""),
        ("data:text/html,x", ""),
        ("", ""),
    ],
)
def test_an_origin_is_written_as_browsers_do_and_never_carries_more(address: str, origin: str) -> None:
    assert addresses.origin_of(address) == origin


def test_new_addresses_make_forget_what_was_fetched_from_the_former_ones(
    session: Session, settings: Settings, body: Organisation, moodle: Platform
) -> None:
    known = register(session, settings, body, moodle)
    now = clock.now()
    session.add(
        PlatformKeySet(registration_id=known.id, document={"keys": []}, read_at=now, fresh_until=now, tried_at=now)
    )
    session.add(ServiceToken(registration_id=known.id, scopes="a", token=b"x", expires_at=now))
    session.flush()
    moved = replace(moodle, jwks_url="https://moodle.exemple.fr/k", token_url="https://moodle.exemple.fr/t")
    services.edit(session, settings, None, known, name="Moodle", platform=moved, role_mapping={}, opens_cohorts=False)
    assert session.scalars(select(PlatformKeySet)).all() == []
    assert session.scalars(select(ServiceToken)).all() == []


def test_only_what_differs_from_the_default_roles_is_kept(
    session: Session, settings: Settings, body: Organisation, moodle: Platform
) -> None:
    known = register(session, settings, body, moodle)
    wanted = {name: roles.DEFAULT_MAPPING.get(name, "") for name in roles.NAMES}
    wanted |= {"TeachingAssistant": "trainer", "Learner": ""}
    services.edit(
        session, settings, None, known, name="Moodle B", platform=moodle, role_mapping=wanted, opens_cohorts=True
    )
    assert known.role_mapping == {"TeachingAssistant": "trainer", "Learner": ""}
    assert (known.name, known.opens_cohorts) == ("Moodle B", True)
    assert tags(session, body)[-1] == "lti:registration:changed"


@pytest.mark.parametrize("mapping", [{"Learner": "administrator"}, {"Learner": "registrar"}, {"Dean": "trainer"}])
@pytest.mark.engines("sqlite")
def test_a_platform_never_gives_a_role_that_needs_more(
    session: Session, settings: Settings, body: Organisation, moodle: Platform, mapping: dict[str, str]
) -> None:
    known = register(session, settings, body, moodle)
    with pytest.raises(Invalid):
        services.edit(
            session, settings, None, known, name="M", platform=moodle, role_mapping=mapping, opens_cohorts=False
        )


def test_a_change_that_changes_nothing_leaves_no_trace(
    session: Session, settings: Settings, body: Organisation, moodle: Platform
) -> None:
    known = register(session, settings, body, moodle)
    before = tags(session, body)
    services.edit(session, settings, None, known, name="Moodle", platform=moodle, role_mapping={}, opens_cohorts=False)
    assert tags(session, body) == before


def test_a_platform_is_suspended_and_let_in_again(
    session: Session, settings: Settings, body: Organisation, moodle: Platform
) -> None:
    known = register(session, settings, body, moodle)
    services.switch(session, None, known, enabled=False)
    assert known.state is RegistrationState.DISABLED
    with pytest.raises(Conflict):
        services.switch(session, None, known, enabled=False)
    services.switch(session, None, known, enabled=True)
    assert known.state is RegistrationState.ACTIVE
    assert tags(session, body)[-2:] == ["lti:registration:disabled", "lti:registration:enabled"]


def test_a_deployment_is_decided_and_decided_again(
    session: Session, settings: Settings, body: Organisation, moodle: Platform, administrator: User
) -> None:
    known = register(session, settings, body, moodle)
    seen = Deployment(registration_id=known.id, lms_id="7", first_seen_at=clock.now())
    session.add(seen)
    session.flush()
    actor = actor_of(session, administrator)
    services.decide_deployment(session, actor, known, seen, approve=True)
    assert (seen.state, seen.decided_by_id) == (DeploymentState.ACTIVE, administrator.id)
    with pytest.raises(Conflict):
        services.decide_deployment(session, actor, known, seen, approve=True)
    services.decide_deployment(session, actor, known, seen, approve=False)
    assert deployments(session, known)["7"] is DeploymentState.DISABLED
    assert tags(session, body)[-2:] == ["lti:deployment:approved", "lti:deployment:refused"]


def test_nobody_reads_the_platforms_of_another_organisation(
    session: Session, settings: Settings, body: Organisation, moodle: Platform
) -> None:
    known = register(session, settings, body, moodle)
    made = services.invite(session, settings, None, body, label="Moodle")
    deployment = session.scalars(select(Deployment)).one()
    stranger = actor_of(session, make_member(session, make_organisation(session), Role.ADMINISTRATOR))
    assert queries.registrations(session, stranger, clock.now()) == []
    assert queries.invitations(session, stranger) == []
    read = Permission.LTI_REGISTRATION_READ
    with pytest.raises(NotFound):
        queries.registration_for(session, stranger, known.id, read)
    with pytest.raises(NotFound):
        queries.invitation_for(session, stranger, made.invitation.id, read)
    with pytest.raises(NotFound):
        queries.deployment_for(session, stranger, deployment.id, read)
    own = actor_of(session, make_member(session, body, Role.COORDINATOR))
    assert [row.registration.id for row in queries.registrations(session, own, clock.now())] == [known.id]
    with pytest.raises(NotFound):
        queries.registration_for(session, own, known.id, Permission.LTI_REGISTRATION_WRITE)
