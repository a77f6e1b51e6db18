"""Every setting of the application, read from `CERTIFY_*` variables and checked when it starts."""

import secrets
from pathlib import Path
from typing import Literal, Self

from cryptography.x509 import load_pem_x509_certificates
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_MIB = 1024 * 1024


class Settings(BaseSettings):
    """The whole configuration; frozen, so that nothing drifts while the application runs."""

    model_config = SettingsConfigDict(env_prefix="CERTIFY_", frozen=True, extra="ignore")

    env: Literal["development", "test", "production"] = Field(
        "development", description="Where this runs; production refuses insecure defaults."
    )
    data_dir: Path = Field(Path("var"), description="Folder of the embedded default: database, files, keys, queue.")
    database_url: str = Field(
        "", description="SQLAlchemy address of the database; empty means SQLite in the data folder."
    )
    files_url: str = Field(
        "", description="Object store: empty means a folder; s3://bucket?endpoint=…&region=… means S3."
    )
    queue_url: str = Field(
        "", description="Job queue: empty means SQLite in the data folder; postgresql://… or redis://… also work."
    )
    public_url: str = Field("http://127.0.0.1:8000", description="Address people type; used in mails and QR codes.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs sessions and links; made and kept in the data folder when empty, compulsory in production.",
    )
    password_salt: SecretStr = Field(
        SecretStr(""),
        description="Salt of signed links; made and kept in the data folder when empty, compulsory in production.",
    )
    keys_secret: SecretStr = Field(
        SecretStr(""), description="Encrypts signing keys and sensitive columns at rest; compulsory in production."
    )

    smtp_host: str = Field("", description="Mail server; empty in development shows mails on the mailbox page instead.")
    smtp_port: int = Field(587, description="Port of the mail server.")
    smtp_user: str = Field("", description="Account on the mail server.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password on the mail server.")
    smtp_starttls: bool = Field(True, description="Encrypt the connection to the mail server.")
    mail_sender: str = Field("certify <ne-pas-repondre@certify.invalid>", description="Sender of every mail.")
    mail_mailbox: bool | None = Field(
        None, description="Show mails on a page instead of sending; by default outside production only."
    )

    require_second_factor: bool = Field(True, description="Registrars and jury presidents must use a second factor.")
    demo_second_factor: bool = Field(
        False, description="Demonstration accounts must use a second factor too; in production they always do."
    )
    failed_sign_ins_before_delay: int = Field(
        5, ge=1, description="Failed sign-ins, per account or address, before answers are delayed."
    )
    failed_sign_ins_window_minutes: int = Field(15, ge=1, description="Time after which failed sign-ins are forgotten.")
    session_days: int = Field(14, ge=1, description="How long a sign-in lasts without use.")
    invitation_days: int = Field(14, ge=1, description="How long an invitation link works.")
    observation_days: int = Field(
        21, ge=1, le=365, description="How long the link of an observation request works, without an account."
    )

    upload_max_bytes: int = Field(
        20 * _MIB, ge=1024, description="Largest accepted photo or document, and file sent in one go."
    )
    media_max_bytes: int = Field(
        500_000_000,
        ge=1024,
        description="Largest accepted sound or video, sent in pieces; an antivirus must accept streams of that size.",
    )
    evidence_quota_bytes: int = Field(2_000_000_000, ge=1024, description="What the files of one trainee may weigh.")
    upload_days: int = Field(7, ge=1, description="How long a file sent in pieces may be resumed.")
    request_max_bytes: int = Field(
        80 * _MIB, ge=1024, description="Largest request read at all; above, the connection is refused."
    )
    image_max_pixels: int = Field(60_000_000, ge=1, description="Largest picture decoded.")
    clamd_url: str = Field(
        "",
        description="Antivirus: tcp://host:3310 or unix:///path; empty means no scan, said on the administration page.",
    )

    pdf_timeout_seconds: int = Field(60, ge=1, description="A document that takes longer is stopped.")
    pdf_memory_bytes: int = Field(1536 * _MIB, ge=64 * _MIB, description="Memory a document may use.")
    seal_years: int = Field(
        10, ge=1, le=20, description="How long the sealing certificates made by this installation last."
    )
    seal_timestamp_url: str = Field(
        "", description="Time-stamping service (RFC 3161) asked at each seal; empty seals without a time-stamp."
    )
    seal_timestamp_roots: Path | None = Field(
        None, description="Certificates (PEM) that the tokens of the time-stamping service hang from; it needs them."
    )
    seal_timestamp_seconds: int = Field(10, ge=1, le=60, description="A time-stamp that takes longer is given up.")
    seal_pkcs11_module: str = Field("", description="Library (PKCS#11) of the device that holds sealing keys, if any.")
    seal_pkcs11_token: str = Field("", description="Label of the token on that device.")
    seal_pkcs11_pin: SecretStr = Field(SecretStr(""), description="What opens the token.")
    cpf_xsd_112: Path | None = Field(
        None,
        description="Schema 1.1.2 (XSD) of the deposits at the Caisse des Dépôts, which each file is checked with.",
    )
    cpf_xsd_115: Path | None = Field(
        None, description="Schema 1.1.5 (XSD) of the same deposits, from the kit of the portal for certifiers."
    )
    nir_days: int = Field(
        90, ge=0, le=3650, description="Days a registration number (NIR) is kept once its holder is declared."
    )
    job_max_attempts: int = Field(8, ge=1, description="Tries of a job before it is shown as failed.")
    job_claim_seconds: int = Field(
        120, ge=1, description="Time a worker has to prepare a slow job before another may take it up."
    )
    lti_allow_insecure: bool = Field(
        False,
        description="Learning platforms on plain http, loopback or private addresses are allowed; development only.",
    )
    lti_session_hours: int = Field(8, ge=1, description="How long a visit from a learning platform lasts without use.")
    lti_invitation_days: int = Field(14, ge=1, description="How long a link that registers a learning platform works.")
    trusted_proxies: int = Field(0, ge=0, description="Reverse proxies in front, whose forwarded headers are believed.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least serious log line written."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token asked at /metrics; empty opens it outside production only."
    )

    @model_validator(mode="after")
    def _refuse_insecure_production(self) -> Self:
        if self.env != "production":
            return self
        missing = [
            name
            for name in ("secret_key", "password_salt", "keys_secret", "metrics_token")
            if not getattr(self, name).get_secret_value()
        ]
        if not self.smtp_host and not self.mail_mailbox:
            missing.append("smtp_host")
        if not self.public_url.startswith("https://"):
            missing.append("public_url (https://…)")
        if self.lti_allow_insecure:
            raise ValueError("en production, CERTIFY_LTI_ALLOW_INSECURE doit rester absent")
        if missing:
            names = ", ".join(
                "CERTIFY_" + name.upper() if "(" not in name else "CERTIFY_PUBLIC_URL (https://…)" for name in missing
            )
            raise ValueError(f"en production, il manque : {names}")
        return self

    @model_validator(mode="after")
    def _refuse_time_stamps_nobody_could_check(self) -> Self:
        if self.seal_timestamp_url and self.seal_timestamp_roots is None:
            raise ValueError(
                "avec CERTIFY_SEAL_TIMESTAMP_URL, il manque CERTIFY_SEAL_TIMESTAMP_ROOTS : sans les certificats du "
                "service d’horodatage, aucun sceau ne pourrait être vérifié"
            )
        if self.seal_timestamp_roots is not None:
            try:
                load_pem_x509_certificates(self.seal_timestamp_roots.read_bytes())
            except (OSError, ValueError) as error:
                raise ValueError(
                    f"CERTIFY_SEAL_TIMESTAMP_ROOTS : « {self.seal_timestamp_roots} » ne se lit pas, ou ne contient "
                    "aucun certificat au format PEM"
                ) from error
        return self

    @property
    def shows_mailbox(self) -> bool:
        """Whether mails go to the mailbox page rather than to a mail server."""
        return self.mail_mailbox if self.mail_mailbox is not None else self.env != "production" and not self.smtp_host

    @property
    def effective_database_url(self) -> str:
        """Address of the database in use."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'certify.sqlite3'}"

    @property
    def effective_queue_url(self) -> str:
        """Address of the job queue in use."""
        return self.queue_url or f"sqlite:///{self.data_dir.resolve() / 'queue.sqlite3'}"

    @property
    def effective_files_url(self) -> str:
        """Address of the object store in use."""
        return self.files_url or f"file://{self.data_dir.resolve() / 'files'}"

    @property
    def spares_demo_accounts(self) -> bool:
        """Whether demonstration accounts do without the second factor that their role asks for."""
        return self.env != "production" and not self.demo_second_factor

    def asks_second_factor(self, is_demo: bool) -> bool:
        """Whether a role that needs a second factor is held to it, by a demonstration account or by another."""
        return self.require_second_factor and not (is_demo and self.spares_demo_accounts)

    def secret(self, name: Literal["secret_key", "password_salt", "keys_secret"]) -> str:
        """Return a secret, from the environment or, outside production, made once in the data folder."""
        given: str = getattr(self, name).get_secret_value()
        return given or _kept_secret(self.data_dir / "secrets" / name)


def _kept_secret(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # Exclusive creation: two processes starting together must agree on one secret.
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")
