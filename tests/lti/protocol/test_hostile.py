"""Whatever a stranger sends: a value or a declared refusal, never another exception."""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from certify.lti.protocol import claims as claimed
from certify.lti.protocol import names, tokens
from certify.lti.protocol.deeplinks import settings_of
from certify.lti.protocol.discovery import (
    FAULTS,
    RegistrationRefused,
    check_configuration,
    read_answer,
    registration_request,
)
from certify.lti.protocol.errors import RULES, LaunchRefused
from tests.lti.protocol.messages import CLIENT, ISSUER, KID, NONCE, NOW, choosing, claims, key, key_for
from tests.lti.protocol.test_discovery import URL, document

TEXTS = st.text(alphabet=st.characters(categories=None)) | st.sampled_from(["\0", "\ud800", "", "$x", "https://a.fr"])
"""Texts with everything that JSON can escape, lone surrogates too."""
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
CLAIMS = sorted({value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)})
ABOUT = st.dictionaries(
    st.sampled_from(["product_family_code", "version", "messages_supported", "placements", "variables"]), ANY
)
SIGNED = tokens.sign(claims(), kid=KID, key=key())
PARTS = ("id", "title", "label", "scope", "lineitems", "lineitem", "context_memberships_url", "return_url", "user_id")
SETTINGS = ("deep_link_return_url", "accept_types", "accept_multiple", "accept_lineitem", "data", "title", "text")


def changed(whole: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return sound claims of which some became anything, in whole or in part."""
    inside = st.dictionaries(st.sampled_from((*PARTS, *SETTINGS)), ANY, max_size=5)
    return st.dictionaries(st.sampled_from(sorted(whole) + CLAIMS), ANY | inside, max_size=4).map(
        lambda changes: whole | changes
    )


def answer(act: Callable[..., Any], *given_values: Any, **named: Any) -> Any:
    """Return what was answered, or the refusal: one that can be kept and logged."""
    try:
        return act(*given_values, **named)
    except (LaunchRefused, RegistrationRefused) as refused:
        return sound(refused)


def sound(refused: LaunchRefused | RegistrationRefused) -> LaunchRefused | RegistrationRefused:
    """Return a refusal after a look at it."""
    assert refused.code in {*RULES, *FAULTS}
    assert is_kept(refused.detail)
    return refused


def is_kept(text: str) -> bool:
    """Tell whether a text can be kept in any database."""
    return "\0" not in text and text.encode("utf-8", "surrogatepass") == text.encode("utf-8", "replace")


@given(sent=st.binary(max_size=400))
def test_any_bytes_are_refused_as_a_token(sent: bytes) -> None:
    assert isinstance(answer(tokens.verify, sent.decode("latin-1"), key_for=key_for), LaunchRefused)


@given(
    sent=st.text(alphabet="abcXYZ019-_.=+/ ", max_size=60) | TEXTS,
    place=st.integers(0, 2),
    octets=st.binary(max_size=60),
)
def test_any_change_of_a_token_is_refused(sent: str, place: int, octets: bytes) -> None:
    parts = SIGNED.split(".")
    for part in (sent, parts[place] + sent, octets.decode("latin-1")):
        read = answer(tokens.verify, ".".join([*parts[:place], part, *parts[place + 1 :]]), key_for=key_for)

        assert isinstance(read, LaunchRefused) or read == claims(), "an unchanged meaning is all that may pass"


@given(header=st.dictionaries(st.sampled_from(["alg", "kid", "crit", "typ", "jwk"]), ANY))
def test_any_other_header_is_refused(header: dict[str, Any]) -> None:
    written = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    token = ".".join([written, *SIGNED.split(".")[1:]])

    assert isinstance(answer(tokens.verify, token, key_for=key_for), LaunchRefused)


@given(said=changed(claims()) | st.dictionaries(TEXTS, ANY))
@example(said=claims(aud=[CLIENT, [CLIENT]], exp=10**400))
def test_any_claims_are_checked(said: dict[str, Any]) -> None:
    expected = {"issuer": ISSUER, "client_id": CLIENT, "nonce_hash": tokens.digest(NONCE), "now": NOW}
    refused = answer(tokens.check, said, **expected, audiences={"b"})

    assert isinstance(refused, LaunchRefused) or (said["iss"], said["nonce"]) == (ISSUER, NONCE)


@given(said=changed(claims()) | changed(choosing()) | st.dictionaries(TEXTS, ANY))
def test_any_claims_are_read_into_what_can_be_kept(said: dict[str, Any]) -> None:
    message = answer(claimed.read, said)

    if not isinstance(message, LaunchRefused):
        kept = asdict(message) | {"deep_linking": None}
        assert is_kept(json.dumps(kept, ensure_ascii=False).replace("\\u0000", "\0"))
        assert max(map(len, (message.deployment_id, message.person.sub, message.person.email))) <= 255


@given(claim=ANY | st.dictionaries(st.sampled_from(SETTINGS), ANY))
def test_any_settings_of_deep_linking_are_read_or_refused(claim: Any) -> None:
    read = answer(settings_of, claim)

    assert isinstance(read, LaunchRefused) or (read.return_url.startswith("https://") and is_kept(read.title))


@given(
    said=st.dictionaries(st.sampled_from(sorted(document())), ANY | ABOUT, max_size=3).map(
        lambda changes: document() | changes
    )
    | ANY,
    url=TEXTS | st.just(URL),
)
def test_any_configuration_is_taken_or_refused(said: Any, url: str) -> None:
    read = answer(check_configuration, said, requested_url=url)

    if not isinstance(read, RegistrationRefused):
        assert is_kept("".join([read.product, read.version, read.token_audience, *read.scopes, *read.variables]))
        assert registration_request("https://certify.exemple.fr", "certify", read)["client_name"] == "certify"


@given(said=ANY | st.dictionaries(st.sampled_from(["client_id", names.TOOL_CONFIGURATION]), ANY))
def test_any_answer_to_a_registration_is_read_or_refused(said: Any) -> None:
    read = answer(read_answer, said)

    assert isinstance(read, RegistrationRefused) or (0 < len(read.client_id) <= 255 and is_kept(read.client_id))
