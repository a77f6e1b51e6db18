"""Deep linking: settings are read with patience, and the answer holds what the platform takes and no more."""

from typing import Any

import pytest

from certify.lti.protocol import names, tokens
from certify.lti.protocol.deeplinks import ColumnWanted, DeepLinkingSettings, Item, response, settings_of
from certify.lti.protocol.errors import LaunchRefused
from tests.lti.protocol.messages import CLIENT, ISSUER, KID, NOW, key, key_for

RETURN = f"{ISSUER}/retour?id=3"
LAUNCH = "https://certify.exemple.fr/lti/launch"
BOOK = Item("Carnet de bord", LAUNCH, {"certify_item": "a"}, text="Mon carnet")
GRADES = Item("Certification", LAUNCH, {"certify_item": "b"}, ColumnWanted("Certification", 100, "certify:whole", "b"))


def settings(**claim: Any) -> DeepLinkingSettings:
    return settings_of({"deep_link_return_url": RETURN, "accept_types": ["ltiResourceLink"]} | claim)


def answered(items: list[Item], read: DeepLinkingSettings, **words: str) -> dict[str, Any]:
    return response(
        items, read, issuer=ISSUER, client_id=CLIENT, deployment_id="1", now=NOW, nonce="a nonce of ours", **words
    )


def test_settings_are_read() -> None:
    read = settings(
        accept_multiple=True,
        accept_lineitem=True,
        accept_presentation_document_targets=["iframe", "window", 5],
        title="Titre",
        text="Texte",
        data=" données\0exactes ",
    )

    assert read == DeepLinkingSettings(
        RETURN, True, True, True, " données\0exactes ", "Titre", "Texte", ("iframe", "window")
    )


@pytest.mark.parametrize(
    ("flag", "several"),
    [(True, True), ("true", True), ("True", True), (False, False), ("false", False), (None, False), (1, False)],
)
def test_several_items_are_only_for_platforms_that_say_so(flag: Any, several: bool) -> None:
    assert settings(accept_multiple=flag).accepts_several is several
    assert settings().accepts_several is False


@pytest.mark.parametrize(("flag", "columns"), [(True, True), ("true", True), (False, False), ("false", False)])
def test_columns_are_for_every_platform_that_does_not_decline(flag: Any, columns: bool) -> None:
    assert settings(accept_lineitem=flag).accepts_columns is columns
    assert settings().accepts_columns is True


@pytest.mark.parametrize(
    ("types", "links"),
    [
        (["link", "ltiResourceLink"], True),
        (["link", "html"], False),
        ([], False),
        ([{"type": "ltiResourceLink"}], False),
        ("ltiResourceLink", True),
        ("link,ltiResourceLink", True),
        ("link", False),
        (None, True),
    ],
)
def test_whether_a_platform_takes_our_links_is_known(types: Any, links: bool) -> None:
    assert settings(accept_types=types).accepts_links is links


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        (None, "deep-linking-settings-missing"),
        ({}, "deep-linking-settings-missing"),
        ({"deep_link_return_url": "javascript:alert(1)"}, "deep-linking-settings-missing"),
        ("settings", "claims-malformed"),
        ({"deep_link_return_url": RETURN, "accept_types": 5}, "claims-malformed"),
        ({"deep_link_return_url": RETURN, "data": {"a": 1}}, "claims-malformed"),
        ({"deep_link_return_url": RETURN, "data": "\ud800"}, "claims-malformed"),
        ({"deep_link_return_url": RETURN, "data": "x" * 20_000}, "claims-malformed"),
    ],
)
def test_settings_without_a_way_back_are_refused(claim: Any, code: str) -> None:
    with pytest.raises(LaunchRefused) as caught:
        settings_of(claim)

    assert caught.value.code == code


def test_the_answer_is_from_us_to_the_platform_for_five_minutes() -> None:
    claims = answered([BOOK], settings())

    assert (claims["iss"], claims["aud"], claims["nonce"]) == (CLIENT, ISSUER, "a nonce of ours")
    assert claims["iat"] == int(NOW.timestamp())
    assert claims["exp"] - claims["iat"] == 300
    assert claims[names.MESSAGE_TYPE] == "LtiDeepLinkingResponse"
    assert claims[names.VERSION] == "1.3.0"
    assert claims[names.DEPLOYMENT_ID] == "1"
    assert tokens.verify(tokens.sign(claims, kid=KID, key=key()), key_for=key_for) == claims


def test_items_are_written_with_their_columns() -> None:
    claims = answered([BOOK, GRADES], settings(accept_multiple=True))

    assert claims[names.DL_ITEMS] == [
        {
            "type": "ltiResourceLink",
            "title": "Carnet de bord",
            "url": LAUNCH,
            "text": "Mon carnet",
            "custom": {"certify_item": "a"},
        },
        {
            "type": "ltiResourceLink",
            "title": "Certification",
            "url": LAUNCH,
            "custom": {"certify_item": "b"},
            "lineItem": {
                "label": "Certification",
                "scoreMaximum": 100,
                "resourceId": "b",
                "tag": "certify:whole",
            },
        },
    ]


def test_a_bare_item_and_a_bare_column_say_no_more_than_they_have() -> None:
    claims = answered([Item("Carnet", LAUNCH, line_item=ColumnWanted("Carnet", 5))], settings())

    assert claims[names.DL_ITEMS] == [
        {
            "type": "ltiResourceLink",
            "title": "Carnet",
            "url": LAUNCH,
            "lineItem": {"label": "Carnet", "scoreMaximum": 5},
        }
    ]


def test_only_what_the_platform_takes_is_answered() -> None:
    assert "lineItem" not in answered([GRADES], settings(accept_lineitem=False))[names.DL_ITEMS][0]
    assert len(answered([BOOK, GRADES], settings(accept_multiple=False))[names.DL_ITEMS]) == 1
    assert answered([BOOK], settings(accept_types=["html"]))[names.DL_ITEMS] == []


def test_data_goes_back_to_the_byte_and_only_when_it_came() -> None:
    assert answered([], settings(data=" é\0 "))[names.DL_DATA] == " é\0 "
    assert answered([], settings(data=""))[names.DL_DATA] == ""
    assert names.DL_DATA not in answered([], settings(data=None))


def test_a_teacher_who_changes_their_mind_still_goes_back() -> None:
    claims = answered([], settings(), message="Rien n’a été placé.")

    assert claims[names.DL_ITEMS] == []
    assert claims[names.DL_MESSAGE] == "Rien n’a été placé."
    assert names.DL_ERROR not in claims
    assert answered([], settings(), error="Panne.")[names.DL_ERROR] == "Panne."
