import gzip
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from certify.lti.client.http import Answer, Client, Unreachable, client_for
from certify.settings import Settings
from tests.lti.client.places import refused
from tests.lti.client.serving import Reply, Server, raw_server, serving


def test_an_answer_comes_whatever_its_status(open_client: Client, server: Server) -> None:
    headers = (("Link", "<a>; rel=first"), ("Link", "<b>; rel=next"), ("X-Kind", "odd"))
    server.answers["/x"] = lambda _asked: Reply({"é": 1}, 418, headers)
    answer = open_client.send("GET", server.at("/x"), headers={"X-Ours": "1"}, accept="application/odd+json")

    assert (answer.status, answer.is_done, answer.json(), answer.url) == (418, False, {"é": 1}, server.at("/x"))
    assert answer.headers["x-kind"] == "odd"
    assert answer.headers.getlist("link") == ["<a>; rel=first", "<b>; rel=next"]
    sent = server.asked[0].headers
    assert sent["User-Agent"] == "certify/1.2 (+LTI 1.3 tool)"
    assert (sent["Accept"], sent["X-Ours"]) == ("application/odd+json", "1")


def test_forms_and_documents_are_sent_as_what_they_are(open_client: Client, server: Server) -> None:
    server.answers["/x"] = lambda _asked: Reply(status=204)
    open_client.send("POST", server.at("/x"), form={"a": "b c", "é": "&"})
    open_client.send("POST", server.at("/x"), json={"é": [1]})
    open_client.send("PUT", server.at("/x"), json=[], headers={"Content-Type": "application/odd+json"})

    first, second, third = server.asked
    assert (first.form, first.headers["Content-Type"]) == ({"a": "b c", "é": "&"}, "application/x-www-form-urlencoded")
    assert (second.json, second.headers["Content-Type"]) == ({"é": [1]}, "application/json")
    assert (third.method, third.json, third.headers["Content-Type"]) == ("PUT", [], "application/odd+json")


def test_readings_follow_a_redirection_on_the_same_server(open_client: Client, server: Server) -> None:
    server.answers["/old"] = lambda _asked: Reply(status=301, headers=(("Location", "/new?a=1"),))
    server.answers["/new"] = lambda asked: Reply(asked.query)

    assert open_client.send("GET", server.at("/old")).json() == {"a": "1"}


def test_a_chain_of_redirections_ends(open_client: Client, server: Server) -> None:
    server.answers["/loop"] = lambda _asked: Reply(status=302, headers=(("Location", "/loop"),))

    assert refused(open_client, server.at("/loop")).reason == "redirect"
    assert len(server.asked) == 4


def test_another_server_gets_nothing_by_redirection(open_client: Client, server: Server) -> None:
    with serving() as other:
        server.answers["/x"] = lambda _asked: Reply(status=307, headers=(("Location", other.at("/steal")),))
        fault = refused(open_client, server.at("/x"), headers={"Authorization": "Bearer kept"})

    assert (fault.reason, other.asked) == ("redirect", [])


def test_writings_follow_no_redirection(open_client: Client, server: Server) -> None:
    server.answers["/x"] = lambda _asked: Reply(status=303, headers=(("Location", "/y"),))

    assert refused(open_client, server.at("/x"), "POST", json={}).reason == "redirect"
    assert len(server.asked) == 1


def test_an_answer_declared_too_large_is_not_read(open_client: Client, server: Server) -> None:
    server.answers["/x"] = lambda _asked: Reply(raw=b"x" * 2001)

    assert refused(open_client, server.at("/x"), limit=2000).reason == "too-large"
    assert open_client.send("GET", server.at("/x"), limit=2001).body == b"x" * 2001


def test_an_endless_answer_is_cut_while_it_arrives(open_client: Client) -> None:
    sent = 0

    def pour(accepted: socket.socket) -> None:
        nonlocal sent
        accepted.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while sent < 1 << 30:
            accepted.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            sent += 65536

    with raw_server(pour) as (url, _received):
        assert refused(open_client, url, limit=256 * 1024).reason == "too-large"
    assert sent < 20 << 20


def test_a_small_answer_that_unpacks_into_a_large_one_is_cut(open_client: Client, server: Server) -> None:
    packed = gzip.compress(b"0" * 50_000_000)
    server.answers["/x"] = lambda _asked: Reply(raw=packed, headers=(("Content-Encoding", "gzip"),))

    assert refused(open_client, server.at("/x"), limit=100_000).reason == "too-large"


def test_a_server_that_is_not_there_is_refused(open_client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert refused(open_client, f"http://127.0.0.1:{port}/").reason == "refused"


def test_reading_is_tried_again_once_when_the_connection_breaks(open_client: Client) -> None:
    with raw_server(lambda accepted: accepted.shutdown(socket.SHUT_RDWR)) as (url, received):
        assert refused(open_client, url).reason == "refused"
    assert len(received) == 2


def test_writing_is_never_tried_again(open_client: Client) -> None:
    with raw_server(lambda accepted: accepted.shutdown(socket.SHUT_RDWR)) as (url, received):
        assert refused(open_client, url, "POST", json={}).reason == "refused"
    assert len(received) == 1


def test_an_answer_cut_short_is_not_taken_for_a_whole_one(open_client: Client) -> None:
    with raw_server(lambda accepted: accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")) as (url, _):
        assert refused(open_client, url).reason == "refused"


@pytest.mark.parametrize("noise", [b"\x00\x01\x02\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"SSH-2.0-x\r\n"])
def test_what_is_no_web_server_is_refused(open_client: Client, noise: bytes) -> None:
    with raw_server(lambda accepted: accepted.sendall(noise)) as (url, _received):
        assert refused(open_client, url).reason == "refused"


@pytest.mark.parametrize("body", [b"", b"<h1>Sign in</h1>", b"\xff\xfe", b"{", b"NaN", b"[" * 200_000])
def test_what_is_no_document_is_said_with_its_beginning(open_client: Client, server: Server, body: bytes) -> None:
    server.answers["/x"] = lambda _asked: Reply(raw=body)
    answer = open_client.send("GET", server.at("/x?user_id=7"))

    with pytest.raises(Unreachable) as caught:
        answer.json()
    assert caught.value.reason == "not-json"
    assert "user_id" not in caught.value.detail
    assert "<" not in caught.value.detail


def test_a_document_may_begin_with_a_mark_of_its_encoding() -> None:
    answer = Answer(200, HEADERS, b"\xef\xbb\xbf{}", "https://lms.exemple.test/")

    assert answer.json() == {}


HEADERS = Answer.__annotations__["headers"]()


@pytest.mark.parametrize(("status", "is_passing"), [(429, True), (503, True), (400, False), (404, False)])
def test_a_refusal_says_whether_trying_later_helps(status: int, is_passing: bool) -> None:
    refusal = Answer(status, HEADERS, b"{}", "https://lms.exemple.test/x?a=b").refusal()

    assert (refusal.reason, refusal.status, refusal.is_passing) == ("status", status, is_passing)
    assert refusal.detail == f"https://lms.exemple.test/x: {status} {{}}"


def test_cookies_and_proxies_are_ignored(open_client: Client, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.answers["/x"] = lambda _asked: Reply({}, headers=(("Set-Cookie", "MoodleSession=1; Path=/"),))
    open_client.send("GET", server.at("/x"))
    open_client.send("GET", server.at("/x"))

    assert [one.headers.get("Cookie") for one in server.asked] == [None, None]
    assert server.connections == 1


def test_logs_tell_the_call_and_keep_its_secrets(open_client: Client, server: Server) -> None:
    server.answers["/scores"] = lambda _asked: Reply({"access_token": "token-received"})
    with capture_logs() as logs:
        url = server.at("/scores?user_id=learner-7")
        open_client.send("POST", url, headers={"Authorization": "Bearer token-sent"}, json={"userId": "learner-7"})

    assert [(one["method"], one["path"], one["status"]) for one in logs] == [("POST", "/scores", 200)]
    assert "ms" in logs[0]
    assert not any(secret in str(logs) for secret in ("token-sent", "token-received", "learner-7"))


def test_a_header_that_would_hold_another_is_refused(open_client: Client, server: Server) -> None:
    fault = refused(open_client, server.at("/x"), headers={"Authorization": "Bearer a\r\nX-B: c"})

    assert (fault.reason, server.asked) == ("refused", [])


def test_several_threads_share_one_client(open_client: Client, server: Server) -> None:
    server.answers["/x"] = lambda asked: Reply(asked.query)

    def ask(number: int) -> object:
        return open_client.send("GET", server.at(f"/x?n={number}")).json()["n"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(80))) == [str(number) for number in range(80)]
    assert server.connections <= 8


def test_one_client_is_kept_for_each_kind_of_setting() -> None:
    usual, tests = Settings(env="test"), Settings(env="test", lti_allow_insecure=True)

    assert client_for(usual) is client_for(Settings(env="test"))
    assert client_for(usual) is not client_for(tests)
