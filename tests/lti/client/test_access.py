from datetime import UTC, datetime, timedelta

import jwt
import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.db import db, keeps_writers_waiting, separate_session
from certify.lti import keys
from certify.lti.client import access
from certify.lti.client.http import Unreachable
from certify.lti.models import Registration, ServiceToken
from certify.settings import Settings
from tests.lti.client.places import Tokens, make_registration, together
from tests.lti.client.serving import Reply, Server

pytestmark = pytest.mark.settings(lti_allow_insecure=True)

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
READ = ("scope:read",)


def test_a_token_is_asked_with_an_assertion_that_our_published_key_verifies(
    session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    token = access.token_for(session, settings, registration, ("b:write", "a:read", "b:write"))

    assert token == "token-1-of-client-1"
    asked = tokens.server.calls("/token")[0]
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.form["grant_type"] == "client_credentials"
    assert asked.form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert asked.form["scope"] == "a:read b:write"
    ours = jwt.PyJWKSet.from_dict(keys.published(session, settings))[tokens.headers[0]["kid"]]
    url = registration.token_url
    claims = jwt.decode(asked.form["client_assertion"], ours, algorithms=["RS256"], audience=url, issuer="client-1")
    assert claims["sub"] == "client-1"
    assert claims["exp"] - claims["iat"] == 300
    assert len(claims["jti"]) == 32


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("values", "audience"),
    [
        ({"token_audience": "https://auth.exemple.test/"}, "https://auth.exemple.test/"),
        ({"product": "desire2learn"}, "https://api.brightspace.com/auth/token"),
    ],
    ids=["registered", "of the product"],
)
def test_the_audience_is_the_one_the_platform_wants(
    session: Session, settings: Settings, server: Server, tokens: Tokens, values: dict[str, str], audience: str
) -> None:
    access.token_for(session, settings, make_registration(session, server, **values), READ)

    assert tokens.claims[0]["aud"] == audience


def test_a_token_is_kept_encrypted_and_used_until_a_minute_before_its_end(
    session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    with clock.at(NOW):
        first = access.token_for(session, settings, registration, READ)
        kept = session.scalars(select(ServiceToken)).one()
        assert kept.expires_at == NOW + timedelta(seconds=3600)
        assert first.encode() not in kept.token
        session.commit()
    with clock.at(NOW + timedelta(seconds=3539)):
        assert access.token_for(session, settings, registration, READ) == first
    with clock.at(NOW + timedelta(seconds=3540)):
        assert access.token_for(session, settings, registration, READ) != first
    assert len(tokens.given) == 2
    session.rollback()
    assert len(session.scalars(select(ServiceToken)).all()) == 1


def test_two_registrations_of_one_issuer_never_share_a_token(
    session: Session, settings: Settings, server: Server, tokens: Tokens
) -> None:
    ours = [make_registration(session, server, f"tenant-{name}") for name in "ab"]

    got = [access.token_for(session, settings, one, READ) for one in (*ours, *ours)]

    assert got == ["token-1-of-tenant-a", "token-2-of-tenant-b"] * 2
    assert [claims["sub"] for claims in tokens.claims] == ["tenant-a", "tenant-b"]


def test_each_set_of_scopes_has_its_token(
    session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    wanted = [("a",), ("b",), ("a", "b"), ("b", "a"), ("a",)]

    got = [access.token_for(session, settings, registration, scopes) for scopes in wanted]

    assert [token.split("-")[1] for token in got] == ["1", "2", "3", "3", "1"]


def test_threads_that_want_the_same_token_ask_for_it_once(
    app: Flask, session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    tokens.pause = 0.3
    registration_id = registration.id
    session.commit()

    def want(_number: int) -> str:
        with app.app_context():
            own = db.session
            row = own.get_one(Registration, registration_id)
            own.expunge(row)
            own.rollback()
            try:
                return access.token_for(own, settings, row, READ)
            finally:
                db.session.remove()  # type: ignore[attr-defined]

    assert together(8, want) == ["token-1-of-client-1"] * 8
    assert len(tokens.server.calls("/token")) == 1


def test_threads_share_the_way_it_failed(
    app: Flask, session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    tokens.pause = 0.3
    tokens.reply = Reply({"error": "invalid_client"}, 401)
    session.refresh(registration)
    session.expunge(registration)
    session.commit()

    def want(_number: int) -> str:
        with app.app_context(), separate_session() as own:
            return access.token_for(own, settings, registration, READ)

    faults = together(6, want)
    assert {(fault.reason, fault.status) for fault in faults} == {("token-refused", 401)}
    assert len(tokens.server.calls("/token")) == 1


def test_a_token_may_be_asked_within_a_transaction_that_writes(
    session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    registration.name = "Autre nom"
    session.flush()
    first = access.token_for(session, settings, registration, READ)

    assert access.token_for(session, settings, registration, READ) == first
    session.commit()
    assert access.token_for(session, settings, registration, READ) == first
    assert len(tokens.given) == 1


def test_a_token_asked_while_a_page_is_read_outlives_the_page(
    app: Flask, session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    registration_id = registration.id
    session.commit()
    for _ in range(2):
        with app.test_request_context("/"):
            row = db.session.get_one(Registration, registration_id)
            assert not keeps_writers_waiting(db.session)
            assert access.token_for(db.session, settings, row, READ) == "token-1-of-client-1"
            db.session.rollback()

    assert len(tokens.given) == 1


def test_a_registration_that_is_not_committed_yet_gets_a_token_all_the_same(
    session: Session, settings: Settings, server: Server, tokens: Tokens
) -> None:
    row = make_registration(session, server)
    session.delete(row)
    session.commit()
    row = Registration(**{column.key: getattr(row, column.key) for column in Registration.__table__.columns})
    session.add(row)
    session.flush()

    assert access.token_for(session, settings, row, READ) == "token-1-of-client-1"
    session.rollback()
    assert session.scalars(select(ServiceToken)).all() == []


def test_a_token_closed_with_another_secret_is_replaced(
    session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    access.token_for(session, settings, registration, READ)
    session.commit()
    moved = settings.model_copy(update={"keys_secret": SecretStr("another secret of the tests")})
    keys.rotate(session, moved, None, at_once=True)
    session.commit()

    assert access.token_for(session, moved, registration, READ) == "token-2-of-client-1"
    assert access.token_for(session, moved, registration, READ) == "token-2-of-client-1"


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("life", "kept"), [(None, 3600), ("1800", 1800), (True, 3600), (-5, 0), (10**12, 86_400), ("soon", 3600), (1.5, 1)]
)
def test_the_life_of_a_token_is_read_with_care(
    session: Session, settings: Settings, registration: Registration, tokens: Tokens, life: object, kept: int
) -> None:
    tokens.life = life
    with clock.at(NOW):
        access.token_for(session, settings, registration, READ)

    assert session.scalars(select(ServiceToken.expires_at)).one() == NOW + timedelta(seconds=kept)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("reply", "reason", "is_passing", "said"),
    [
        (Reply({"error": "invalid_scope"}, 400), "token-refused", False, "invalid_scope"),
        (Reply(status=503, headers=(("Retry-After", "9"),)), "token-refused", True, "503"),
        (Reply({}), "token-refused", False, "no usable access_token"),
        (Reply([]), "token-refused", False, "no usable access_token"),
        (Reply({"access_token": "a\r\nb"}), "token-refused", False, "no usable access_token"),
        (Reply({"access_token": 7}), "token-refused", False, "no usable access_token"),
        (Reply(raw=b"<html>Maintenance"), "not-json", False, "Maintenance"),
    ],
    ids=["scope", "closed", "empty", "list", "two lines", "number", "page"],
)
def test_a_refusal_says_why(
    session: Session,
    settings: Settings,
    registration: Registration,
    tokens: Tokens,
    reply: Reply,
    reason: str,
    is_passing: bool,
    said: str,
) -> None:
    tokens.reply = reply
    with pytest.raises(Unreachable) as caught:
        access.token_for(session, settings, registration, READ)

    assert (caught.value.reason, caught.value.is_passing) == (reason, is_passing)
    assert said in caught.value.detail
    assert caught.value.retry_after == ("9" if reply.status == 503 else "")


def test_a_token_the_platform_refuses_is_replaced_once(
    session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    tokens.server.answers["/members"] = tokens.guard(lambda asked: Reply(asked.bearer))
    url = tokens.server.at("/members")

    def read() -> tuple[int, object]:
        answer = access.call(session, settings, registration, READ, "GET", url)
        return answer.status, answer.json()

    assert read() == (200, "token-1-of-client-1")
    tokens.refused.add("token-1-of-client-1")
    assert read() == (200, "token-2-of-client-1")
    assert read() == (200, "token-2-of-client-1")
    assert len(tokens.given) == 2


def test_a_service_that_refuses_every_token_is_not_asked_for_ever(
    session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    tokens.server.answers["/members"] = lambda _asked: Reply(status=401)
    answer = access.call(session, settings, registration, READ, "GET", tokens.server.at("/members"))

    assert (answer.status, len(tokens.given), len(tokens.server.calls("/members"))) == (401, 2, 2)


def test_a_forgotten_token_is_asked_again(
    session: Session, settings: Settings, registration: Registration, tokens: Tokens
) -> None:
    for scopes in (("a",), ("b",)):
        access.token_for(session, settings, registration, scopes)
    access.forget(session, registration, ("a",))
    assert access.token_for(session, settings, registration, ("b",)) == "token-2-of-client-1"
    assert access.token_for(session, settings, registration, ("a",)) == "token-3-of-client-1"
    access.forget(session, registration)
    assert access.token_for(session, settings, registration, ("b",)) == "token-4-of-client-1"
