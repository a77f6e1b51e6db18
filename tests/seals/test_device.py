"""Sealing keys on a device, here one made of software: the keys never leave it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from pydantic import SecretStr
from sqlalchemy.orm import Session

from certify.core.errors import Invalid, Unavailable
from certify.organisations.models import Organisation
from certify.seals import authority, device, providers, queries, sealing, services
from certify.seals.models import ProviderKind, SealKey
from tests.factories.people import actor_of, make_certifying_body, make_user
from tests.seals.making import Chain, make_chain, plain_pdf

MODULES = (Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"))
PIN = "1234"
LABELS = ("sceau", "second sceau")
pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Chain]]:
    """Make a token with two keys; give their certificates by label. A library reads its configuration once."""
    folder = tmp_path_factory.mktemp("device")
    (folder / "tokens").mkdir()
    (conf := folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    chains = {label: make_chain(private=ec.generate_private_key(ec.SECP256R1())) for label in LABELS}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOFTHSM2_CONF", str(conf))
        run = ["softhsm2-util", "--init-token", "--free", "--label", "essai", "--pin", PIN, "--so-pin", "5678"]
        subprocess.run(run, check=True, capture_output=True)
        for number, (label, chain) in enumerate(chains.items()):
            put_key(chain, folder, label, f"a{number}")
        yield chains


def put_key(chain: Chain, folder: Path, label: str, identifier: str) -> None:
    """Put the key of a certificate in the token."""
    (key := folder / "key.pem").write_bytes(
        chain.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    where = ["--token", "essai", "--label", label, "--id", identifier, "--pin", PIN]
    subprocess.run(["softhsm2-util", "--import", str(key), *where], check=True, capture_output=True)
    key.unlink()


@pytest.fixture
def plugged(app: Flask, held: dict[str, Chain]) -> Iterator[dict[str, Chain]]:
    """Set the device; give the certificates of its keys, by label."""
    module = next(one for one in MODULES if one.exists())
    values = {"seal_pkcs11_module": str(module), "seal_pkcs11_token": "essai", "seal_pkcs11_pin": SecretStr(PIN)}
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=values)
    yield held
    device._close()


def pem_of(chain: Chain) -> str:
    """Return the certificates of a key as they are pasted."""
    return "".join(authority.pem_of(one) for one in (chain.certificate, *chain.above))


def declare(session: Session, body: Organisation, chain: Chain, label: str) -> SealKey:
    """Declare a key of the device."""
    actor = actor_of(session, make_user(session))
    return services.declare_device_key(session, actor, body, certificates=pem_of(chain), device_label=label)


def test_a_key_on_a_device_seals_and_stays_there(app: Flask, session: Session, plugged: dict[str, Chain]) -> None:
    chain, body = plugged["sceau"], make_certifying_body(session)
    with pytest.raises(Unavailable, match="autre nom"):
        declare(session, body, chain, "autre nom")
    other = make_chain(private=ec.generate_private_key(ec.SECP256R1()), levels=0)
    with pytest.raises(Invalid, match="ne tient pas"):
        declare(session, body, other, "sceau")
    key = declare(session, body, chain, "sceau")
    assert key.provider is ProviderKind.PKCS11
    assert key.private_key is None
    for _turn in range(2):
        content = sealing.sealed(session, body.id, plain_pdf(), reason="Délivrance", location="Lille")
        found = queries.examined(session, content)
        assert found.is_valid
        assert found.verdict.fingerprint == key.fingerprint
    providers.forget(key.fingerprint)
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"seal_pkcs11_token": "débranché"})
    with pytest.raises(Unavailable, match="ne répond pas"):
        sealing.sealed(session, body.id, plain_pdf(), reason="", location="")


def test_after_a_fault_every_key_of_the_device_is_opened_anew(session: Session, plugged: dict[str, Chain]) -> None:
    bodies = [make_certifying_body(session) for _label in LABELS]
    for body, label in zip(bodies, LABELS, strict=True):
        declare(session, body, plugged[label], label)
        sealing.sealed(session, body.id, plain_pdf(), reason="", location="")
    for opened in device._sessions.values():
        # As when somebody unplugs it.
        opened.close()
    with pytest.raises(Unavailable, match="branchez-le"):
        sealing.sealed(session, bodies[0].id, plain_pdf(), reason="", location="")
    for body in reversed(bodies):
        content = sealing.sealed(session, body.id, plain_pdf(), reason="", location="")
        assert queries.examined(session, content).is_valid


def test_a_wrong_code_is_said_and_never_tried_again(
    app: Flask, session: Session, plugged: dict[str, Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    body, settings = make_certifying_body(session), app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"seal_pkcs11_pin": SecretStr("9999")})
    with pytest.raises(Unavailable, match="refuse le code"):
        declare(session, body, plugged["sceau"], "sceau")

    def refuse(*_values: object, **_options: object) -> None:
        raise AssertionError("the device was asked again")

    with monkeypatch.context() as patched:
        patched.setattr("pyhanko.sign.pkcs11.open_pkcs11_session", refuse)
        with pytest.raises(Unavailable, match="CERTIFY_SEAL_PKCS11_PIN"):
            declare(session, body, plugged["sceau"], "sceau")
    app.config["SETTINGS"] = settings
    assert declare(session, body, plugged["sceau"], "sceau").device_label == "sceau"


def test_without_what_speaks_to_devices_one_is_told_what_to_install(
    session: Session, plugged: dict[str, Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pkcs11", "pkcs11.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Unavailable, match="Installez certify avec"):
        declare(session, make_certifying_body(session), plugged["sceau"], "sceau")
