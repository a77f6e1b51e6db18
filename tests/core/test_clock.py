"""The present, replaceable for a story and only for it."""

from datetime import UTC, datetime

from certify.core import clock


def test_another_moment_lasts_as_long_as_its_story() -> None:
    with clock.at(datetime(2026, 1, 31, 23, 30, tzinfo=UTC)):
        assert clock.now().year == 2026
        assert clock.today().isoformat() == "2026-02-01"
    assert clock.now().tzinfo is UTC
