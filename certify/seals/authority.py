"""X.509 certificates made here: the installation's own authority, and the sealing certificates it gives bodies."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certify.core import clock

_AUTHORITY_YEARS = 30
_YEAR = timedelta(days=365)
_LONGEST_NAME = 64
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""RFC 9336."""


@dataclass(frozen=True)
class Made:
    """A certificate and the key it speaks for."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey

    @property
    def secret(self) -> bytes:
        """The private key, PKCS#8, to be encrypted before it is kept."""
        return self.private_key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def make_authority(name: str) -> Made:
    """Make an authority that signs sealing certificates, and nothing below another authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name, name, "Autorité de sceau")
    builder = _builder(subject, subject, key.public_key(), _AUTHORITY_YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    return Made(builder.sign(key, hashes.SHA256()), key)


def make_sealing_certificate(authority: Made, organisation: str, years: int) -> Made:
    """Make the key of an organisation's seal, and its certificate under the installation's authority.

    NSS, which poppler asks, does not take a certificate for documents alone (RFC 9336): it must be good for mail too.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    builder = _builder(_name(organisation, organisation, "Sceau électronique"), issuer.subject, key.public_key(), years)
    if issuer.not_valid_after_utc < clock.now() + years * _YEAR:
        builder = builder.not_valid_after(issuer.not_valid_after_utc)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    uses = x509.ExtendedKeyUsage([_DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION])
    builder = builder.add_extension(uses, critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private_key.public_key())
    return Made(builder.add_extension(identifier, critical=False).sign(authority.private_key, hashes.SHA256()), key)


def pem_of(certificate: x509.Certificate) -> str:
    """Return a certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def common_name(certificate: x509.Certificate) -> str:
    """Return who a certificate speaks for, to show."""
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        if found := certificate.subject.get_attributes_for_oid(kind):
            return str(found[0].value)
    return certificate.subject.rfc4514_string()


def _name(organisation: str, common: str, unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _shortened(organisation)),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, _shortened(common)),
        ]
    )


def _shortened(name: str) -> str:
    # X.520 gives these attributes 64 characters; what reads them counts bytes, and an accented letter takes two.
    return name.encode()[:_LONGEST_NAME].decode(errors="ignore").strip()


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, years: int
) -> x509.CertificateBuilder:
    moment: datetime = clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        # A minute earlier: the clocks of two machines never agree.
        .not_valid_before(moment - timedelta(minutes=1))
        .not_valid_after(moment + years * _YEAR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, content_commitment=not signs_certificates, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
