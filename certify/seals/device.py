"""Keys on a device or card spoken to by PKCS#11, which never lets them out; needs the `pkcs11` extra."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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


class DeviceProvider:
    """The device that the settings name; it is opened once in a process, whatever the number of its keys."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def signer(self, key: KeyFacts) -> "Signer":
        """Find a key of the device by its label."""
        try:
            from pyhanko.sign.pkcs11 import PKCS11Signer
        except ImportError as error:
            raise Unavailable(_l("Installez certify avec l’option « pkcs11 » pour sceller avec un boîtier.")) from error
        if not self._settings.seal_pkcs11_module:
            raise Unavailable(_l("Le boîtier n’est pas réglé : il manque CERTIFY_SEAL_PKCS11_MODULE."))
        certificate, chain = providers.loaded_certificates(key.certificate, key.chain)
        return PKCS11Signer(
            self._session(), signing_cert=certificate, ca_chain=chain, key_label=key.device_label,
            # Few devices hash before an elliptic curve signs; all sign a hash.
            use_raw_mechanism=certificate.public_key.algorithm == "ec",
        )  # fmt: skip

    def _session(self) -> Any:
        from pkcs11.exceptions import PKCS11Error
        from pyhanko.config.pkcs11 import TokenCriteria
        from pyhanko.sign.pkcs11 import open_pkcs11_session

        module, token = self._settings.seal_pkcs11_module, self._settings.seal_pkcs11_token
        pin = self._settings.seal_pkcs11_pin.get_secret_value()
        with _using:
            if (module, token) not in _sessions:
                try:
                    _sessions[module, token] = open_pkcs11_session(
                        module, token_criteria=TokenCriteria(label=token), user_pin=pin
                    )
                except (PKCS11Error, RuntimeError) as error:
                    raise Unavailable(_l("Le boîtier qui tient la clé du sceau ne répond pas.")) from error
            return _sessions[module, token]


@contextmanager
def turn(key: KeyFacts) -> Iterator[None]:
    """Give a device one signature to make at a time; what it refuses is Unavailable, and it is opened anew after."""
    if key.provider is not ProviderKind.PKCS11:
        yield
        return
    from pkcs11.exceptions import PKCS11Error

    with _using:
        try:
            yield
        except PKCS11Error as error:
            providers.forget(key.fingerprint)
            _close()
            raise Unavailable(
                _l(
                    "Le boîtier n’a pas signé : branchez-le, et vérifiez le nom de la clé (« %(name)s »).",
                    name=key.device_label,
                )
            ) from error


def _close() -> None:
    from pkcs11.exceptions import PKCS11Error

    while _sessions:
        _place, session = _sessions.popitem()
        try:
            session.close()
        except PKCS11Error:
            # Unplugged: there is nothing left to close.
            continue
