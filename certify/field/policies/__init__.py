"""Pure rules of the field: how what a device sent is read, and what may be merged without asking anybody."""

from certify.field.policies.merging import Merged, Said, Sheet, merge
from certify.field.policies.payloads import (
    Choice,
    Resolution,
    Sent,
    content_from,
    raw_content,
    resolution_from,
    sent_from,
    sheets_from,
)

__all__ = [
    "Choice",
    "Merged",
    "Resolution",
    "Said",
    "Sent",
    "Sheet",
    "content_from",
    "merge",
    "raw_content",
    "resolution_from",
    "sent_from",
    "sheets_from",
]
