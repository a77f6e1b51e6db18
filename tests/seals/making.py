"""What the tests of seals make: a small PDF, and the keys of authorities that are not ours."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from pypdf import PdfWriter

PASSWORD = "mot de passe d’un fichier d’essai"
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Chain:
    """A sealing certificate of somebody else's authority, and its key."""

    private: Private
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...]

    def as_pkcs12(self, password: str = PASSWORD) -> bytes:
        """Return it as the file an authority delivers, its chain in no good order."""
        return pkcs12.serialize_key_and_certificates(
            b"sceau", self.private, self.certificate, list(reversed(self.above)),
            BestAvailableEncryption(password.encode()),
        )  # fmt: skip


def plain_pdf(pages: int = 1) -> bytes:
    """Make a PDF without a word."""
    writer, out = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(width=200, height=200)
    writer.write(out)
    return out.getvalue()


def make_chain(
    *,
    private: Private | None = None,
    days: int = 700,
    begins: int = -1,
    usage: bool | None = True,
    levels: int = 2,
    site: str = "",
) -> Chain:
    """Make a root, an authority below it, and a sealing certificate; `usage` says whether it is for non-repudiation."""
    private = private or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    above: list[tuple[x509.Certificate, ec.EllipticCurvePrivateKey]] = []
    for level in range(levels):
        key = ec.generate_private_key(ec.SECP384R1())
        above.append((_certificate(f"Autorité {level}", key, above[-1] if above else None, is_authority=True), key))
    certificate = _certificate(
        "Sceau acheté ailleurs", private, above[-1] if above else None, days=days, begins=begins, usage=usage,
        site=site,
    )  # fmt: skip
    return Chain(private, certificate, tuple(one for one, _key in reversed(above)))


def _certificate(
    name: str, private: Private, above: tuple[x509.Certificate, Private] | None, *, is_authority: bool = False,
    days: int = 3000, begins: int = -1, usage: bool | None = True, site: str = "",
) -> x509.Certificate:  # fmt: skip
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.now(UTC) + timedelta(days=begins)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(above[0].subject if above else subject)
    builder = builder.public_key(private.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=days))
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    if usage is not None:
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority, content_commitment=usage and not is_authority,
                key_encipherment=False, data_encipherment=False, key_agreement=False, key_cert_sign=is_authority,
                crl_sign=is_authority, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )  # fmt: skip
    if not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    if site:
        where = x509.UniformResourceIdentifier(site + "/liste.crl")
        lists = [x509.DistributionPoint([where], relative_name=None, reasons=None, crl_issuer=None)]
        builder = builder.add_extension(x509.CRLDistributionPoints(lists), critical=False)
        kinds = (AuthorityInformationAccessOID.OCSP, AuthorityInformationAccessOID.CA_ISSUERS)
        places = [x509.AccessDescription(kind, x509.UniformResourceIdentifier(f"{site}/autre")) for kind in kinds]
        builder = builder.add_extension(x509.AuthorityInformationAccess(places), critical=False)
    return builder.sign(above[1] if above else private, hashes.SHA256())
