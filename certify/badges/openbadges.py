"""The one module that knows openbadgeslib: credentials, proofs, status lists, baked pictures.

Nothing here fetches anything: the contexts are those the library ships, any other is refused.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from openbadgeslib import baking
from openbadgeslib.ob3 import (
    Achievement,
    Alignment,
    IdentityObject,
    Issuer,
    OB3LdpSigner,
    OpenBadgeCredential,
    add_data_integrity_proof,
    build_status_list_credential,
    multikey_from_pem,
    status_entry,
)
from openbadgeslib.ob3.credential import OB3_CONTEXT

ALGORITHM = "RS256"
"""The only algorithm every validator takes (Open Badges 3.0, section 8.2)."""
_CONTEXTS = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/suites/jws-2020/v1",
    "https://w3id.org/security/multikey/v1",
]


@dataclass(frozen=True)
class Signer:
    """The two keys of an issuer, already read, with the names signatures quote."""

    rsa: RSAPrivateKey
    rsa_method: str
    ed25519: Ed25519PrivateKey
    ed25519_method: str


@dataclass(frozen=True)
class Person:
    """Whom a badge is about: an identifier of this badge only, a name, an address only as a salted digest."""

    subject_id: str
    name: str
    email: str
    salt: str


@dataclass(frozen=True)
class Status:
    """Where the bit of a badge stands, for one purpose, in the list of each securing format."""

    purpose: str
    index: int
    addresses: Mapping[str, str]
    """By format: `jwt` and `json`."""


@dataclass(frozen=True)
class Claim:
    """Everything a badge says."""

    badge_id: str
    issuer: Mapping[str, str]
    """id, name and url."""
    name: str
    person: Person
    achievement: Mapping[str, Any]
    """The document of the achievement, as it was frozen."""
    issued_at: datetime
    valid_until: datetime | None
    statuses: Sequence[Status]


@dataclass(frozen=True)
class SignedBadge:
    """One badge, in both forms."""

    jwt: str
    document: dict[str, Any]


def sign(claim: Claim, signer: Signer) -> SignedBadge:
    """Sign a badge as VC-JWT (RS256) and with a Data Integrity proof (eddsa-rdfc-2022): the same facts, twice.

    Signed again with the same keys it is the same, to the byte.
    """
    token = _token(_credential(claim, "jwt").to_jwt_payload(), signer)
    proof = OB3LdpSigner(signer.ed25519, signer.ed25519_method)
    return SignedBadge(token, proof.sign(_credential(claim, "json"), created=claim.issued_at))


def _token(payload: Mapping[str, Any], signer: Signer) -> str:
    # The header of Open Badges 3.0, section 8.2.3: a key by name, "JWT", nothing else.
    headers = {"kid": signer.rsa_method, "typ": "JWT"}
    return jwt.encode(dict(payload), signer.rsa, algorithm=ALGORITHM, headers=headers)


def _credential(claim: Claim, form: str) -> OpenBadgeCredential:
    person = claim.person
    known_by = [IdentityObject(identity_hash=person.name, identity_type="ext:name", hashed=False)]
    if person.email:
        known_by.append(IdentityObject.create(person.email.lower(), person.salt))
    return OpenBadgeCredential(
        issuer=Issuer(id=claim.issuer["id"], name=claim.issuer["name"], url=claim.issuer["url"]),
        recipient_id=person.subject_id, achievement=_achievement(claim.achievement), id=claim.badge_id,
        name=claim.name, issuance_date=claim.issued_at, expiration_date=claim.valid_until, identifiers=known_by,
        credential_status=[status_entry(one.addresses[form], one.purpose, one.index) for one in claim.statuses],
    )  # fmt: skip


def achievement_document(
    *, creator: Mapping[str, str], address: str, picture: str, name: str, description: str, criteria: str, kind: str,
    tags: Sequence[str], alignments: Sequence[Mapping[str, str]],
) -> dict[str, Any]:  # fmt: skip
    """Return the document of an achievement; `alignments` have a code, name, address and framework."""
    found = [
        Alignment(one["name"], one["address"], target_framework=one["framework"], target_code=one["code"])
        for one in alignments
    ]
    achievement = Achievement(
        id=address, name=name, description=description, criteria_narrative=criteria, image_url=picture,
        tags=list(tags), achievement_type=kind, alignments=found,
    )  # fmt: skip
    # The library has no word for who made it.
    return {**achievement.to_dict(), "creator": {"type": ["Profile"], **creator}}


def _achievement(document: Mapping[str, Any]) -> Achievement:
    return Achievement(
        id=document["id"], name=document["name"], description=document["description"],
        criteria_narrative=document["criteria"]["narrative"], image_url=document["image"]["id"],
        tags=list(document.get("tag", [])), achievement_type=document["achievementType"],
        alignments=[Alignment.from_dict(one) for one in document.get("alignment", [])],
    )  # fmt: skip


def linked_data(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a frozen achievement as it is published alone, with its contexts."""
    return {"@context": OB3_CONTEXT[:2], **document}


def baked(picture: bytes, document: Mapping[str, Any]) -> bytes:
    """Return a PNG that carries a badge (Open Badges 3.0, section 5.3.1.1)."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=True)
    return bytes(baking.bake_png(picture, text, keyword=baking.ITXT_KEYWORD_OB3))


def carried(picture: bytes) -> dict[str, Any] | None:
    """Return the badge a PNG carries, not verified; none when it carries none."""
    text = baking.extract_png(picture, keyword=baking.ITXT_KEYWORD_OB3)
    return dict(json.loads(text)) if text else None


def status_list(
    signer: Signer, *, issuer: str, address: str, purpose: str, form: str, indexes: Collection[int], length: int,
    at: datetime, until: datetime, ttl_seconds: int,
) -> str:  # fmt: skip
    """Return a signed list of bits, in one securing format (W3C Bitstring Status List 1.0)."""
    document = build_status_list_credential(
        issuer, address, purpose, sorted(indexes), length, issued=at, valid_until=until, ttl=ttl_seconds * 1000
    )
    if form == "jwt":
        claims = {"iss": issuer, "sub": f"{address}#list", "jti": address, "nbf": int(at.timestamp())}
        return _token({**document, **claims, "exp": int(until.timestamp())}, signer)
    signed = add_data_integrity_proof(document, signer.ed25519, signer.ed25519_method, created=at)
    return json.dumps(signed, sort_keys=True, ensure_ascii=False)


def multikey(jwk: Mapping[str, Any]) -> str:
    """Return an Ed25519 public key the way Data Integrity writes it (`z6Mk…`)."""
    public = jwt.PyJWK({**jwk}).key
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return str(multikey_from_pem(pem))


def did_document(did: str, keys: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return the document of an issuer: every key it ever signed with, by name; the first is the current one.

    Each key has the form its verifiers read: JsonWebKey2020 for RSA, Multikey for Ed25519.
    """
    methods: list[dict[str, Any]] = []
    for method, jwk in keys:
        if jwk["kty"] == "RSA":
            form: dict[str, Any] = {"type": "JsonWebKey2020", "publicKeyJwk": dict(jwk)}
        else:
            form = {"type": "Multikey", "publicKeyMultibase": multikey(jwk)}
        methods.append({"id": method, "controller": did, **form})
    return {
        "@context": _CONTEXTS,
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }
