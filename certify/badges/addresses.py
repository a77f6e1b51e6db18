"""Where an organisation publishes what its badges refer to; its identifier in addresses is no name, so none changes."""

import uuid
from dataclasses import dataclass
from urllib.parse import quote, urlsplit


@dataclass(frozen=True)
class Publisher:
    """The public addresses of one organisation, and the identifier (did:web) they make."""

    public_url: str
    organisation_id: uuid.UUID

    @property
    def base(self) -> str:
        """Address of the organisation's public page."""
        return f"{self.public_url.rstrip('/')}/o/{self.organisation_id.hex}"

    @property
    def did(self) -> str:
        """Identifier of the issuer: its document is at `base`/did.json (did:web method, section 3.2)."""
        parts = urlsplit(self.base)
        names = [parts.netloc, *(part for part in parts.path.split("/") if part)]
        return "did:web:" + ":".join(quote(name, safe="") for name in names)

    def method(self, key: str) -> str:
        """Name of a key, as signatures quote it."""
        return f"{self.did}#{key}"

    def achievement(self, slug: str) -> str:
        """Address of an achievement."""
        return f"{self.base}/achievements/{slug}"

    def picture(self, slug: str) -> str:
        """Address of the picture of an achievement."""
        return f"{self.achievement(slug)}.png"

    def status(self, number: int, purpose: str, form: str) -> str:
        """Address of a status list, in one securing format."""
        return f"{self.base}/status/{number}/{purpose}.{form}"

    def badge(self, badge_id: uuid.UUID) -> str:
        """Address of a badge, for as long as its holder publishes it."""
        return f"{self.base}/badges/{badge_id.hex}"
