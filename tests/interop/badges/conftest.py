"""The application on an address of its own over HTTPS, with an authority that only the test knows."""

import datetime
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask

from certify.settings import Settings
from tests.interop.badges.verifiers import Verifiers
from tests.services.live_server import served
from tests.services.processes import free_port


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Give the settings of an installation with an address of its own."""
    return settings.model_copy(update={"public_url": f"https://localhost:{free_port()}"})


@pytest.fixture
def verifiers(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Verifiers]:
    """Give the verifiers of others, which reach the application as they would on the Internet."""
    authority, certificate, key = _chain(tmp_path)
    port = int(settings.public_url.rpartition(":")[2])
    with served(app, port=port, certificate=(certificate, key)):
        yield Verifiers(authority)


def _chain(folder: Path) -> tuple[Path, Path, Path]:
    """Make an authority and a certificate for `localhost`; return their files and the key's."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name("Authority of the tests"), _name("localhost")
    root = _certificate(root_name, root_name, root_key, root_key, is_authority=True)
    leaf = _certificate(name, root_name, key, root_key, is_authority=False)
    pem = serialization.Encoding.PEM
    files = {
        "authority.pem": root.public_bytes(pem),
        "server.pem": leaf.public_bytes(pem),
        "server.key": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    }
    for filename, content in files.items():
        (folder / filename).write_bytes(content)
    return folder / "authority.pem", folder / "server.pem", folder / "server.key"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, *,
    is_authority: bool,
) -> x509.Certificate:  # fmt: skip
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    return builder.sign(signer, hashes.SHA256())
