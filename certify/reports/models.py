"""Files made on demand by a job: tables, a trainee's whole file, the proofs of a cohort."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.types import EnumText, UTCDateTime


class ExportKind(StrEnum):
    """What is made."""

    HEAT_MAP = "heat_map"
    TRAINEE_PDF = "trainee_pdf"
    TRAINEE_ZIP = "trainee_zip"
    PROOFS = "proofs"
    CERTIFICATES = "certificates"
    REGISTER = "register"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _KINDS[self]


_KINDS = {
    ExportKind.HEAT_MAP: _l("Tableau de la promotion (XLSX)"),
    ExportKind.TRAINEE_PDF: _l("Dossier complet (PDF)"),
    ExportKind.TRAINEE_ZIP: _l("Dossier complet avec ses fichiers (ZIP)"),
    ExportKind.PROOFS: _l("Preuves Qualiopi de la promotion (ZIP)"),
    ExportKind.CERTIFICATES: _l("Certificats d’une session de jury (ZIP)"),
    ExportKind.REGISTER: _l("Registre des certificats (XLSX)"),
}


class ExportState(StrEnum):
    """How far the job has got."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"
    """The bytes were removed; the row says that it was made."""


class Export(Identified, Base):
    """One file asked for by one person; only they may fetch it, while they may still read what is in it."""

    __tablename__ = "export"
    __table_args__ = (Index(None, "requested_by_id", "created_at"),)

    kind: Mapped[ExportKind] = mapped_column(EnumText(ExportKind))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    requested_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    subject_id: Mapped[uuid.UUID] = mapped_column()
    """The cohort or the enrolment; the jury's session for its certificates, the body for its register."""
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Language, filters."""
    state: Mapped[ExportState] = mapped_column(EnumText(ExportState), default=ExportState.QUEUED)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(200))
    filename: Mapped[str] = mapped_column(String(160))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(default=0)
    storage_key: Mapped[str] = mapped_column(String(120), default="")
    error: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
