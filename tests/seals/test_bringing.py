from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.errors import Conflict, Invalid, Unavailable
from certify.organisations.models import Organisation
from certify.seals import authority, checking, policies, providers, queries, sealing, services
from certify.seals.checking import Fault
from certify.seals.models import ProviderKind, SealKey
from certify.seals.policies import KeyState
from certify.seals.providers import KeyFacts, MemoryProvider
from certify.settings import Settings
from tests.factories.people import actor_of, make_certifying_body, make_user
from tests.seals.making import PASSWORD, Chain, make_chain, plain_pdf
from tests.services.listening import listening

pytestmark = pytest.mark.engines("sqlite")


def bring(session: Session, body: Organisation, chain: Chain, password: str = PASSWORD) -> SealKey:
    actor = actor_of(session, make_user(session))
    return services.import_key(session, actor, body, file=chain.as_pkcs12(), password=password)


def test_a_key_from_elsewhere_seals_and_its_password_opens_it_once(session: Session) -> None:
    body = make_certifying_body(session)
    for private in (None, ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())):
        chain = make_chain(private=private)
        key = bring(session, body, chain)
        assert key.provider is ProviderKind.LOCAL
        assert not key.is_self_made
        assert key.subject == "Sceau acheté ailleurs"
        kept = x509.load_pem_x509_certificates(key.chain.encode())
        assert kept == list(chain.above), "the chain is put in order"
        found = queries.examined(
            session, sealing.sealed(session, body.id, plain_pdf(), reason="Délivrance", location="Lille")
        )
        assert found.is_valid
        assert found.organisation is body
        assert found.verdict.fingerprint == key.fingerprint
        with pytest.raises(Invalid, match="déjà"):
            bring(session, body, chain)
    lonely = bring(session, make_certifying_body(session), make_chain(levels=0))
    assert lonely.chain == ""


def test_what_could_not_seal_is_refused_with_the_reason(session: Session) -> None:
    body = make_certifying_body(session)
    good = make_chain()
    without_key = pkcs12.serialize_key_and_certificates(b"x", None, good.certificate, None, NoEncryption())
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encrypted = BestAvailableEncryption(PASSWORD.encode())
    edwards = ed25519.Ed25519PrivateKey.generate()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Courbe")])
    builder = x509.CertificateBuilder(subject, subject, edwards.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(clock.now() - timedelta(days=1)).not_valid_after(clock.now() + timedelta(days=9))
    edwards_file = pkcs12.serialize_key_and_certificates(b"x", edwards, builder.sign(edwards, None), None, encrypted)
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    cases = [
        (good.as_pkcs12(), "faux", "mot de passe est faux"),
        (b"n'importe quoi", PASSWORD, "ne s’ouvre pas"),
        (b"", PASSWORD, "ne s’ouvre pas"),
        (without_key, "", "manque"),
        (make_chain(begins=-20, days=10).as_pkcs12(), PASSWORD, "en cours de validité"),
        (make_chain(begins=2).as_pkcs12(), PASSWORD, "en cours de validité"),
        (make_chain(usage=False).as_pkcs12(), PASSWORD, "non-répudiation"),
        (make_chain(private=short).as_pkcs12(), PASSWORD, "2048"),
        (make_chain(private=ec.generate_private_key(ec.SECP256K1())).as_pkcs12(), PASSWORD, "P-256"),
        (edwards_file, PASSWORD, "P-256"),
        (Chain(other, good.certificate, good.above), PASSWORD, ""),
    ]
    actor = actor_of(session, make_user(session))
    for content, password, said in cases:
        if isinstance(content, Chain):
            with pytest.raises(ValueError, match="match"):
                content.as_pkcs12()
            continue
        with pytest.raises(Invalid) as refusal:
            services.import_key(session, actor, body, file=content, password=password)
        assert said in str(refusal.value.message)
        assert refusal.value.field == "file"
    assert queries.keys_of(session, body.id) == []


def test_a_brought_certificate_that_ends_is_not_replaced_without_a_word(session: Session) -> None:
    body = make_certifying_body(session)
    services.ensure_key(session, body)
    key = bring(session, body, make_chain(days=90))
    assert services.ensure_key(session, body) is key
    states = []
    for days in (0, 60, 100):
        with clock.at(clock.now() + timedelta(days=days)):
            seal = policies.seal_of(queries.keys_of(session, body.id), clock.now())
            states.append([one.state for one in (seal.current, *seal.others) if one])
    assert [first for first, _second in states] == [KeyState.IN_USE, KeyState.NEAR_ITS_END, KeyState.ENDED]
    assert {second for _first, second in states} == {KeyState.RETIRED}
    with clock.at(clock.now() + timedelta(days=100)):
        with pytest.raises(Conflict, match="pris fin"):
            services.ensure_key(session, body)
        with pytest.raises(sealing.NoSeal):
            sealing.sealed(session, body.id, plain_pdf(), reason="", location="")
    actor = actor_of(session, make_user(session))
    services.retire(session, actor, body, key)
    assert services.ensure_key(session, body).is_self_made
    with pytest.raises(Conflict):
        services.retire(session, actor, body, key)


def test_the_name_in_a_certificate_is_not_taken_for_an_organisation(session: Session) -> None:
    body = make_certifying_body(session, name="Organisme certificateur A")
    services.ensure_key(session, body)
    authority_elsewhere = authority.make_authority("Autorité interne de certify")
    forged = authority.make_sealing_certificate(authority_elsewhere, "Organisme certificateur A", 3)
    facts = KeyFacts(
        authority.fingerprint_of(forged.certificate), ProviderKind.LOCAL, authority.pem_of(forged.certificate),
        authority.pem_of(authority_elsewhere.certificate), None, "",
    )  # fmt: skip
    provider = MemoryProvider({facts.fingerprint: forged.private_key})
    providers._signers[facts.fingerprint] = provider.signer(facts)
    try:
        content = sealing.seal(Settings(env="test"), facts, plain_pdf(), reason="Délivrance", location="Lille")
    finally:
        providers.forget(facts.fingerprint)
    found = queries.examined(session, content)
    assert found.verdict.signer == "Organisme certificateur A"
    assert found.verdict.faults == (Fault.UNTRUSTED,)
    assert found.organisation is None
    assert not found.is_valid
    trusted = checking.check(content, trusted=[authority.pem_of(authority_elsewhere.certificate)])
    assert trusted.is_valid
    assert forged.certificate.fingerprint(hashes.SHA256()).hex() == trusted.fingerprint


def test_nothing_is_fetched_to_judge_a_seal(session: Session) -> None:
    with listening() as listener:
        chain = make_chain(site=f"http://127.0.0.1:{listener.port}")
        body = make_certifying_body(session)
        bring(session, body, chain)
        content = sealing.sealed(session, body.id, plain_pdf(), reason="", location="")
        assert (
            f"127.0.0.1:{listener.port}/liste.crl"
            in chain.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
            .value[0]
            .full_name[0]
            .value
        )  # type: ignore[index]
        assert queries.examined(session, content).is_valid
        roots = [authority.pem_of(chain.above[-1])]
        assert checking.examine(content, roots, clock.now()).is_valid
        assert not checking.examine(content, [], clock.now()).is_valid
        assert listener.asked == []


def test_a_device_that_is_not_set_is_said(session: Session) -> None:
    chain = make_chain()
    certificates = authority.pem_of(chain.certificate) + "".join(authority.pem_of(one) for one in chain.above)
    actor, body = actor_of(session, make_user(session)), make_certifying_body(session)
    with pytest.raises(Unavailable, match="CERTIFY_SEAL_PKCS11_MODULE"):
        services.declare_device_key(session, actor, body, certificates=certificates, device_label="sceau")
    with pytest.raises(Invalid, match="PEM"):
        services.declare_device_key(session, actor, body, certificates="bonjour", device_label="sceau")
