"""Other forms of a pasted address: as phones, AMP pages, sessions, proxies and servers write it. Pure.

What an archive holds under the address as pasted comes before what it holds under another form.
"""

import re
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from crawler.profile import DEFAULT_PORTS

_MOBILE_HOST = re.compile(r"(?:www\.)?(?:m|mobile|wap|amp)\.(?=[^.]+\.[^.]+)")
# Where the web server of a portal may answer beside the ports of http and https.
_WEB_PORTS = frozenset((*DEFAULT_PORTS.values(), 8080, 8443))
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid|sessionid)=[^/;]*", re.IGNORECASE)
_AMP_NAME = re.compile(r"\.amp(?=(?:\.html?)?$)")
_VIEWS = {
    "amp": frozenset(("", "1", "true", "amp")),
    "outputtype": frozenset(("amp",)),
    "m": frozenset(("1", "true")),
    "mobile": frozenset(("1", "true")),
}
_SESSION = re.compile(r"(?:jsessionid|phpsessid|aspsessionid[a-z]*|asp\.net_sessionid|_x_tr_[a-z]+)")
# Short values of these names can say which page is asked for.
_MAYBE_SESSION, _TOKEN = frozenset(("sid", "sessionid", "session_id")), re.compile(r"(?=.*[0-9])[\w-]{16,}")
# `https://www.google.com/amp/s/…`, `https://a-vn.cdn.ampproject.org/c/s/…`.
_AMP_CACHE = re.compile(
    r"https?://(?:(?:www\.)?google\.[a-z.]+/amp|[\w-]+\.cdn\.ampproject\.org/[a-z])/(?:s/)?(?P<page>[\w-]+\..+)",
    re.IGNORECASE,
)
_TRANSLATED = ".translate.goog"


def strip_view(url: str) -> str:
    """Return an address without what says how to show its page and whose session it is.

    >>> strip_view("https://a.vn/tin/mot-1/amp?amp=1"), strip_view("https://a.vn/tin;jsessionid=5F?trang=2&m=1")
    ('https://a.vn/tin/mot-1', 'https://a.vn/tin?trang=2')
    >>> strip_view("https://a.vn/?sid=5")
    'https://a.vn/?sid=5'
    """
    if match := _AMP_CACHE.fullmatch(url):
        url = f"https://{match['page']}"
    parts = _split(url)
    if parts is None:
        return url
    names = parts.query.split("&")
    query = "&".join(name for name in names if not _is_view(name))
    return urlunsplit(parts._replace(path=_strip_path(parts.path), query=query))


def strip_server(url: str) -> str:
    """Return an address without what names another server of the same site: `m.`, a web port, Google's translator.

    >>> strip_server("http://m.a.gov.vn:8080/tin"), strip_server("https://m.vn/tin"), strip_server("https://a.vn:5000/")
    ('http://a.gov.vn/tin', 'https://m.vn/tin', 'https://a.vn:5000/')
    >>> strip_server("https://sapa-a--b-vn.translate.goog/tin")
    'https://sapa.a-b.vn/tin'
    """
    parts = _split(url)
    if parts is None or parts.port not in (None, *_WEB_PORTS) or ":" in (parts.hostname or ""):
        return url
    host = (parts.hostname or "").rstrip(".")
    if host.endswith(_TRANSLATED):
        name = host.removesuffix(_TRANSLATED).replace("--", "\0").replace("-", ".")
        host = name.replace("\0", "-")
    return urlunsplit(parts._replace(netloc=_MOBILE_HOST.sub("", host, count=1) if _MOBILE_HOST.match(host) else host))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_whole else None


def _strip_path(path: str) -> str:
    path = _AMP_NAME.sub("", _PATH_SESSION.sub("", path.rstrip("/")))
    segments = path.split("/")[1:]
    if len(segments) > 1 and segments[-1].lower() == "amp":
        del segments[-1]
    elif len(segments) > 1 and segments[0].lower() == "amp":
        del segments[0]
    return f"/{'/'.join(segments)}"


def _is_view(pair: str) -> bool:
    """Return whether a parameter of a query, still encoded, chooses a view of the page or names a session."""
    name, _, value = pair.partition("=")
    name, value = unquote(name).lower(), unquote(value)
    if _SESSION.fullmatch(name) or value.lower() in _VIEWS.get(name, ()):
        return True
    return name in _MAYBE_SESSION and _TOKEN.fullmatch(value) is not None
