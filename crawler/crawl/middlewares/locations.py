"""The address that a `Location` names, read as browsers do (WHATWG URL), even if it is malformed."""

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from crawler.profile import DEFAULT_PORTS

# A page that is only a way is small. A larger one is not parsed for it.
MAX_REFRESH_BYTES = 32 * 1024

# A browser drops these wherever they are.
_BREAKS = re.compile(r"[\t\r\n]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.IGNORECASE | re.DOTALL)
_NOT_SENT = re.compile(r"[\x00-\x20\"<>`{}|\\^\x7f-\xff]")


def read_location(location: str, base: str) -> str | None:
    r"""Return the absolute http or https address that a reference names, without fragment. None if it names none.

    Args:
        location: the reference. The bytes of a header are given as Latin-1: each is percent-encoded as it came.
        base: the address of the answer.

    >>> read_location("\\tin tuc\\bai-1#top", "https://a.vn/x/y")
    'https://a.vn/tin%20tuc/bai-1'
    >>> read_location("javascript:history.back()", "https://a.vn/") is None
    True
    """
    reference = _BREAKS.sub("", location.strip("".join(map(chr, range(33))))).partition("#")[0]
    if not reference:
        return None
    path, mark, query = reference.partition("?")
    reference = path.replace("\\", "/") + mark + query
    reference = _NOT_SENT.sub(lambda match: f"%{ord(match[0]):02X}", reference)
    try:
        parts = urlsplit(urljoin(base, _with_authority(reference, urlsplit(base).scheme)))
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.port == 0:
            return None
    except ValueError:
        return None
    # A user in an address must not make us send credentials.
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


def _with_authority(reference: str, own_scheme: str) -> str:
    """Write two slashes before the host: browsers read none, one or three of them as well."""
    match = _SCHEME.match(reference)
    if match is None:
        slashes = len(reference) - len(reference.lstrip("/"))
        return f"//{reference.lstrip('/')}" if slashes > 2 else reference
    scheme, rest = match[1].lower(), match[2]
    if scheme not in DEFAULT_PORTS:
        return reference
    if scheme == own_scheme and not rest.startswith("//"):
        return rest
    return f"{scheme}://{rest.lstrip('/')}"
