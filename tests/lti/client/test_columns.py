import html
from typing import Any

import pytest
from sqlalchemy.orm import Session

from certify.lti.client import columns
from certify.lti.client.columns import Column, Result
from certify.lti.client.http import Unreachable
from certify.lti.models import Registration
from certify.lti.protocol import names
from certify.settings import Settings
from tests.lti.client.places import Tokens, make_registration
from tests.lti.client.serving import Asked, Reply

pytestmark = [pytest.mark.settings(lti_allow_insecure=True), pytest.mark.engines("sqlite")]

LIST = "/2/lineitems"


class Gradebook:
    """Columns of a course served as Moodle does: addresses with a query, pages announced between curly quotes."""

    def __init__(self, tokens: Tokens, *, size: int = 2, heeds_filters: bool = True) -> None:
        self.server, self.tokens, self.size, self.heeds_filters = tokens.server, tokens, size, heeds_filters
        self.items: dict[str, dict[str, Any]] = {}
        self.results: list[dict[str, Any]] = []
        self.server.answers[LIST] = tokens.guard(self._list)

    @property
    def url(self) -> str:
        return self.server.at(LIST) + "?type_id=1"

    def add(self, label: str, **values: Any) -> str:
        number = len(self.items) + 1
        path = f"{LIST}/{number}/lineitem"
        url = self.server.at(path) + "?type_id=1"
        self.items[path] = {"id": url, "label": label, "scoreMaximum": 100} | values
        self.server.answers[path] = self.tokens.guard(self._item)
        self.server.answers[f"{path}/scores"] = self.tokens.guard(lambda _asked: Reply(raw=b""))
        self.server.answers[f"{path}/results"] = self.tokens.guard(self._results)
        return url

    def _list(self, asked: Asked) -> Reply:
        if asked.method == "POST":
            url = self.add(**asked.json)
            return Reply(next(one for one in self.items.values() if one["id"] == url), 201)
        found = list(self.items.values())
        for parameter, name in (("resource_id", "resourceId"), ("tag", "tag"), ("resource_link_id", "resourceLinkId")):
            if self.heeds_filters and parameter in asked.query:
                found = [one for one in found if one.get(name) == asked.query[parameter]]
        start = int(asked.query.get("from", 0))
        page, rest = found[start : start + self.size], found[start + self.size :]
        filters = "".join(f"&{name}={value}" for name, value in asked.query.items() if name not in ("type_id", "from"))
        first = f"{self.url}&from=0{filters}"
        following = f"{self.url}&from={start + self.size}{filters}"
        link = f"<{html.escape(first)}>; rel=“first”"
        if rest:
            link += f", <{html.escape(following)}>; rel=“next”"
        return Reply(page, headers=(("Link", link.encode().decode("latin-1")),))

    def _item(self, asked: Asked) -> Reply:
        if asked.method == "DELETE":
            return Reply(status=204 if self.items.pop(asked.path, None) else 404)
        if asked.path not in self.items:
            return Reply(status=404)
        if asked.method == "PUT":
            self.items[asked.path] = asked.json
        return Reply(self.items[asked.path])

    def _results(self, asked: Asked) -> Reply:
        start = int(asked.query.get("from", 0))
        url = self.server.at(asked.path) + f"?type_id=1&from={start + 1}&user_id={asked.query['user_id']}"
        link = (("Link", f"<{html.escape(url)}>; rel=“next”".encode().decode("latin-1")),)
        last = start + 1 >= len(self.results)
        return Reply(self.results[start : start + 1], headers=() if last else link)


class Ours:
    """What certify does with the columns of a registration."""

    def __init__(self, session: Session, settings: Settings, registration: Registration) -> None:
        self._with = (session, settings, registration)

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **options: getattr(columns, name)(*self._with, *args, **options)


@pytest.fixture
def book(tokens: Tokens) -> Gradebook:
    return Gradebook(tokens)


@pytest.fixture
def ours(session: Session, settings: Settings, registration: Registration) -> Ours:
    return Ours(session, settings, registration)


def test_columns_are_found_on_every_page(ours: Ours, book: Gradebook) -> None:
    urls = [book.add(f"Colonne {number}") for number in range(5)]

    assert [one.url for one in ours.find_columns(book.url)] == urls
    assert [one.query.get("from") for one in book.server.calls(LIST)] == [None, "2", "4"]
    assert book.server.calls(LIST)[0].headers["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"


@pytest.mark.parametrize("heeds_filters", [True, False])
def test_only_the_columns_asked_for_are_found_on_whatever_page(ours: Ours, tokens: Tokens, heeds_filters: bool) -> None:
    book = Gradebook(tokens, heeds_filters=heeds_filters)
    for number in range(6):
        book.add(f"Autre {number}", resourceId="certify:other", tag=f"b{number}")
    url = book.add("Bloc 1", resourceId="certify:c1", tag="certify:1", resourceLinkId="link-1")
    book.add("Autre")

    assert [one.url for one in ours.find_columns(book.url, resource_id="certify:c1")] == [url]
    assert [one.url for one in ours.find_columns(book.url, resource_id="certify:c1", tag="certify:1")] == [url]
    assert ours.find_columns(book.url, resource_id="certify:c1", tag="certify:2") == []
    assert ours.find_columns(book.url, link_id="link-1")[0].link_id == "link-1"


def test_a_column_is_made_as_specified(ours: Ours, book: Gradebook) -> None:
    made = ours.create_column(book.url, label="Bloc 1", maximum=20, tag="certify:b1", link_id="link-1")

    asked = book.server.calls(LIST)[0]
    assert asked.json == {"label": "Bloc 1", "scoreMaximum": 20, "tag": "certify:b1", "resourceLinkId": "link-1"}
    assert asked.query == {"type_id": "1"}
    assert asked.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"
    assert made == Column(next(iter(book.items.values()))["id"], "Bloc 1", 20.0, "", "certify:b1", "link-1")
    assert book.server.calls("/token")[0].form["scope"] == names.LINE_ITEM


def test_an_empty_answer_with_an_address_is_enough(ours: Ours, tokens: Tokens) -> None:
    made = Reply(status=201, headers=(("Location", "https://lms.exemple.test/items/9"),))
    tokens.server.answers[LIST] = tokens.guard(lambda _asked: made)

    column = ours.create_column(tokens.server.at(LIST), label="Bloc 1", maximum=20, resource_id="r")
    assert column == Column("https://lms.exemple.test/items/9", "Bloc 1", 20.0, "r", "", "")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [(Reply(status=403), "status"), (Reply({}, 201), "not-json"), (Reply([], 201), "not-json"), (Reply(), "not-json")],
    ids=["forbidden", "no address", "list", "empty"],
)
def test_a_column_that_was_not_made_is_not_taken_for_made(
    ours: Ours, tokens: Tokens, reply: Reply, reason: str
) -> None:
    tokens.server.answers[LIST] = tokens.guard(lambda _asked: reply)
    with pytest.raises(Unreachable) as caught:
        ours.create_column(tokens.server.at(LIST), label="Bloc 1", maximum=20)

    assert caught.value.reason == reason


def test_changing_a_column_keeps_what_certify_does_not_know(ours: Ours, book: Gradebook) -> None:
    url = book.add("Ancien", tag="certify:b1", resourceLinkId="l", startDateTime="2027-01-01T00:00:00Z")
    changed = ours.update_column(url, label="Nouveau", maximum=40)

    assert (changed.url, changed.label, changed.maximum, changed.tag) == (url, "Nouveau", 40.0, "certify:b1")
    (kept,) = book.items.values()
    assert kept["startDateTime"] == "2027-01-01T00:00:00Z"
    assert (kept["label"], kept["scoreMaximum"], kept["resourceLinkId"]) == ("Nouveau", 40, "l")


def test_a_column_that_is_gone_cannot_be_changed_but_may_be_removed(ours: Ours, book: Gradebook) -> None:
    url = book.add("Bloc 1")
    ours.delete_column(url)
    ours.delete_column(url)

    assert book.items == {}
    with pytest.raises(Unreachable) as caught:
        ours.update_column(url, label="Bloc 1", maximum=20)
    assert caught.value.status == 404


def test_a_column_the_platform_will_not_remove_is_said(ours: Ours, book: Gradebook) -> None:
    url = book.add("Bloc 1")
    book.server.answers[f"{LIST}/1/lineitem"] = lambda _asked: Reply(status=403)
    with pytest.raises(Unreachable, match="403"):
        ours.delete_column(url)


@pytest.mark.parametrize(
    ("product", "granted", "reading", "writing"),
    [
        ("", (), names.LINE_ITEM, names.LINE_ITEM),
        ("", (names.LINE_ITEM_READ,), names.LINE_ITEM_READ, names.LINE_ITEM),
        ("moodle", (names.LINE_ITEM,), names.LINE_ITEM_READ, f"{names.LINE_ITEM} {names.LINE_ITEM_READ}"),
    ],
)
def test_no_more_scopes_are_asked_than_needed(
    session: Session,
    settings: Settings,
    book: Gradebook,
    product: str,
    granted: tuple[str, ...],
    reading: str,
    writing: str,
) -> None:
    ours = Ours(session, settings, make_registration(session, book.server, product=product))
    ours.find_columns(book.url, granted=granted)
    assert book.server.calls("/token")[-1].form["scope"] == reading
    ours.create_column(book.url, label="Bloc 1", maximum=20, granted=granted)
    assert book.server.calls("/token")[-1].form["scope"] == writing


def test_odd_columns_are_left_out(ours: Ours, tokens: Tokens) -> None:
    listed = [None, {}, {"id": ""}, {"id": "a", "label": 7, "scoreMaximum": "x"}, {"id": "b", "scoreMaximum": 10**400}]
    tokens.server.answers[LIST] = tokens.guard(lambda _asked: Reply(listed))

    found = ours.find_columns(tokens.server.at(LIST))
    assert found == [Column("a", "", 100.0, "", "", ""), Column("b", "", 100.0, "", "", "")]
    tokens.server.answers[LIST] = lambda _asked: Reply({"error": "odd"})
    with pytest.raises(Unreachable, match="not-json"):
        ours.find_columns(tokens.server.at(LIST))


def test_a_score_is_posted_before_the_query_of_the_column(ours: Ours, book: Gradebook) -> None:
    url = book.add("Bloc 1")
    status, headers, body = ours.post_score(url, {"userId": "é"})

    (asked,) = book.server.calls(f"{LIST}/1/lineitem/scores")
    assert (status, body, headers["content-length"]) == (200, b"", "0")
    assert (asked.query, asked.json) == ({"type_id": "1"}, {"userId": "é"})
    assert asked.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert book.server.calls("/token")[0].form["scope"] == names.SCORE


def test_a_score_refused_for_its_token_is_posted_again_once(ours: Ours, book: Gradebook, tokens: Tokens) -> None:
    url = book.add("Bloc 1")
    ours.post_score(url, {})
    tokens.refused.update(tokens.given)

    assert ours.post_score(url, {})[0] == 200
    assert len(tokens.given) == 2


def test_a_score_that_is_refused_comes_back_as_it_was_answered(ours: Ours, book: Gradebook) -> None:
    url = book.add("Bloc 1")
    busy = Reply([], 429, (("Retry-After", "7"),))
    book.server.answers[f"{LIST}/1/lineitem/scores"] = lambda _asked: busy
    status, headers, body = ours.post_score(url, {})

    assert (status, headers["retry-after"], body) == (429, "7", b"[]")


def test_a_platform_out_of_reach_gives_no_status_but_a_reason(ours: Ours, tokens: Tokens, book: Gradebook) -> None:
    url = book.add("Bloc 1")
    tokens.reply = Reply(status=503, headers=(("Retry-After", "9"),))
    status, headers, body = ours.post_score(url, {})

    assert (status, dict(headers)) == (None, {"Retry-After": "9"})
    assert body.startswith(b"token-refused: ")


def test_the_grade_the_platform_holds_is_read_back(ours: Ours, book: Gradebook) -> None:
    url = book.add("Bloc 1")
    book.results = [
        {"userId": "6", "resultScore": 1},
        {"userId": 7, "resultScore": 15.5, "resultMaximum": 20, "comment": "Bien"},
        {"userId": "8", "resultScore": None, "resultMaximum": True},
    ]

    assert ours.result_of(url, "7") == Result(15.5, 20.0, "Bien")
    assert ours.result_of(url, "8") == Result(None, None, "")
    assert ours.result_of(url, "9") is None
    assert book.server.calls(f"{LIST}/1/lineitem/results")[0].query == {"type_id": "1", "user_id": "7"}
