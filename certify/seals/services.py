"""The verbs of seals: have a key made, bring one's own, retire one."""

from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.templating import day
from certify.organisations.models import Organisation
from certify.seals import authority, bringing, keeping, proving, queries
from certify.seals.authority import Made
from certify.seals.bringing import Brought
from certify.seals.models import ProviderKind, SealKey

AUTHORITY_NAME = "Autorité interne de certify"


def ensure_key(session: Session, organisation: Organisation, actor: Actor | None = None) -> SealKey:
    """Return the key an organisation seals with; made under the installation's own authority when it has none.

    A body that brought its certificate is not moved back to ours without a word when it ends: Conflict says so.
    """
    newest = queries.newest_key(session, organisation.id)
    if newest is not None and queries.is_usable(newest):
        return newest
    if newest is not None and not newest.is_self_made:
        raise Conflict(
            _l(
                "Le certificat du sceau a pris fin le %(day)s. Importez le suivant, ou retirez-le pour revenir "
                "au sceau fabriqué ici.",
                day=day(newest.not_after),
            )
        )
    return make_key(session, actor, organisation)


def make_key(session: Session, actor: Actor | None, organisation: Organisation) -> SealKey:
    """Make a key for an organisation under the installation's own authority; it seals from now on."""
    above = _own_authority(session)
    made = authority.make_sealing_certificate(above, organisation.name, keeping.years())
    brought = Brought(made.certificate, (above.certificate,), made.secret)
    return _kept(session, actor, organisation, brought, "seal:key:made", is_self_made=True)


def import_key(session: Session, actor: Actor, organisation: Organisation, *, file: bytes, password: str) -> SealKey:
    """Keep a key and its certificates from a PKCS#12 file, once it has sealed a trial; the password is not kept."""
    brought = bringing.read_pkcs12(file, password)
    _refuse_known(session, brought, "file")
    proving.prove(brought, ProviderKind.LOCAL, field="file")
    return _kept(session, actor, organisation, brought, "seal:key:imported")


def declare_device_key(
    session: Session, actor: Actor, organisation: Organisation, *, certificates: str, device_label: str
) -> SealKey:
    """Note the certificate of a key that a device holds, once the device has sealed a trial."""
    brought = bringing.read_certificates(certificates)
    _refuse_known(session, brought, "certificates")
    proving.prove(brought, ProviderKind.PKCS11, field="device_label", device_label=device_label)
    return _kept(session, actor, organisation, brought, "seal:key:declared", device_label=device_label)


def retire(session: Session, actor: Actor, organisation: Organisation, key: SealKey) -> SealKey:
    """Let a key seal nothing more, nor any other come back in its place; what it sealed stays in the register."""
    if key.retired_at is not None:
        raise Conflict(_l("Cette clé est déjà retirée."))
    _retire_all(session, organisation)
    audit.record(
        session, actor, "seal:key:retired", key, organisation_id=organisation.id, fingerprint=key.fingerprint
    )  # fmt: skip
    return key


def _own_authority(session: Session) -> Made:
    known = queries.newest_key(session, None)
    if known is not None and queries.is_usable(known):
        return keeping.opened(known)
    made = authority.make_authority(AUTHORITY_NAME)
    _kept(session, None, None, Brought(made.certificate, (), made.secret), "seal:authority:made", is_self_made=True)
    return made


def _refuse_known(session: Session, brought: Brought, field: str) -> None:
    if queries.is_known(session, authority.fingerprint_of(brought.certificate)):
        raise Invalid(_l("Ce certificat est déjà enregistré ici."), field)


def _kept(
    session: Session, actor: Actor | None, organisation: Organisation | None, brought: Brought, event: str,
    *, is_self_made: bool = False, device_label: str = "",
) -> SealKey:  # fmt: skip
    certificate = brought.certificate
    key = SealKey(
        organisation_id=organisation.id if organisation else None,
        provider=ProviderKind.PKCS11 if device_label else ProviderKind.LOCAL,
        subject=authority.common_name(certificate), certificate=authority.pem_of(certificate),
        chain="".join(authority.pem_of(one) for one in brought.chain),
        fingerprint=authority.fingerprint_of(certificate), device_label=device_label, is_self_made=is_self_made,
        private_key=keeping.closed(brought.secret) if brought.secret is not None else None,
        not_before=certificate.not_valid_before_utc, not_after=certificate.not_valid_after_utc,
        created_at=clock.now(), created_by_id=actor.user_id if actor else None,
    )  # fmt: skip
    # The one before never seals again, even when this one is retired: it may be what somebody got away with.
    _retire_all(session, organisation)
    session.add(key)
    session.flush()
    audit.record(
        session, actor, event, key, organisation_id=organisation.id if organisation else audit.PLATFORM,
        fingerprint=key.fingerprint, not_after=certificate.not_valid_after_utc.date().isoformat(),
    )  # fmt: skip
    return key


def _retire_all(session: Session, organisation: Organisation | None) -> None:
    moment = clock.now()
    for key in queries.keys_not_retired(session, organisation.id if organisation else None):
        key.retired_at = moment
