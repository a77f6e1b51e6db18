"""What an organisation sets of the documents it issues: texts, pictures, colours; never HTML."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.sealing import always
from certify.core.types import UTCDateTime


class DocumentSettings(Identified, Base):
    """One saved version of the fields of a template; what is issued names the version it was printed with."""

    __tablename__ = "certificate_document_settings"
    __table_args__ = (UniqueConstraint("organisation_id", "template", "number"),)
    __sealed_when__ = staticmethod(always)

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    template: Mapped[str] = mapped_column(String(40))
    """Folder of `templates/documents`."""
    number: Mapped[int]
    """1, 2…: the last one is in force."""
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Values of the fields that the template's folder declares: texts, colours, keys of pictures in the store."""
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
