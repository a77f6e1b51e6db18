import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.db import db, separate_session
from certify.lti.client import keysets
from certify.lti.client.http import Unreachable
from certify.lti.models import PlatformKeySet, Registration
from certify.lti.protocol.errors import LaunchRefused
from certify.settings import Settings
from tests.lti.client.places import Published, jwk, key, together
from tests.lti.client.serving import Reply
from tests.services.statements import count_statements

pytestmark = pytest.mark.settings(lti_allow_insecure=True)

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


class Asking:
    """A process that verifies launches of one registration."""

    def __init__(self, session: Session, settings: Settings, registration: Registration) -> None:
        self.session, self.settings = session, settings
        self.registration_id, self.url = registration.id, registration.jwks_url
        session.commit()

    def __call__(self, kid: str, **moment: float) -> RSAPublicKey:
        with clock.at(NOW + timedelta(**moment)):
            return keysets.public_key(self.session, self.settings, self.registration_id, self.url, kid)

    def refusal(self, kid: str, **moment: float) -> str:
        with pytest.raises(LaunchRefused) as caught:
            self(kid, **moment)
        return caught.value.code

    def in_another_process(self) -> None:
        """Go on as a process that remembers nothing."""
        self.session.commit()
        keysets._memory.pop(self.registration_id, None)


@pytest.fixture
def ask(session: Session, settings: Settings, registration: Registration) -> Asking:
    return Asking(session, settings, registration)


def is_same(found: RSAPublicKey, kid: str) -> bool:
    return found.public_numbers() == key(kid).public_key().public_numbers()


def test_a_key_is_read_once_and_then_costs_no_statement(ask: Asking, published: Published) -> None:
    first = ask("first")
    with count_statements(db.engine) as statements:
        again = [ask("first", minutes=9) for _ in range(1000)]

    assert is_same(first, "first")
    assert all(one is first for one in again)
    assert (published.readings, len(statements)) == (1, 0)


def test_a_key_in_memory_costs_a_few_microseconds(ask: Asking, published: Published) -> None:
    ask("first")
    session, settings, registration_id, url = ask.session, ask.settings, ask.registration_id, ask.url
    rounds = []
    with clock.at(NOW):
        for _ in range(20):
            started = time.perf_counter()
            for _ in range(500):
                keysets.public_key(session, settings, registration_id, url, "first")
            rounds.append((time.perf_counter() - started) / 500)
    print(f"key in memory: {min(rounds) * 1e6:.2f} µs")  # noqa: T201

    assert min(rounds) < 5e-6
    assert published.readings == 1


def test_another_process_finds_the_key_in_the_database(ask: Asking, published: Published) -> None:
    ask("first")
    ask.in_another_process()

    assert is_same(ask("first", minutes=9), "first")
    assert published.readings == 1


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("max-age=600", 600),
        ("public, MAX-AGE = 7200, must-revalidate", 7200),
        ("max-age=0", 300),
        ("max-age=31536000", 86_400),
        ("s-max-age=1", 3600),
        ("no-store", 300),
        ("no-cache, max-age=9999", 300),
        ("max-age=soon", 3600),
        ("", 3600),
    ],
)
def test_keys_are_kept_as_long_as_the_platform_says_within_bounds(
    ask: Asking, published: Published, told: str, kept: int
) -> None:
    published.cache_control = told
    ask("first")
    ask("first", seconds=kept - 1)
    before = published.readings
    ask("first", seconds=kept)

    assert (before, published.readings) == (1, 2)
    row = ask.session.scalars(select(PlatformKeySet)).one()
    assert row.fresh_until == row.read_at + timedelta(seconds=kept)


def test_a_platform_that_changes_its_keys_is_followed_with_one_reading(ask: Asking, published: Published) -> None:
    ask("first")
    published.kids = ["second", "first"]

    assert is_same(ask("second", minutes=1), "second")
    assert is_same(ask("first", minutes=1), "first")
    assert is_same(ask("second", minutes=2), "second")
    assert published.readings == 2


def test_a_key_withdrawn_is_no_longer_believed(ask: Asking, published: Published) -> None:
    ask("first")
    published.kids = ["second"]
    ask("second", minutes=1)

    assert ask.refusal("first", minutes=1, seconds=1) == "kid-unknown"
    assert published.readings == 2


def test_invented_keys_cause_one_reading_in_half_a_minute(ask: Asking, published: Published) -> None:
    ask("first")
    codes = {ask.refusal(f"invented-{random.random()}", seconds=60 + n) for n in range(20)}
    with count_statements(db.engine) as statements:
        ask.refusal("invented", seconds=85)
    ask.in_another_process()
    codes.add(ask.refusal("invented", seconds=85))

    assert (codes, published.readings, len(statements)) == ({"kid-unknown"}, 2, 0)
    assert ask.refusal("invented", seconds=90) == "kid-unknown"
    assert published.readings == 3


def test_keys_are_still_believed_for_a_day_when_their_address_fails(ask: Asking, published: Published) -> None:
    ask("first")
    published.reply = Reply(status=500)

    assert is_same(ask("first", minutes=10), "first")
    with count_statements(db.engine) as statements:
        assert is_same(ask("first", minutes=10, seconds=20), "first")
    assert (published.readings, len(statements)) == (2, 0)
    assert ask.refusal("second", minutes=10, seconds=25) == "keys-unreachable"
    assert is_same(ask("first", hours=24, minutes=9), "first")
    assert ask.refusal("first", hours=24, minutes=11) == "keys-unreachable"
    assert published.readings == 4
    published.reply = None
    assert is_same(ask("first", hours=24, minutes=12), "first")
    assert ask.session.scalars(select(PlatformKeySet.fault)).one() == ""


def test_what_is_wrong_with_the_address_is_noted(ask: Asking, published: Published) -> None:
    ask("first")
    published.reply = Reply(status=503)
    ask("first", minutes=11)
    ask.session.commit()
    row = ask.session.scalars(select(PlatformKeySet)).one()

    assert (row.read_at, row.tried_at) == (NOW, NOW + timedelta(minutes=11))
    assert "503" in row.fault
    assert [one["kid"] for one in row.document["keys"]] == ["first"]


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404),
        Reply(raw=b"<html>"),
        Reply({}),
        Reply([]),
        Reply({"keys": {}}),
        Reply({"keys": []}),
        Reply({"keys": [None, 7, "first", {"kty": "EC", "kid": "first"}, {"kty": "RSA", "kid": 1, "n": "", "e": ""}]}),
        Reply({"keys": [{"kty": "RSA", "kid": "first", "n": "é", "e": "AQAB"}]}),
        Reply(raw=b'{"keys": [' + b" " * 262_144 + b"]}"),
    ],
    ids=["404", "page", "empty", "list", "odd", "no key", "odd keys", "no number", "too large"],
)
def test_a_key_set_that_makes_no_sense_is_said_to_be_out_of_reach(
    ask: Asking, published: Published, reply: Reply
) -> None:
    published.reply = reply

    assert ask.refusal("first") == "keys-unreachable"
    assert ask.refusal("first", seconds=29) == "keys-unreachable"
    assert published.readings == 1
    published.reply = None
    assert is_same(ask("first", seconds=30), "first")


@pytest.mark.engines("sqlite")
def test_odd_keys_beside_a_good_one_do_no_harm(ask: Asking, published: Published) -> None:
    published.others = [
        jwk("for encryption", use="enc"),
        jwk("of another kind", alg="PS256"),
        {"kty": "EC", "kid": "curve", "crv": "P-256"},
        {**jwk("even"), "n": "AAAA"},
        {name: value for name, value in jwk("nameless").items() if name != "kid"},
    ]

    assert is_same(ask("first"), "first")
    for kid in ("for encryption", "of another kind", "curve", "even", "nameless"):
        assert ask.refusal(kid, seconds=1) == "kid-unknown"


@pytest.mark.engines("sqlite")
def test_a_key_without_use_or_algorithm_is_taken(ask: Asking, published: Published) -> None:
    published.others = [{name: jwk("bare")[name] for name in ("kty", "kid", "n", "e")}]

    assert is_same(ask("bare"), "bare")


def test_a_key_too_short_to_prove_anything_is_refused(ask: Asking, published: Published) -> None:
    published.others = [jwk("short", bits=1024)]

    assert ask.refusal("short") == "key-too-weak"
    ask.in_another_process()
    assert ask.refusal("short", minutes=1) == "key-too-weak"
    assert published.readings == 1


def test_keys_of_a_corrected_address_are_read_at_once(ask: Asking, published: Published) -> None:
    ask("first")
    published.server.answers["/moved"] = lambda _asked: Reply({"keys": [jwk("second")]})
    ask.url = published.server.at("/moved")

    assert is_same(ask("second", seconds=5), "second")
    assert ask.refusal("first", seconds=6) == "kid-unknown"


def test_forgotten_keys_are_read_again(ask: Asking, published: Published) -> None:
    ask("first")
    keysets.forget(ask.session, ask.registration_id)

    assert is_same(ask("first", seconds=1), "first")
    assert published.readings == 2


def test_an_administrator_reads_the_keys_now_and_sees_what_is_wrong(ask: Asking, published: Published) -> None:
    arguments = (ask.session, ask.settings, ask.registration_id, ask.url)
    ask("first")

    assert set(keysets.refresh(*arguments).keys) == {"first"}
    published.reply = Reply(raw=b"<h1>Sign in</h1>")
    with pytest.raises(Unreachable, match="not-json"):
        keysets.refresh(*arguments)
    assert published.readings == 3


def test_launches_at_the_same_moment_cause_one_reading(
    app: Flask, settings: Settings, ask: Asking, published: Published
) -> None:
    published.pause = 0.3

    def launch(_number: int) -> bool:
        with app.app_context(), separate_session() as own:
            return is_same(keysets.public_key(own, settings, ask.registration_id, ask.url, "first"), "first")

    assert all(together(8, launch))
    assert published.readings == 1


def test_a_process_waits_for_what_another_is_reading(
    app: Flask, settings: Settings, ask: Asking, published: Published
) -> None:
    ask("first")
    published.kids, published.pause = ["second"], 0.4
    with clock.at(NOW + timedelta(minutes=1)):
        present = clock.now()

    def launch(number: int) -> bool:
        with app.app_context(), separate_session() as own, clock.at(present):
            if number:
                # The second process: it remembers nothing, and asks while the first one reads.
                time.sleep(0.2)
                keysets._memory.pop(ask.registration_id, None)
                keysets._locks.pop(ask.registration_id, None)
            return is_same(keysets.public_key(own, settings, ask.registration_id, ask.url, "second"), "second")

    assert together(2, launch) == [True, True]
    assert published.readings == 2


def test_a_reading_that_never_ended_holds_nobody_up_for_long(
    ask: Asking, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keysets, "_WAITED_SECONDS", 0.2)
    ask("first")
    ask.in_another_process()
    ask.session.execute(update(PlatformKeySet).values(tried_at=NOW + timedelta(minutes=1), fault=keysets._UNDER_WAY))
    ask.session.commit()

    assert is_same(ask("first", minutes=1), "first")
    assert ask.refusal("second", minutes=1) == "keys-unreachable"
    published.kids = ["second"]
    ask.in_another_process()
    assert is_same(ask("second", minutes=1, seconds=30), "second")


def test_keys_are_read_within_a_transaction_that_writes(ask: Asking, published: Published) -> None:
    ask.session.execute(update(Registration).values(name="Autre nom"))
    assert is_same(ask("first"), "first")
    ask.session.rollback()

    assert is_same(ask("first", seconds=1), "first")
    assert published.readings == 1
