import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from urllib3.util import connection

from certify.lti.client.connecting import is_public
from certify.lti.client.http import Client
from tests.lti.client.places import refused
from tests.lti.client.serving import Reply, Server, raw_server, serving

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "2130706433",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::127.0.0.1]",
    ],
)
def test_a_host_that_leads_to_a_private_network_is_not_even_connected_to(
    guarded_client: Client, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    tried: list[object] = []
    monkeypatch.setattr(connection, "create_connection", lambda *args, **_options: tried.append(args))

    assert refused(guarded_client, f"https://{host}/jwks").reason == "private-address"
    assert tried == []


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:2800:220:1::1", f"::ffff:{PUBLIC}", "64:ff9b::5db8:d822", "2002:5db8:d822::1"]
)
def test_an_address_of_the_open_internet_is_public_however_it_is_wrapped(address: str) -> None:
    assert is_public(address)


def test_what_is_no_address_is_not_public() -> None:
    assert not is_public("lms.exemple.test")


def answers_with(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names resolve to these addresses, one list after the other; the names asked are returned."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_args: object, **_options: object) -> list[object]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_name_that_changes_its_mind_is_called_where_it_was_checked(
    guarded_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answers_with(monkeypatch, [PUBLIC], ["127.0.0.1"])
    called: list[str] = []

    def connect(address: tuple[str, int], *_args: object, **_options: object) -> socket.socket:
        called.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(connection, "create_connection", connect)

    assert refused(guarded_client, "https://lms.exemple.test/token", "POST").reason == "refused"
    assert (asked, called) == (["lms.exemple.test"], [PUBLIC])


def test_nothing_is_sent_when_the_other_end_turns_out_to_be_private(
    guarded_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers_with(monkeypatch, [PUBLIC])
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def connect(*_args: object, **_options: object) -> socket.socket:
            elsewhere = socket.socket()
            elsewhere.connect(listening.getsockname())
            return elsewhere

        monkeypatch.setattr(connection, "create_connection", connect)
        fault = refused(guarded_client, "https://lms.exemple.test/token", "POST", form={"secret": "kept"})
        accepted, _address = listening.accept()
        with accepted:
            accepted.settimeout(2)
            received = accepted.recv(100)

    assert (fault.reason, received) == ("private-address", b"")
    assert "127.0.0.1" in fault.detail


def test_private_addresses_are_left_aside_when_a_name_has_public_ones(
    guarded_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers_with(monkeypatch, ["10.0.0.1", PUBLIC, "192.168.0.1", "1.1.1.1"])
    called: list[str] = []

    def connect(address: tuple[str, int], *_args: object, **_options: object) -> socket.socket:
        called.append(address[0])
        raise TimeoutError

    monkeypatch.setattr(connection, "create_connection", connect)

    assert refused(guarded_client, "https://lms.exemple.test/").reason == "timeout"
    assert called == [PUBLIC, "1.1.1.1"]


def test_a_name_without_address_is_refused(guarded_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_args: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    fault = refused(guarded_client, "https://lms.exemple.test/")

    assert (fault.reason, fault.is_passing) == ("refused", True)


def test_an_address_in_clear_is_refused_without_calling(guarded_client: Client, server: Server) -> None:
    assert refused(guarded_client, server.at("/jwks")).reason == "insecure"
    assert server.connections == 0


@pytest.mark.parametrize(
    "url", ["", "/jwks", "https://", "https://a:b@lms.exemple.test/", "https://[::1", "https://a:x/"]
)
def test_what_is_not_the_address_of_a_service_is_refused(guarded_client: Client, url: str) -> None:
    assert refused(guarded_client, url).reason == "refused"


@pytest.mark.parametrize("url", ["file:///etc/hosts", "ftp://lms.exemple.test/", "gopher://lms.exemple.test/"])
def test_only_the_web_is_called(open_client: Client, url: str) -> None:
    assert refused(open_client, url).reason in ("insecure", "refused")


def test_a_server_that_says_nothing_is_left_in_time(open_client: Client) -> None:
    over = threading.Event()
    started = time.monotonic()
    with raw_server(lambda _accepted: over.wait(10)) as (url, received):
        fault = refused(open_client, url)
        over.set()

    assert (fault.reason, fault.is_passing) == ("timeout", True)
    assert time.monotonic() - started < 3
    assert len(received) == 1


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nX-A: ", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["head", "body"])
def test_a_server_that_dribbles_is_left_in_time(open_client: Client, beginning: bytes) -> None:
    def dribble(accepted: socket.socket) -> None:
        accepted.sendall(beginning)
        for _ in range(100):
            time.sleep(0.1)
            accepted.sendall(b"x")

    started = time.monotonic()
    with raw_server(dribble) as (url, _received):
        assert refused(open_client, url).reason == "timeout"
        spent = time.monotonic() - started

    assert spent < 4


def test_a_handshake_that_does_not_end_is_left_in_time(open_client: Client) -> None:
    over = threading.Event()
    with raw_server(lambda _accepted: over.wait(10)) as (url, _received):
        fault = refused(open_client, url.replace("http:", "https:"))
        over.set()

    assert fault.reason == "timeout"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def encrypted_server(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(context=context) as server:
        server.answers["/x"] = lambda _asked: Reply({"encrypted": True})
        yield server


def test_a_certificate_nobody_vouches_for_is_refused(open_client: Client, encrypted_server: Server) -> None:
    fault = refused(open_client, encrypted_server.at("/x"))

    assert (fault.reason, fault.is_passing) == ("tls", False)
    assert "certificate" in fault.detail
    assert encrypted_server.asked == []


def test_a_certificate_of_the_machine_s_authorities_is_accepted(
    make_client: Callable[..., Client], encrypted_server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client = make_client()

    assert client.send("GET", encrypted_server.at("/x")).json() == {"encrypted": True}
    elsewhere = refused(client, encrypted_server.at("/x").replace("127.0.0.1", "localhost"))
    assert elsewhere.reason == "tls"
