"""The options of libcurl that check certificates, and what its errors say about them."""

import re
import ssl
from base64 import b64encode

import pycurl

from crawler.crawl.download.certificate import EVERY_CIPHER
from crawler.crawl.download.tls import PIN_CHANGED, TlsFault, fault_of_code, fault_of_words
from crawler.profile import Tls

_WRONG_NAME = re.compile(r"subject name|host ?name|ip address", re.IGNORECASE)


def options_of(url: str, tls: Tls) -> tuple[tuple[int, int | str], ...]:
    """Return the options of a transfer for its TLS: how the certificate of an address is checked.

    A host with pins is trusted for its key alone: neither names nor dates nor versions of TLS count.
    """
    pins = tls.pins_of(url)
    if pins:
        return (
            (pycurl.SSL_VERIFYPEER, 0),
            (pycurl.SSL_VERIFYHOST, 0),
            (pycurl.PINNEDPUBLICKEY, ";".join(f"sha256//{b64encode(pin).decode()}" for pin in pins)),
            (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_0),
            (pycurl.SSL_CIPHER_LIST, EVERY_CIPHER),
        )
    if not tls.verify:
        return (pycurl.SSL_VERIFYPEER, 0), (pycurl.SSL_VERIFYHOST, 0)
    # libcurl's own OpenSSL looks where the machine that built it had its roots. Python's knows SSL_CERT_FILE, too.
    roots = ssl.get_default_verify_paths()
    places = ((pycurl.CAINFO, roots.cafile), (pycurl.CAPATH, roots.capath))
    return tuple((option, place) for option, place in places if place is not None)


def fault_of_curl(number: int, message: str, *, verify_result: int) -> TlsFault | None:
    """Name what libcurl found by its error, its words and INFO_SSL_VERIFYRESULT. None for a failure of the network."""
    if number == pycurl.E_SSL_PINNEDPUBKEYNOTMATCH:
        return TlsFault(PIN_CHANGED, message)
    if number == pycurl.E_SSL_INVALIDCERTSTATUS:
        return TlsFault("tls-revoked", message)
    if number == pycurl.E_PEER_FAILED_VERIFICATION:
        # 0 and 1 (X509_V_ERR_UNSPECIFIED): the chain is good, and libcurl itself found another name in it.
        if verify_result > 1:
            return fault_of_code(verify_result, message)
        return TlsFault("tls-wrong-name" if _WRONG_NAME.search(message) else "tls-invalid", message)
    return fault_of_words(message) if number in (pycurl.E_SSL_CONNECT_ERROR, pycurl.E_SSL_CIPHER) else None
