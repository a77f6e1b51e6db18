"""The log of migrations."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.sealing import always
from certify.core.types import UTCDateTime


class Migration(Identified, Base):
    """An enrolment moved from one framework version to a later one."""

    __tablename__ = "enrolment_migration"
    __sealed_when__ = staticmethod(always)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    from_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    to_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_version.id"))
    reason: Mapped[str] = mapped_column(String(300))
    """Why, in the words of whoever moved it."""
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Counts shown in the preview: indicators kept, split, merged, dropped, added; evidence carried and left."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
