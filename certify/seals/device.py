"""Keys on a device or card spoken to by PKCS#11, which never lets them out; needs the `pkcs11` extra."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l
from certify.seals import providers
from certify.seals.models import ProviderKind
from certify.seals.providers import KeyFacts
from certify.settings import Settings

if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import Signer

_using = threading.RLock()
_sessions: dict[tuple[str, str], Any] = {}
_opened: set[str] = set()
"""Fingerprints of the keys whose signer holds one of these sessions."""
_refused: set[tuple[str, str, SecretStr]] = set()
"""Codes (PIN) that a device refused, by library and token: a card locks itself after a few wrong ones."""


class DeviceProvider:
    """The device that the settings name; it is opened once in a process, whatever the number of its keys."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def signer(self, key: KeyFacts) -> "Signer":
        """Find a key of the device by its label."""
        from pyhanko.sign.pkcs11 import PKCS11Signer

        if not self._settings.seal_pkcs11_module:
            raise Unavailable(_l("Le boîtier n’est pas réglé : il manque CERTIFY_SEAL_PKCS11_MODULE."))
        certificate, chain = providers.loaded_certificates(key.certificate, key.chain)
        signer = PKCS11Signer(
            self._session(), signing_cert=certificate, ca_chain=chain, key_label=key.device_label,
            # Few devices hash before an elliptic curve signs; all sign a hash.
            use_raw_mechanism=certificate.public_key.algorithm == "ec",
        )  # fmt: skip
        _opened.add(key.fingerprint)
        return signer

    def _session(self) -> Any:
        module, token = self._settings.seal_pkcs11_module, self._settings.seal_pkcs11_token
        with _using:
            if (module, token) not in _sessions:
                _sessions[module, token] = _session_on(module, token, self._settings.seal_pkcs11_pin)
            return _sessions[module, token]


def _session_on(module: str, token: str, pin: SecretStr) -> Any:
    from pkcs11 import exceptions
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.pkcs11 import open_pkcs11_session

    refusal = _l(
        "Le boîtier refuse le code (PIN) : il n’est plus essayé, pour ne pas bloquer le boîtier. Corrigez "
        "CERTIFY_SEAL_PKCS11_PIN, puis redémarrez certify."
    )
    if (module, token, pin) in _refused:
        raise Unavailable(refusal)
    try:
        return open_pkcs11_session(module, token_criteria=TokenCriteria(label=token), user_pin=pin.get_secret_value())
    except (
        exceptions.PinExpired, exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange,
        exceptions.PinLocked,
    ) as error:  # fmt: skip
        _refused.add((module, token, pin))
        raise Unavailable(refusal) from error
    except (exceptions.PKCS11Error, RuntimeError) as error:
        raise Unavailable(_l("Le boîtier qui tient la clé du sceau ne répond pas.")) from error


@contextmanager
def turn(key: KeyFacts) -> Iterator[None]:
    """Give a device one signature to make at a time; what it refuses is Unavailable, and it is opened anew after."""
    if key.provider is not ProviderKind.PKCS11:
        yield
        return
    try:
        from pkcs11.exceptions import PKCS11Error
    except ImportError as error:
        raise Unavailable(_l("Installez certify avec l’option « pkcs11 » pour sceller avec un boîtier.")) from error
    with _using:
        try:
            yield
        except PKCS11Error as error:
            _close()
            raise Unavailable(
                _l(
                    "Le boîtier n’a pas signé : branchez-le, et vérifiez le nom de la clé (« %(name)s »).",
                    name=key.device_label,
                )
            ) from error


def _close() -> None:
    from pkcs11.exceptions import PKCS11Error

    # Each of them holds a session that is about to close.
    while _opened:
        providers.forget(_opened.pop())
    while _sessions:
        _place, session = _sessions.popitem()
        try:
            session.close()
        except PKCS11Error:
            # Unplugged: there is nothing left to close.
            continue
