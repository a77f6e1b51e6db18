"""The signer that pyHanko asks for raw signatures: certificates and key are read once."""

from collections.abc import Sequence
from typing import Any

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

_HASHES: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512,
}  # fmt: skip


class PreloadedSigner(Signer):
    """Signs with a key object that stays in memory (RSA PKCS#1 v1.5 or ECDSA)."""

    def __init__(
        self,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],
        private: RSAPrivateKey | EllipticCurvePrivateKey,
    ) -> None:
        self._private = private
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([certificate, *chain])
        super().__init__(signing_cert=certificate, cert_registry=store)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the raw signature."""
        algorithm: Any = _HASHES[digest_algorithm.lower()]()
        if isinstance(self._private, EllipticCurvePrivateKey):
            return self._private.sign(data, ECDSA(algorithm))
        return self._private.sign(data, PKCS1v15(), algorithm)
