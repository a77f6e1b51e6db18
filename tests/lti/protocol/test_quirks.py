"""Quirks: the specification by default, a departure only where a product is known to need it."""

import pytest

from certify.lti.protocol import names
from certify.lti.protocol.quirks import Blackboard, Brightspace, Canvas, Moodle, OpenEdx, Quirks, Sakai, quirks_for

TOKEN = "https://plateforme.exemple.fr/token"
CANVAS = "https://canvas.instructure.com"


@pytest.mark.parametrize(
    ("product", "kind"),
    [
        ("moodle", Moodle),
        (" Moodle ", Moodle),
        ("canvas", Canvas),
        ("BlackboardLearn", Blackboard),
        ("desire2learn", Brightspace),
        ("openedx", OpenEdx),
        ("sakai", Sakai),
        ("", Quirks),
    ],
)
def test_a_product_is_known_by_its_code(product: str, kind: type[Quirks]) -> None:
    assert type(quirks_for(product)) is kind


def test_an_unknown_product_does_as_specified() -> None:
    plain = quirks_for("unheard of")

    assert plain.token_audience(TOKEN) == TOKEN
    assert plain.storage_origin("https://a.fr") == "https://a.fr"
    assert plain.registration_hosts("https://a.fr") == ()
    assert plain.score_extras() == {}
    assert plain.explain(400, "User could not be found") == ""
    assert plain.is_conflict(409, "")
    assert not plain.is_conflict(400, "timestamp")
    assert not plain.gives_course_history


def test_brightspace_wants_its_own_audience() -> None:
    assert quirks_for("desire2learn").token_audience(TOKEN) == "https://api.brightspace.com/auth/token"


def test_columns_are_read_with_the_least_scope_granted() -> None:
    plain = quirks_for("")

    assert plain.column_scopes({names.LINE_ITEM, names.LINE_ITEM_READ}, writing=False) == (names.LINE_ITEM_READ,)
    assert plain.column_scopes({names.LINE_ITEM}, writing=False) == (names.LINE_ITEM,)
    assert plain.column_scopes({names.LINE_ITEM, names.LINE_ITEM_READ}, writing=True) == (names.LINE_ITEM,)


def test_moodle_is_asked_for_the_scope_that_reads_in_any_case() -> None:
    moodle = quirks_for("moodle")

    assert moodle.column_scopes((), writing=False) == (names.LINE_ITEM_READ,)
    assert moodle.column_scopes((), writing=True) == (names.LINE_ITEM, names.LINE_ITEM_READ)


def test_platforms_with_one_issuer_for_all_are_described_by_hosts_of_theirs() -> None:
    assert ".canvaslms.com" in quirks_for("canvas").registration_hosts(CANVAS)
    assert "developer.blackboard.com" in quirks_for("BlackboardLearn").registration_hosts("https://blackboard.com")


@pytest.mark.parametrize("issuer", ["https://plateforme.exemple.fr", "https://[", "https://instructure.com.exemple.fr"])
def test_nobody_else_is_described_by_those_hosts(issuer: str) -> None:
    assert quirks_for("canvas").registration_hosts(issuer) == ()
    assert quirks_for("BlackboardLearn").registration_hosts(issuer) == ()


def test_canvas_tells_the_history_of_courses_unasked() -> None:
    assert quirks_for("canvas").gives_course_history
