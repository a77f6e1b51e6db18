import time
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from certify.lti.client import rosters
from certify.lti.client.http import Unreachable
from certify.lti.client.rosters import Member
from certify.lti.models import Registration
from certify.lti.protocol import names
from certify.settings import Settings
from tests.lti.client.places import Tokens
from tests.lti.client.serving import Asked, Reply

pytestmark = [pytest.mark.settings(lti_allow_insecure=True), pytest.mark.engines("sqlite")]

LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
PATH = "/members"
Reading = Callable[..., list[Member]]


@pytest.fixture
def read(session: Session, settings: Settings, registration: Registration, tokens: Tokens) -> Reading:
    def reading(query: str = "", **options: object) -> list[Member]:
        url = tokens.server.at(PATH) + query
        return rosters.members(session, settings, registration, url, **options)  # type: ignore[arg-type]

    return reading


def people(*numbers: int) -> list[dict[str, object]]:
    return [{"user_id": str(number), "status": "Active", "roles": [LEARNER]} for number in numbers]


def serve(tokens: Tokens, answer: Callable[[Asked], Reply]) -> None:
    tokens.server.answers[PATH] = tokens.guard(answer)


def paged(tokens: Tokens, total: int, size: int, form: str = '<{}>; rel="next"') -> None:
    """Have the platform give its members in pages, with a `Link` header of this form."""

    def answer(asked: Asked) -> Reply:
        start = int(asked.query.get("from", 0))
        end = min(start + size, total)
        url = f"{tokens.server.at(PATH)}?type_id=1&from={end}"
        headers = (("Link", form.format(url)),) if end < total else ()
        return Reply({"id": "x", "context": {}, "members": people(*range(start, end))}, headers=headers)

    serve(tokens, answer)


def test_a_roster_is_asked_as_specified(read: Reading, tokens: Tokens) -> None:
    serve(tokens, lambda _asked: Reply({"members": people(1)}))

    assert [one.sub for one in read()] == ["1"]
    (asked,) = tokens.server.calls(PATH)
    assert asked.headers["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert tokens.server.calls("/token")[0].form["scope"] == names.MEMBERSHIP_READ
    assert asked.query == {}


def test_members_are_read_as_they_are_sent(read: Reading, tokens: Tokens) -> None:
    members = [
        {
            "user_id": "a",
            "name": " Stagiaire\0 03 ",
            "given_name": "Stagiaire",
            "family_name": "03",
            "email": "s03@exemple.test",
            "roles": ["Learner", LEARNER, "Learner"],
            "status": "Active",
        },
        {"user_id": 7, "roles": "Instructor", "status": "inactive"},
        {"user_id": "c", "status": "Deleted", "name": None, "roles": [None, "", 3]},
        {"user_id": "d", "email": ["x"], "name": "\ud800", "roles": {}},
        {"user_id": ""},
        {"user_id": True},
        {"user_id": "e" * 256},
        {"roles": []},
        None,
    ]
    serve(tokens, lambda _asked: Reply({"members": members}))

    assert read() == [
        Member("a", "Stagiaire 03", "Stagiaire", "03", "s03@exemple.test", ("Learner", LEARNER), True),
        Member("7", "", "", "", "", ("Instructor",), False),
        Member("c", "", "", "", "", (), False),
        Member("d", "?", "", "", "", (), True),
    ]


@pytest.mark.parametrize(
    "form",
    [
        '<{}>; rel="next"',
        "<{}>; rel=next",
        "<{}>; REL=“next”",
        '<http://x.test/?a,b>; title="a, b; rel=next"; rel="first", <{}>; rel="last next"',
    ],
    ids=["quoted", "bare", "curly", "after another"],
)
def test_every_page_is_followed_however_it_is_announced(read: Reading, tokens: Tokens, form: str) -> None:
    paged(tokens, 25, 10, form.encode().decode("latin-1"))
    counts: list[int] = []

    assert [one.sub for one in read("?type_id=1", on_page=counts.append)] == [str(number) for number in range(25)]
    assert counts == [10, 20, 25]
    assert [one.query for one in tokens.server.calls(PATH)] == [
        {"type_id": "1"},
        {"type_id": "1", "from": "10"},
        {"type_id": "1", "from": "20"},
    ]


def test_the_next_address_keeps_its_letters_and_may_be_relative(read: Reading, tokens: Tokens) -> None:
    def answer(asked: Asked) -> Reply:
        if "page" in asked.query:
            return Reply({"members": people(2)})
        return Reply({"members": people(1)}, headers=(("link", "<?page=bookmark:WyJBQmNEIl0>; rel=next"),))

    serve(tokens, answer)

    assert [one.sub for one in read()] == ["1", "2"]
    assert tokens.server.calls(PATH)[1].query == {"page": "bookmark:WyJBQmNEIl0"}


def test_a_page_that_comes_back_ends_the_list(read: Reading, tokens: Tokens) -> None:
    again = (("Link", f"<{tokens.server.at(PATH)}>; rel=next"),)
    serve(tokens, lambda _asked: Reply({"members": people(1)}, headers=again))

    assert len(read()) == 1
    assert len(tokens.server.calls(PATH)) == 1


def test_a_list_without_end_is_refused_rather_than_cut(read: Reading, tokens: Tokens) -> None:
    paged(tokens, 100_000, 1)
    with pytest.raises(Unreachable, match="too-many-pages"):
        read()

    assert len(tokens.server.calls(PATH)) == 500


def test_ten_thousand_members_are_read_in_pages(read: Reading, tokens: Tokens) -> None:
    paged(tokens, 10_000, 100)
    started, used = time.perf_counter(), time.process_time()
    found = read()
    spent = time.perf_counter() - started
    print(f"10,000 members in 100 pages: {spent:.2f} s, CPU with server {time.process_time() - used:.2f} s")  # noqa: T201

    assert len({one.sub for one in found}) == len(found) == 10_000
    assert len(tokens.given) == 1


def test_ten_thousand_members_are_read_in_one_page(read: Reading, tokens: Tokens) -> None:
    full = [one | {"name": f"Stagiaire {one['user_id']}", "email": "x" * 150} for one in people(*range(10_000))]
    serve(tokens, lambda _asked: Reply({"members": full}))
    started = time.perf_counter()
    found = read()
    print(f"10,000 members in one page: {time.perf_counter() - started:.2f} s")  # noqa: T201

    assert (len(found), found[-1].name) == (10_000, "Stagiaire 9999")


def test_a_person_listed_with_each_section_is_one_member(read: Reading, tokens: Tokens) -> None:
    twice = [
        {"user_id": "a", "name": "Stagiaire 03", "roles": ["Learner"], "status": "Inactive"},
        {"user_id": "a", "roles": ["Learner", "Mentor"], "status": "Active"},
    ]
    serve(tokens, lambda _asked: Reply({"members": twice}))

    assert read() == [Member("a", "Stagiaire 03", "", "", "", ("Learner", "Mentor"), True)]


def test_the_members_of_one_link_can_be_asked(read: Reading, tokens: Tokens) -> None:
    serve(tokens, lambda asked: Reply({"members": people(int(asked.query["rlid"]))}))

    assert [one.sub for one in read("?type_id=1&rlid=9", link_id="12")] == ["12"]
    assert tokens.server.calls(PATH)[0].query == {"type_id": "1", "rlid": "12"}


@pytest.mark.parametrize(
    ("reply", "reason", "status"),
    [
        (Reply(status=403), "status", 403),
        (Reply(status=500), "status", 500),
        (Reply(raw=b"<h1>Sign in</h1>"), "not-json", None),
        (Reply({"members": {}}), "not-json", None),
        (Reply([]), "not-json", None),
    ],
    ids=["forbidden", "broken", "page", "odd", "list"],
)
def test_a_page_that_cannot_be_read_spoils_the_whole(
    read: Reading, tokens: Tokens, reply: Reply, reason: str, status: int | None
) -> None:
    following = (("Link", "<?page=2>; rel=next"),)
    first = Reply({"members": people(1)}, headers=following)
    serve(tokens, lambda asked: reply if "page" in asked.query else first)
    with pytest.raises(Unreachable) as caught:
        read()

    assert (caught.value.reason, caught.value.status) == (reason, status)


def test_a_token_that_ends_between_two_pages_is_replaced(read: Reading, tokens: Tokens) -> None:
    def answer(asked: Asked) -> Reply:
        if "page" not in asked.query:
            tokens.refused.add(asked.bearer)
            return Reply({"members": people(1)}, headers=(("Link", "<?page=2>; rel=next"),))
        return Reply({"members": people(2)})

    serve(tokens, answer)

    assert [one.sub for one in read()] == ["1", "2"]
    assert len(tokens.given) == 2
