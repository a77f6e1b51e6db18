import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from openbadgeslib.ob3 import OB3LdpVerifier, OB3VerificationError, OB3Verifier, multikey_from_pem

from certify.badges import contents, keyring, openbadges, pictures
from certify.badges.addresses import Publisher
from certify.badges.keyring import NewKey
from certify.badges.openbadges import Claim, Person, SignedBadge, Signer, Status
from certify.certificates.queries import CertificateKind
from certify.core.types import new_id

PUBLISHER = Publisher("https://certify.example/app/", new_id())
ISSUED = datetime(2026, 6, 12, 8, 30, tzinfo=UTC)


@cache
def pair() -> tuple[list[NewKey], Signer]:
    made = keyring.new_pair()
    secrets = [serialization.load_der_private_key(key.secret, None) for key in made]
    return made, Signer(secrets[0], PUBLISHER.method("rsa-1"), secrets[1], PUBLISHER.method("ed25519-1"))


def claim(**changes: Any) -> Claim:
    document = openbadges.achievement_document(
        creator={"id": PUBLISHER.did, "name": "Certificateur A"}, address=PUBLISHER.achievement("fac-1"),
        picture=PUBLISHER.picture("fac-1"), name="Facilitateur·rice", description="Délivré par un jury.",
        criteria="Chaque bloc.", kind="Certification", tags=[],
        alignments=[{"code": "1", "name": "Bloc 1", "address": PUBLISHER.base + "#1", "framework": "FAC 1"}],
    )  # fmt: skip
    made = Claim(
        badge_id=new_id().urn, issuer={"id": PUBLISHER.did, "name": "Certificateur A", "url": PUBLISHER.base},
        name="Facilitateur·rice", person=Person(new_id().urn, "Émile L’Œuvre-Nguyễn", "Stagiaire@exemple.test", "sel"),
        achievement=document, issued_at=ISSUED, valid_until=None,
        statuses=[
            Status(purpose, 4242, {form: PUBLISHER.status(1, purpose, form) for form in ("jwt", "json")})
            for purpose in ("revocation", "suspension")
        ],
    )  # fmt: skip
    return replace(made, **changes)


def published(bits: dict[str, list[int]]) -> Any:
    """Return what fetches the issuer's document and its lists."""
    made, signer = pair()
    names = [(PUBLISHER.method(name), key.public_jwk) for name, key in zip(("rsa-1", "ed25519-1"), made, strict=True)]
    served = {f"{PUBLISHER.base}/did.json": json.dumps(openbadges.did_document(PUBLISHER.did, names))}
    now = datetime.now(UTC).replace(microsecond=0)
    for purpose, indexes in bits.items():
        for form in ("jwt", "json"):
            address = PUBLISHER.status(1, purpose, form)
            served[address] = openbadges.status_list(
                signer, issuer=PUBLISHER.did, address=address, purpose=purpose, form=form, indexes=indexes,
                length=131_072, at=now, until=now.replace(year=now.year + 1), ttl_seconds=300,
            )  # fmt: skip
    return lambda address: served[address].encode()


def check_both_forms(badge: SignedBadge, bits: dict[str, list[int]]) -> None:
    """Verify both forms with their status."""
    download = published(bits)
    OB3Verifier.for_issuer_did(PUBLISHER.did, download=download).verify(badge.jwt, check_status=True, download=download)
    OB3LdpVerifier.for_issuer_did(PUBLISHER.did).verify(
        badge.document, check_status=True, download=download, verify_status_list=False
    )


NOTHING: dict[str, list[int]] = {"revocation": [], "suspension": []}


def test_a_signed_badge_is_verified_in_both_forms() -> None:
    check_both_forms(openbadges.sign(claim(), pair()[1]), {"revocation": [1, 4243], "suspension": [4241]})


@pytest.mark.parametrize("purpose", ["revocation", "suspension"])
def test_a_badge_whose_bit_is_set_is_refused_in_both_forms(purpose: str) -> None:
    badge = openbadges.sign(claim(), pair()[1])
    download = published({**NOTHING, purpose: [4242]})
    with pytest.raises(OB3VerificationError, match=purpose):
        OB3Verifier.for_issuer_did(PUBLISHER.did, download=download).verify(
            badge.jwt, check_status=True, download=download
        )
    with pytest.raises(OB3VerificationError, match=purpose):
        OB3LdpVerifier.for_issuer_did(PUBLISHER.did).verify(
            badge.document, check_status=True, download=download, verify_status_list=False
        )


def test_both_forms_say_the_same_and_each_points_at_the_list_of_its_own_format() -> None:
    badge = openbadges.sign(claim(), pair()[1])
    payload = jwt.decode(badge.jwt, options={"verify_signature": False})
    registered = {name: payload.pop(name) for name in ("iss", "sub", "jti", "nbf")}
    document = {name: value for name, value in badge.document.items() if name != "proof"}
    lists = [one.pop("credentialStatus") for one in (payload, document)]
    assert payload == document
    assert registered == {
        "iss": PUBLISHER.did, "sub": document["credentialSubject"]["id"], "jti": document["id"],
        "nbf": int(ISSUED.timestamp()),
    }  # fmt: skip
    assert [[one["statusListCredential"].rpartition(".")[2] for one in found] for found in lists] == [
        ["jwt", "jwt"], ["json", "json"],
    ]  # fmt: skip
    assert {one["statusListIndex"] for found in lists for one in found} == {"4242"}


def test_the_token_names_its_key_and_nothing_else() -> None:
    header = jwt.get_unverified_header(openbadges.sign(claim(), pair()[1]).jwt)
    assert header == {"alg": "RS256", "typ": "JWT", "kid": PUBLISHER.method("rsa-1")}


def test_a_badge_signed_again_is_the_same_to_the_byte() -> None:
    wanted = claim()
    assert openbadges.sign(wanted, pair()[1]) == openbadges.sign(wanted, pair()[1])


def test_an_end_of_validity_is_told_in_both_forms() -> None:
    end = datetime(2029, 6, 12, 21, 59, 59, tzinfo=UTC)
    badge = openbadges.sign(claim(valid_until=end), pair()[1])
    assert badge.document["validUntil"] == "2029-06-12T21:59:59Z"
    assert jwt.decode(badge.jwt, options={"verify_signature": False, "verify_exp": False})["exp"] == int(
        end.timestamp()
    )


def test_the_address_of_the_holder_is_only_a_digest_and_their_name_is_whole() -> None:
    badge = openbadges.sign(claim(), pair()[1])
    text = json.dumps(badge.document, ensure_ascii=False)
    assert "exemple.test" not in text.lower()
    assert "Émile L’Œuvre-Nguyễn" in text
    kinds = {one["identityType"]: one["hashed"] for one in badge.document["credentialSubject"]["identifier"]}
    assert kinds == {"ext:name": False, "emailAddress": True}


def test_a_holder_without_address_has_none_in_the_badge() -> None:
    badge = openbadges.sign(claim(person=Person(new_id().urn, "Stagiaire 03", "", "sel")), pair()[1])
    assert [one["identityType"] for one in badge.document["credentialSubject"]["identifier"]] == ["ext:name"]


def changed(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give what somebody could change in a badge."""
    subject, achievement = document["credentialSubject"], document["credentialSubject"]["achievement"]
    yield "name", {**document, "name": "Autre"}
    yield "issuer", {**document, "issuer": {**document["issuer"], "name": "Autre"}}
    yield "subject", {**document, "credentialSubject": {**subject, "id": new_id().urn}}
    yield (
        "achievement",
        {**document, "credentialSubject": {**subject, "achievement": {**achievement, "name": "Autre"}}},
    )
    yield "status", {name: value for name, value in document.items() if name != "credentialStatus"}
    yield "end", {**document, "validUntil": "2099-01-01T00:00:00Z"}
    yield "context", {**document, "@context": [*document["@context"], "https://elsewhere.example/context"]}
    yield "key", {**document, "proof": {**document["proof"], "verificationMethod": "did:web:elsewhere.example#k"}}


def test_whatever_is_changed_in_a_badge_is_noticed_and_no_other_address_is_asked() -> None:
    badge = openbadges.sign(claim(), pair()[1])
    accepted, asked = [], []
    ours = published(NOTHING)

    def download(address: str) -> bytes:
        asked.append(address)
        return bytes(ours(address))

    for name, document in changed(badge.document):
        try:
            OB3LdpVerifier.for_issuer_did(PUBLISHER.did).verify(document, download=download)
            accepted.append(name)
        except OB3VerificationError:
            continue
    assert accepted == []
    assert set(asked) <= {f"{PUBLISHER.base}/did.json"}


def test_the_issuer_s_document_gives_each_key_the_form_its_verifiers_read() -> None:
    made, signer = pair()
    names = [(PUBLISHER.method(name), key.public_jwk) for name, key in zip(("rsa-1", "ed25519-1"), made, strict=True)]
    document = openbadges.did_document(PUBLISHER.did, names)
    rsa, ed25519 = document["verificationMethod"]
    assert document["assertionMethod"] == [rsa["id"], ed25519["id"]]
    assert (rsa["type"], rsa["publicKeyJwk"]) == ("JsonWebKey2020", made[0].public_jwk)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = signer.ed25519.public_key().public_bytes(serialization.Encoding.PEM, form)
    assert (ed25519["type"], ed25519["publicKeyMultibase"]) == ("Multikey", multikey_from_pem(pem))
    assert ed25519["publicKeyMultibase"].startswith("z6Mk")
    assert not [name for key in made for name in ("d", "p", "q") if name in key.public_jwk]


def test_addresses_follow_the_installation_and_never_the_name_of_the_organisation() -> None:
    cases = {
        "https://certify.example": "did:web:certify.example:o:",
        "https://certify.example:8443/": "did:web:certify.example%3A8443:o:",
        "https://host.example/certify": "did:web:host.example:certify:o:",
        "http://127.0.0.1:8000": "did:web:127.0.0.1%3A8000:o:",
    }
    body = new_id()
    assert {url: Publisher(url, body).did for url in cases} == {url: start + body.hex for url, start in cases.items()}


def test_frameworks_of_the_same_code_and_version_name_two_achievements() -> None:
    blocks = [{"number": number} for number in range(1, 40)]
    slugs = [
        contents.slug_of({"framework": {"code": "FAC", "version": "1.0", "digest": digest}, "blocks": blocks}, kind)
        for kind in CertificateKind
        for digest in ("a1b2c3d4e5f6", "f6e5d4c3b2a1")
    ]
    assert slugs[:2] == ["fac-1.0-a1b2c3d4", "fac-1.0-f6e5d4c3"]
    assert slugs[2] != slugs[3]
    assert max(len(slug) for slug in slugs) <= 120


def test_a_picture_is_always_the_same_and_carries_its_badge() -> None:
    document = openbadges.sign(claim(), pair()[1]).document
    title = "Blocs 1, 2 et 4 de la certification « Facilitateur·rice de groupes »"
    picture = pictures.drawn(title, "Certificateur A")
    pictures.drawn.cache_clear()
    assert pictures.drawn(title, "Certificateur A") == picture
    assert openbadges.carried(picture) is None
    assert openbadges.carried(openbadges.baked(picture, document)) == document
    assert len(picture) < 60_000


@pytest.mark.parametrize("words", ["", "M" * 300, "Un mot " * 60, "王小明", "É" * 40, "Deux\nlignes\r\n", "\n"])
def test_any_title_makes_a_picture(words: str) -> None:
    assert pictures.drawn(words, words).startswith(b"\x89PNG")
