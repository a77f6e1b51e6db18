"""Slowing down floods of logins."""

import pytest
from flask.testing import FlaskClient

from certify.lti.throttle import Throttle
from certify.lti.views import protocol


def test_an_address_that_asks_too_often_waits_for_the_next_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [600.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    throttle = Throttle(per_minute=3)
    assert [throttle.lets_in("192.0.2.1") for _each in range(4)] == [True, True, True, False]
    assert throttle.lets_in("192.0.2.2")
    now[0] += 60
    assert throttle.lets_in("192.0.2.1")


def test_addresses_seen_long_ago_are_forgotten() -> None:
    throttle = Throttle(per_minute=1)
    for number in range(10_100):
        throttle.lets_in(str(number))
    assert len(throttle._counts) == 10_000


@pytest.mark.engines("sqlite")
def test_a_flood_of_logins_is_told_to_wait(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "throttle", Throttle(per_minute=1))
    assert client.get("/lti/login").status_code == 400
    answer = client.get("/lti/login")
    assert answer.status_code == 429
    assert "Attendez une minute" in answer.get_data(as_text=True)
