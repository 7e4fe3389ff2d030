"""A look at a server's certificate that no verification stops: whose it is, until when, and the pin of its key."""

import hashlib
import socket
import ssl
import time
from base64 import b64encode
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

# OpenSSL's flag for servers without RFC 5746, which Python names from 3.12 on.
_LEGACY_SERVER_CONNECT = 0x4
# In the words of OpenSSL, also weak ones; but none without a certificate: its key could not be checked.
EVERY_CIPHER = "ALL:!aNULL:!eNULL:!PSK:!SRP:@SECLEVEL=0"
_MAX_WORDS = 200
_READ_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says. `pin` is the SHA-256 of its public key, as curl writes it."""

    pin: str
    first_day: date
    last_day: date
    names: str
    issuer: str

    def is_valid_on(self, day: date) -> bool:
        """Whether a day is between the first and the last one. The first and last days themselves are doubtful."""
        return self.first_day < day < self.last_day


@dataclass(frozen=True, slots=True)
class CertificateLook:
    """What a server answered to the first words of a handshake, and its certificate if the handshake was finished."""

    first_bytes: bytes = b""
    certificate: Certificate | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the answer is not a record of TLS (RFC 8446, 5.1)."""
        return bool(self.first_bytes) and not 20 <= self.first_bytes[0] <= 24


def pin_of(certificate: bytes) -> str:
    """Return the pin of a certificate in DER: `sha256//` and the base64 of the SHA-256 of its public key.

    Raises:
        ValueError: if it cannot be read.
    """
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return f"sha256//{b64encode(digest).decode()}"


@lru_cache(maxsize=64)
def look_at(host: str, address: str, *, port: int, timeout: float) -> CertificateLook:
    """Shake hands with a server by any version and cipher, verify nothing, and send no request. Once for each server.

    Args:
        host: the name that is asked for.
        address: the IP address to connect to.
        port: the port.
        timeout: of the whole look, in seconds.
    """
    deadline = time.monotonic() + timeout
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    shaking = _permissive_context().wrap_bio(incoming, outgoing, server_hostname=host)
    first_bytes = b""
    try:
        with socket.create_connection((address, port), timeout) as connection:
            while True:
                try:
                    shaking.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    connection.settimeout(max(0.01, deadline - time.monotonic()))
                    connection.sendall(outgoing.read())
                    received = connection.recv(_READ_BYTES)
                    if not received:
                        return CertificateLook(first_bytes)
                    first_bytes = first_bytes or received[:16]
                    incoming.write(received)
    except OSError:
        return CertificateLook(first_bytes)
    return CertificateLook(first_bytes, _read(shaking.getpeercert(binary_form=True)))


def _permissive_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    loosen(context)
    return context


def loosen(context: ssl.SSLContext) -> None:
    """Let a context speak every version and cipher that OpenSSL still has."""
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(EVERY_CIPHER)
    context.options |= _LEGACY_SERVER_CONNECT


def _read(encoded: bytes | None) -> Certificate | None:
    try:
        pin = pin_of(encoded or b"")
        certificate = x509.load_der_x509_certificate(encoded or b"")
        return Certificate(
            pin,
            certificate.not_valid_before_utc.date(),
            certificate.not_valid_after_utc.date(),
            _words(", ".join(_names(certificate))),
            _words(_common_name(certificate.issuer) or certificate.issuer.rfc4514_string()),
        )
    except ValueError:
        return None


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension):
        return [_common_name(certificate.subject) or "nobody"]
    names = found.get_values_for_type(x509.DNSName)
    return [*names, *map(str, found.get_values_for_type(x509.IPAddress))]


def _common_name(name: x509.Name) -> str:
    return "".join(str(one.value) for one in name.get_attributes_for_oid(NameOID.COMMON_NAME)[:1])


def _words(text: str) -> str:
    """Return what a stranger wrote as one line of bounded length."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_MAX_WORDS] or "?"
