"""What is wrong with a server's TLS, said in words, and the exception for a host whose key the profile pins."""

import re
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from crawler.crawl.download.certificate import Certificate, CertificateLook, look_at, loosen, pin_of
from crawler.crawl.outcomes import RefusedError
from crawler.profile import DEFAULT_PORTS, Tls, parse_pin
from crawler.sentences import Sentence, say

# OpenSSL's codes of a verification (x509_vfy.h). Every other one is `tls-invalid`.
_KINDS_BY_CODE = {
    9: "tls-not-yet-valid",
    10: "tls-expired",
    18: "tls-self-signed",
    **dict.fromkeys((2, 19, 20, 21, 22), "tls-chain"),
    23: "tls-revoked",
    **dict.fromkeys((62, 64), "tls-wrong-name"),
    **dict.fromkeys((66, 67, 68), "tls-too-old"),
}
PIN_CHANGED = "tls-pin-changed"

# Words of OpenSSL for a handshake that fails. Only a second look distinguishes them from other failures.
_WORDS_OF_PLAIN = re.compile(r"wrong version number|http request|packet length too long|record layer failure")
_WORDS_OF_AGE = re.compile(
    r"unsupported protocol|protocol version|version too low|too small|too weak|shared cipher|handshake failure"
    r"|insufficient security|legacy|sigalg|signature type|inappropriate fallback|dh "
)
# Also said where nothing is old: an unknown name, no common cipher at all, a certificate that we should show.
_AMBIGUOUS = re.compile(r"handshake[ _]failure", re.IGNORECASE)
# The connection broke in the handshake, which may be another one tomorrow.
_WORDS_OF_NETWORK = re.compile(r"eof|reset|syscall|timed out|closed|broken pipe")


@dataclass(frozen=True, slots=True)
class TlsFault:
    """A failure of TLS: the kind of its row in `crawl_errors`, and the library's words for it."""

    kind: str
    error: str


def fault_of_code(code: int, error: str) -> TlsFault:
    """Name what a verification found, by OpenSSL's code."""
    return TlsFault(_KINDS_BY_CODE.get(code, "tls-invalid"), error)


def fault_of_words(error: str) -> TlsFault | None:
    """Name what stopped a handshake, by OpenSSL's words. None for a failure of the network.

    >>> fault_of_words("TLS connect error: error:0A000102:SSL routines::unsupported protocol").kind
    'tls-too-old'
    """
    words = error.lower().replace("_", " ")
    if _WORDS_OF_AGE.search(words):
        return TlsFault("tls-too-old", error)
    if _WORDS_OF_PLAIN.search(words):
        return TlsFault("tls-plain", error)
    return None if _WORDS_OF_NETWORK.search(words) else TlsFault("tls-failed", error)


def fault_of_ssl(error: ssl.SSLError) -> TlsFault | None:
    """Name what Python's ssl found. None for a failure of the network."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return fault_of_code(error.verify_code, error.verify_message)
    return fault_of_words(error.reason or str(error))


def refuse(fault: TlsFault, url: str, *, address: str, timeout: float) -> RefusedError:
    """Return the refusal of an answer, with the pin of the key that its server shows. Connects to the server.

    Args:
        fault: what the library said.
        url: the requested address.
        address: the IP address that was connected to.
        timeout: of each read, in seconds.
    """
    parts = urlsplit(url)
    port = parts.port or DEFAULT_PORTS["https"]
    look = look_at(parts.hostname or "", address, port=port, timeout=timeout)
    fault = _prove(fault, look)
    return RefusedError(fault.kind, _describe(fault, look.certificate, host=_authority(url)))


def _prove(fault: TlsFault, look: CertificateLook) -> TlsFault:
    """Return the fault that the second look shows, where the library's words can mean several."""
    if fault.kind == "tls-plain" and not look.is_plain:
        return TlsFault("tls-failed", fault.error)
    if fault.kind == "tls-too-old" and _AMBIGUOUS.search(fault.error) and look.certificate is None:
        return TlsFault("tls-failed", fault.error)
    is_dated = fault.kind in ("tls-expired", "tls-not-yet-valid")
    if is_dated and look.certificate is not None and look.certificate.is_valid_on(datetime.now(UTC).date()):
        return TlsFault("tls-chain", fault.error)  # another certificate of the chain is out of date
    if fault.kind == "tls-failed" and look.certificate is not None:
        return TlsFault("tls-too-old", fault.error)
    return fault


def _describe(fault: TlsFault, seen: Certificate | None, *, host: str) -> Sentence:
    kind, error = fault.kind, " ".join(fault.error.split())[:200] or "?"
    way = say("pin-line", host=host, pin=seen.pin) if seen else say("pin-unseen")
    if kind == "tls-plain":
        return say("tls-plain", host=host)
    if kind == "tls-failed":
        return say("tls-failed", host=host, error=error)
    if kind == "tls-revoked":
        return say("tls-revoked", host=host, way=way)
    if kind == "tls-self-signed":
        return say("tls-self-signed", host=host, way=way)
    if kind == "tls-too-old":
        return say("tls-too-old", host=host, error=error, way=way)
    if seen is not None:
        return _describe_seen(kind, seen, host=host, way=way) or say("tls-invalid", host=host, error=error, way=way)
    return say("tls-invalid", host=host, error=error, way=way)


def _describe_seen(kind: str, seen: Certificate, *, host: str, way: Sentence) -> Sentence | None:
    if kind == PIN_CHANGED:
        return say("tls-pin-changed", host=host, pin=seen.pin)
    if kind == "tls-expired":
        return say("tls-expired", host=host, day=seen.last_day.isoformat(), way=way)
    if kind == "tls-not-yet-valid":
        return say("tls-not-yet-valid", host=host, day=seen.first_day.isoformat(), way=way)
    if kind == "tls-wrong-name":
        return say("tls-wrong-name", host=host, names=seen.names, way=way)
    return say("tls-chain", host=host, issuer=seen.issuer, way=way) if kind == "tls-chain" else None


def make_context(url: str, tls: Tls) -> ssl.SSLContext:
    """Return a context that checks the certificate of an https address as its profile wants it.

    A host with pins is trusted for its key alone: neither names nor dates nor versions of TLS count. Ask
    `shows_pinned_key` after the handshake.
    """
    context = ssl.create_default_context()
    # Python 3.13 asks more of a certificate (RFC 5280 to the letter) than libcurl and browsers do.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    pins = tls.pins_of(url)
    if pins or not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if pins:
        loosen(context)
    return context


def shows_pinned_key(certificate: bytes | None, url: str, *, tls: Tls) -> bool:
    """Whether a certificate (DER) has a key that the profile pins for an address; True for a host without pins."""
    pins = tls.pins_of(url)
    return not pins or _digest_of(certificate) in pins


def secure(connection: socket.socket, url: str, *, tls: Tls, timeout: float) -> ssl.SSLSocket:
    """Shake hands on a connection to an https address, as its profile wants certificates checked.

    `timeout` is in seconds, for each wait of the handshake.

    Raises:
        RefusedError: kind `tls-…`.
        OSError: if the connection fails.
    """
    address = str(connection.getpeername()[0])
    try:
        secured = make_context(url, tls).wrap_socket(connection, server_hostname=urlsplit(url).hostname)
    except ssl.SSLError as error:
        fault = fault_of_ssl(error)
        if fault is None:
            raise
        raise refuse(fault, url, address=address, timeout=timeout) from error
    if not shows_pinned_key(secured.getpeercert(binary_form=True), url, tls=tls):
        secured.close()
        raise refuse(TlsFault(PIN_CHANGED, "another key"), url, address=address, timeout=timeout)
    return secured


@dataclass(frozen=True, slots=True)
class SeenHost:
    """What a host (host or host:port) shows: its pin, None if it cannot be seen, and the kind of its fault, if any."""

    host: str
    pin: str | None
    problem: str | None


def examine(url: str, *, address: str, timeout: float) -> SeenHost | None:
    """Return what a verification of an https host finds, and the pin of its key. None if it cannot be reached.

    Args:
        url: an address of the host.
        address: the IP address to connect to.
        timeout: of each read, in seconds.
    """
    parts, problem = urlsplit(url), None
    port = parts.port or DEFAULT_PORTS["https"]
    try:
        with socket.create_connection((address, port), timeout) as connection:
            secure(connection, url, tls=Tls(), timeout=timeout).close()
    except RefusedError as error:
        problem = error.kind
    except OSError:
        return None
    seen = look_at(parts.hostname or "", address, port=port, timeout=timeout).certificate
    return SeenHost(_authority(url), seen.pin if seen else None, problem)


def _authority(url: str) -> str:
    """Return host or host:port of an https address, without the default port."""
    return urlsplit(url).netloc.rpartition("@")[2].lower().removesuffix(f":{DEFAULT_PORTS['https']}")


def _digest_of(certificate: bytes | None) -> bytes | None:
    try:
        return parse_pin(pin_of(certificate or b""))
    except ValueError:
        return None
