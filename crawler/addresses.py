"""Addresses: classify a portal's addresses by their form, parse pasted addresses, and check allowed hosts."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from crawler.items import Address, AddressKind
from crawler.language.numbers import whole_number
from crawler.language.text import SLUG_LENGTH, normalize_text
from crawler.profile import DEFAULT_PORTS, Profile

# Parameters that Facebook, Zalo, Google and mail programs add, and ASP.NET's question whether cookies come back
# (docs/cms-vnpt.md, "Addresses").
_TRACKER = re.compile(
    r"(utm_.*|zarsrc|gidzl|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|aspxautodetectcookiesupport)",
    re.IGNORECASE,
)
# ASP.NET's session, where cookies do not come back: `/(S(lit3py55t21z5v55vlm25s55))/tin-tuc`.
_SESSION_SEGMENT = re.compile(r"\((?:[A-Z]\([^()/]*\))+\)")

# First segments of the paths of files and services; they never name articles.
_SERVICE_FOLDERS_WORDS = (
    "sitefolders desktopmodule desktopmodules portals upload uploads userfiles files images img css js "
    "scripts fonts api handlers bundles app_themes themes resources content lib assets static admin"
)
_SERVICE_FOLDERS = frozenset(_SERVICE_FOLDERS_WORDS.split())
_HOME_SLUGS = frozenset(("trang-chu", "home", "index", "default"))

# Characters of a host or of a part of a path; servers take 255 at most.
_LONGEST_NAME = 1000
# Characters of an address. IIS, on which these portals run, takes 16 kB of a request's head.
_LONGEST_ADDRESS = 8000
# The maximum number of levels in the address of a sub-menu's page (`/gioi-thieu/lich-su`).
_PAGE_LEVELS = 4
# The labels before `.vn` that mark a kind of owner.
_KINDS_OF_DOMAIN = frozenset(("gov", "com", "edu", "org", "net", "ac", "int", "info", "health", "name", "pro", "biz"))
_ARTICLE_SEGMENT = re.compile(r"(.*)-([0-9]{1,12})")
_FILE_NAME = re.compile(r"\.[A-Za-z0-9]{1,8}$")
# Characters that a path may contain unencoded (RFC 3986, pchar): all spellings of an address become one.
_PATH_SAFE = "!$&'()*+,;=:@~-._"
# Characters that a browser sends unencoded, with the "%" of existing percent-encoding.
_PATH_SENT, _QUERY_SENT = f"{_PATH_SAFE}/%|[]", f"{_PATH_SAFE}/%|[]?"
_PLAIN = re.compile("[A-Za-z0-9-]+")

# Texts that people paste: an address in a sentence, in quotation marks, or inside an address of another service.
_PASTED_CHARACTERS = 8000
MARKS = " \t\r\n<>\"'`“”„‘’«»‹›「」『』()[]{}.,;:!…。，；：！？、"
_NOT_IN_ADDRESS = r"\s<>\"`“”«»‹›「」『』。，、"
_IN_TEXT = re.compile(f"https?:/+[^/{_NOT_IN_ADDRESS}][^{_NOT_IN_ADDRESS}]*", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(
    r"(?://)?((?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?|(?:\d{1,3}(?:\.\d{1,3}){3}|localhost)(?::\d+)?/\S*)",
    re.IGNORECASE,
)
# The Wayback Machine: `/web/20230102030405id_/https://…`, also without the second scheme.
_WAYBACK = re.compile(r"https?://web\.archive\.org/web/(?:[0-9*]+(?:[a-z]{2}_)?/)?(?!https?:)(.+)", re.IGNORECASE)
_IN_PATH = re.compile(r"https?://[^/?#]+/[^?#]*?(https?:/+[^/].*)", re.IGNORECASE)
_MAX_MEANT, _MAX_WRAPPED, _MAX_WRAP_DEPTH = 12, 3, 3


def classify(url: str, profile: Profile) -> Address | None:
    """Classify an absolute address. None if it is neither on the portal's own host nor on a former one.

    Spellings that differ in http or https, percent-encoding, a fragment, a trailing slash, trackers or a former host
    give the same `Address`, on the profile's scheme and host. Two levels with `-digits` at the end are an article; one
    level is a category even if it ends in digits (docs/cms-vnpt.md, "Addresses").
    """
    return _classify(url, profile.base_url, former=profile.moved_from)


def todays_address(url: str, profile: Profile) -> str:
    """Return the address to request: on the portal's own host if it is on a former host, else unchanged."""
    parts = _split(url)
    if parts is None or not any(_is_own(parts, urlsplit(old)) for old in profile.moved_from):
        return url
    if _is_own(parts, urlsplit(profile.base_url)):
        return url
    return f"{profile.origin}{urlunsplit(('', '', parts.path or '/', parts.query, ''))}"


def parse_pasted_address(text: str) -> tuple[str, ...]:
    """Return the absolute addresses that a pasted text may mean, the most likely first; () if it contains none.

    An address may be in quotation marks or brackets, end with a comma, follow words ("Xem: https://…"), be
    percent-encoded as a whole, contain `&amp;` or `&quot;`, or be wrapped by another service: as a parameter
    (Facebook's `l.php?u=`, Zalo, Google) or in the path (web.archive.org). A wrapped address comes after the one
    that wraps it. An address without a scheme counts only if it is the whole text.

    >>> parse_pasted_address("Xem: “https://a.vn/tin/mot-1”.")
    ('https://a.vn/tin/mot-1',)
    >>> parse_pasted_address("a.vn/mot-1,"), parse_pasted_address("25-NQ/TW")
    (('https://a.vn/mot-1',), ())
    >>> parse_pasted_address("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.vn%2Fmot-1")[1]
    'https://a.vn/mot-1'
    """
    text = text[:_PASTED_CHARACTERS]
    decoded = (text, unquote(text), unquote(unquote(text)))
    texts = dict.fromkeys(map(normalize_text, (*decoded, *map(unescape, decoded))))
    found = [url for spelling in texts for url in _find_addresses(spelling)]
    return tuple(dict.fromkeys(one for url in found for one in _unwrap(url, _MAX_WRAP_DEPTH)))[:_MAX_MEANT]


def _find_addresses(text: str) -> Iterator[str]:
    """Yield the addresses in a text: the whole text if it begins with one, then each up to a space or mark."""
    bare = text.strip(MARKS)
    if not (matches := [match[0] for match in _IN_TEXT.finditer(text)]):
        if match := _WITHOUT_SCHEME.fullmatch(bare):
            yield f"https://{match[1]}"
        return
    if " " in bare and bare.startswith(matches[0]):
        yield _mend_scheme(bare)
    for url in matches[:_MAX_MEANT]:
        # A mark at the end is rarely part of the address. A closing bracket sometimes is: then the second is right.
        yield _mend_scheme(url.strip(MARKS))
        yield _mend_scheme(url.rstrip(".,"))


def _mend_scheme(url: str) -> str:
    """Write two slashes after the scheme: servers drop one of them if the address is in the path of another."""
    scheme, _, rest = url.partition(":")
    return f"{scheme.lower()}://{rest.lstrip('/')}"


def _unwrap(url: str, depth: int) -> Iterator[str]:
    """Yield an address, then those in its parameters and in its path."""
    yield url
    try:
        pairs = parse_qsl(urlsplit(url).query)
    except ValueError:
        return
    wrapped = [value for _, value in pairs if value.lower().startswith(("http://", "https://"))]
    if match := _WAYBACK.match(url):
        wrapped.append(f"https://{match[1]}")
    elif match := _IN_PATH.match(url):
        wrapped.append(_mend_scheme(match[1]))
    for one in wrapped[:_MAX_WRAPPED] if depth else ():
        yield from _unwrap(one, depth - 1)


def spell_address(url: str) -> Iterator[str]:
    """Yield the spellings under which an archive may hold an absolute address, the given one first.

    The others are encoded as a browser sends them, without fragment, trackers and closing slash, with http and https.
    Yield nothing if the host is invalid. `classify_on` gives the spelling on a portal.
    """
    parts = _split(url)
    if parts is None:
        return
    yield url
    try:
        host = parts.netloc.lower() if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    except UnicodeError:
        return
    path, query = quote(parts.path or "/", safe=_PATH_SENT), quote(parts.query, safe=_QUERY_SENT)
    for scheme in sorted(DEFAULT_PORTS, key=lambda scheme: scheme != parts.scheme):
        yield urlunsplit((scheme, host, path, query, ""))
        named = _classify_once(url, f"{scheme}://{host}/")
        if named is not None:
            yield named.url


def classify_on(url: str, base_url: str, *, former: tuple[str, ...] = ()) -> Address | None:
    """Classify an address for the portal at `base_url`, ignoring `www.` before either host.

    Args:
        former: former values of base_url.
    """
    parts, own = _split(url), urlsplit(base_url)
    if parts is None or own.hostname is None:
        return None
    host = _bare(parts.hostname or "")
    found = None
    if host == _bare(own.hostname):
        on_portal = parts if parts.hostname == own.hostname else parts._replace(netloc=own.netloc)
        found = _classify_once(urlunsplit(on_portal), base_url)
    if found is None and any(host == _bare(urlsplit(old).hostname or "") for old in former):
        found = _classify_once(urlunsplit(parts._replace(scheme=own.scheme, netloc=own.netloc)), base_url)
    return found


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def is_allowed_host(url: str, profile: Profile) -> bool:
    """Return whether an address may be fetched: it is on the portal's own host and port, or on one of its file hosts.

    For the portal's own host, http and https with their default ports are equal. A file host without a port allows the
    default ports; with a port, only that port.
    """
    return _is_allowed(url, profile.base_url, file_hosts=profile.file_hosts)


def domain_of(host: str) -> str | None:
    """Return the registered domain of a host. In Việt Nam, it may be below `gov.vn` and similar domains.

    Return None for an IP address, and for a name without a dot.

    >>> [domain_of(host) for host in ("www.sapa.laocai.gov.vn", "laocai.gov.vn", "sapa.example.vn", "192.0.2.1", "::1")]
    ['laocai.gov.vn', 'laocai.gov.vn', 'example.vn', None, None]
    """
    labels = host.lower().rstrip(".").split(".")
    if ":" in host or len(labels) < 2 or re.fullmatch(r"[\d.]+", host):
        return None
    is_below_kind = len(labels) > 2 and labels[-2] in _KINDS_OF_DOMAIN
    return ".".join(labels[-3 if is_below_kind else -2 :])


def is_same_page(asked: Address, answered: Address) -> bool:
    """Return whether a redirect leads to the same article, by its addresses: the same id, or the same slug.

    A portal may also redirect the address of a removed article to another article.
    """
    if asked.kind == answered.kind and asked.source_id == answered.source_id:
        return True
    return (asked.title_slug or "")[:SLUG_LENGTH] == (answered.title_slug or "")[:SLUG_LENGTH] != ""


def may_be_page(address: Address) -> bool:
    """Return whether an address has the form of a menu entry, which shows a list or a single article."""
    return address.kind in (AddressKind.CATEGORY, AddressKind.PAGE)


def last_slug(address: Address) -> str:
    """Return the last level of an address without its number: it often has the words of the page's title."""
    return address.title_slug or address.url.partition("?")[0].rstrip("/").rpartition("/")[2]


def is_spelled_alike(one: str, other: str) -> bool:
    """Return whether two addresses differ at most in case, a closing slash and their query.

    ASP.NET ignores case in paths, and menus add parameters to an entry. Only the pages show whether they are the same.

    >>> is_spelled_alike("https://a.vn/Gioi-Thieu/", "https://a.vn/gioi-thieu?menu=5")
    True
    """
    return spell_plainly(one) == spell_plainly(other)


def choose_plainest(*urls: str) -> str:
    """Return the plainest spelling of an address: without a query, else in lower case, else the first by alphabet."""
    return min(urls, key=lambda url: ("?" in url, url != url.lower(), url))


def spell_plainly(url: str) -> str:
    """Return an address in lower case, without closing slash, query and fragment."""
    return re.split(r"[?#]", url, maxsplit=1)[0].rstrip("/").lower()


# The pages of a portal share most of their addresses, and each is asked about several times, hence the caches: larger
# than the most links of a page (`extract/cost`). A profile is slow to hash. What visitors type is not cached.
@lru_cache(maxsize=65_536)
def _is_allowed(url: str, base_url: str, *, file_hosts: tuple[str, ...]) -> bool:
    if base_url.endswith("/") and url.startswith(base_url) and not is_overlong(url):
        return True  # most are: without the cost of splitting them
    parts = _split(url)
    if parts is None:
        return False
    if _is_own(parts, urlsplit(base_url)):
        return True
    names = {_full(parts)}
    if parts.port in (None, DEFAULT_PORTS[parts.scheme]):
        names.add(_host(parts))
    return any(named.lower() in names for named in file_hosts)


@lru_cache(maxsize=65_536)
def _classify(url: str, base_url: str, *, former: tuple[str, ...] = ()) -> Address | None:
    return _classify_once(url, base_url, former=former)


def _classify_once(url: str, base_url: str, *, former: tuple[str, ...] = ()) -> Address | None:
    parts, own = _split(url), urlsplit(base_url)
    if parts is None or not any(_is_own(parts, site) for site in (own, *map(urlsplit, former))):
        return None
    origin = f"{own.scheme}://{own.netloc.lower()}"
    segments = _segments(parts.path)
    if segments and segments[0].lower() in _SERVICE_FOLDERS:
        return _other(origin, segments, parts=parts)
    if len(segments) == 6 and all(whole_number(s) is not None for s in segments[:4]):
        old = _path(origin, segments)
        return Address(old, AddressKind.OLD_ARTICLE, segments[3], segments[4], segments[5])
    if len(segments) == 2 and not _FILE_NAME.search(segments[0]):
        match = _ARTICLE_SEGMENT.fullmatch(segments[1])
        if match:
            return Address(_path(origin, segments), AddressKind.ARTICLE, match[2], segments[0], match[1])
    return _classify_query(origin, segments, parts=parts)


def _classify_query(origin: str, segments: list[str], *, parts: SplitResult) -> Address:
    """Classify an address that is not an article: here the query counts, except trackers."""
    query = _without_trackers(parts.query)
    names = {name.lower() for name, _ in query}
    if "pageid" in names:
        return Address(f"{_path(origin, segments)}?{urlencode(query)}", AddressKind.DOCUMENTS)
    if query:
        return _other(origin, segments, parts=parts)
    if not segments:
        return Address(f"{origin}/", AddressKind.HOME)
    if len(segments) > 1:
        is_named = not any(map(_FILE_NAME.search, segments)) and not _ARTICLE_SEGMENT.fullmatch(segments[-1])
        if len(segments) <= _PAGE_LEVELS and is_named:
            return Address(_path(origin, segments), AddressKind.PAGE, category_slug=segments[0])
        return _other(origin, segments, parts=parts)
    if _FILE_NAME.sub("", segments[0]).lower() in _HOME_SLUGS:
        return Address(_path(origin, segments), AddressKind.HOME)
    if _FILE_NAME.search(segments[0]):
        return _other(origin, segments, parts=parts)
    return Address(_path(origin, segments), AddressKind.CATEGORY, category_slug=segments[0])


def is_overlong(text: str) -> bool:
    """Return whether an address is longer than any server accepts, or has a host or name that is too long.

    A page can name thousands of them. Python's `urlsplit` normalises a host that is not ASCII, in time that grows with
    the square of its length.

    >>> is_overlong("https://x.vn/" + 1200 * "a"), is_overlong("https://" + 1200 * "ă" + ".vn/")
    (False, True)
    >>> is_overlong("https://x.vn/" + 8000 * "a")
    True
    """
    if len(text) > _LONGEST_ADDRESS:
        return True
    if len(text) <= _LONGEST_NAME or text.isascii():
        return False
    return any(len(name) > _LONGEST_NAME for name in re.split(r"[/\\]", re.split("[?#]", text, maxsplit=1)[0]))


def _other(origin: str, segments: list[str], *, parts: SplitResult) -> Address:
    query = urlencode(_without_trackers(parts.query))
    slash = "/" if segments and parts.path.endswith("/") else ""
    return Address(_path(origin, segments) + slash + (f"?{query}" if query else ""), AddressKind.OTHER)


def _split(url: str) -> SplitResult | None:
    """Split an http(s) address; None for any other, or if host or port is invalid."""
    if is_overlong(url):
        return None
    try:
        parts = urlsplit(url.strip())
        valid = parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if valid else None


def _full(parts: SplitResult) -> str:
    return f"{_host(parts)}:{parts.port or DEFAULT_PORTS[parts.scheme]}"


def _host(parts: SplitResult) -> str:
    """Return the host in the form of an address: a literal IPv6 address in brackets."""
    return f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""


def _is_own(parts: SplitResult, own: SplitResult) -> bool:
    if parts.hostname != own.hostname:
        return False
    if _full(parts) == _full(own):
        return True
    return all(p.port in (None, DEFAULT_PORTS[p.scheme]) for p in (parts, own)) or parts.port == own.port is not None


def _segments(path: str) -> list[str]:
    """Split a path into segments in one spelling: resolve dot segments, drop empty ones, normalise the encoding."""
    segments: list[str] = []
    for raw in path.replace("\\", "/").split("/"):
        segment = raw if _PLAIN.fullmatch(raw) else quote(_decoded(raw).strip(), safe=_PATH_SAFE)
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", ".") and not _SESSION_SEGMENT.fullmatch(segment):
            segments.append(segment)
    return segments


def _decoded(segment: str) -> str:
    """Decode percent-encoding; read bytes that are not UTF-8 as Latin-1."""
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        return unquote(segment, encoding="latin-1")


def _path(origin: str, segments: list[str]) -> str:
    return f"{origin}/{'/'.join(segments)}"


def _without_trackers(query: str) -> list[tuple[str, str]]:
    pairs = parse_qsl(query, keep_blank_values=True)
    return [(name, value) for name, value in pairs if not _TRACKER.fullmatch(name)]
