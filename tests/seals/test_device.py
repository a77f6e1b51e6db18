"""A sealing key on a device, here one made of software: the key never leaves it."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from pydantic import SecretStr
from sqlalchemy.orm import Session

from certify.core.errors import Invalid, Unavailable
from certify.seals import authority, providers, queries, sealing, services
from certify.seals.models import ProviderKind
from tests.factories.people import actor_of, make_certifying_body, make_user
from tests.seals.making import Chain, make_chain, plain_pdf

MODULES = (Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"))
PIN = "1234"


def token_with(chain: Chain, folder: Path, label: str) -> None:
    """Make a token and put the key of a certificate in it."""
    run = ["softhsm2-util", "--init-token", "--free", "--label", "essai", "--pin", PIN, "--so-pin", "5678"]
    subprocess.run(run, check=True, capture_output=True)
    (key := folder / "key.pem").write_bytes(
        chain.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    run = ["softhsm2-util", "--import", str(key), "--token", "essai", "--label", label, "--id", "a1", "--pin", PIN]
    subprocess.run(run, check=True, capture_output=True)
    key.unlink()


@pytest.mark.engines("sqlite")
def test_a_key_on_a_device_seals_and_stays_there(
    app: Flask, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tokens").mkdir()
    (conf := tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(conf))
    module = next(one for one in MODULES if one.exists())
    values = {"seal_pkcs11_module": str(module), "seal_pkcs11_token": "essai", "seal_pkcs11_pin": SecretStr(PIN)}
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=values)
    chain = make_chain(private=ec.generate_private_key(ec.SECP256R1()))
    token_with(chain, tmp_path, "sceau")
    actor, body = actor_of(session, make_user(session)), make_certifying_body(session)
    pem = "".join(authority.pem_of(one) for one in (chain.certificate, *chain.above))
    with pytest.raises(Unavailable, match="autre nom"):
        services.declare_device_key(session, actor, body, certificates=pem, device_label="autre nom")
    other = make_chain(private=ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(Invalid, match="ne tient pas"):
        services.declare_device_key(
            session, actor, body, certificates=authority.pem_of(other.certificate), device_label="sceau"
        )
    key = services.declare_device_key(session, actor, body, certificates=pem, device_label="sceau")
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
