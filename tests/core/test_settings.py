"""Settings are refused at start when they are not safe, and the refusal says which."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from certify.settings import Settings

PRODUCTION = {
    "env": "production",
    "secret_key": "s",
    "password_salt": "p",
    "keys_secret": "k",
    "metrics_token": "m",
    "smtp_host": "mail.exemple.test",
    "public_url": "https://certify.exemple.test",
}


def test_a_complete_production_is_accepted() -> None:
    assert Settings(**PRODUCTION).env == "production"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "missing", ["secret_key", "password_salt", "keys_secret", "metrics_token", "smtp_host", "public_url"]
)
def test_production_refuses_to_start_without_a_secret_and_names_it(missing: str) -> None:
    values = {key: value for key, value in PRODUCTION.items() if key != missing}
    with pytest.raises(ValidationError, match=f"CERTIFY_{missing.upper()}"):
        Settings(**values)  # type: ignore[arg-type]


def test_production_refuses_an_address_without_encryption() -> None:
    with pytest.raises(ValidationError, match="CERTIFY_PUBLIC_URL"):
        Settings(**PRODUCTION | {"public_url": "http://certify.exemple.test"})  # type: ignore[arg-type]


def test_production_refuses_platforms_in_clear() -> None:
    with pytest.raises(ValidationError, match="CERTIFY_LTI_ALLOW_INSECURE"):
        Settings(**PRODUCTION | {"lti_allow_insecure": True})  # type: ignore[arg-type]


def test_outside_production_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    first = Settings(data_dir=tmp_path).secret("secret_key")
    assert len(first) >= 32
    assert Settings(data_dir=tmp_path).secret("secret_key") == first
    assert (tmp_path / "secrets" / "secret_key").stat().st_mode & 0o077 == 0


def test_settings_do_not_change_while_running(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(ValidationError):
        settings.env = "production"


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_no_secret_shows_when_settings_are_printed() -> None:
    assert "s3cr3t" not in repr(Settings(secret_key="s3cr3t", smtp_password="s3cr3t"))  # type: ignore[arg-type]
