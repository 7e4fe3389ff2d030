"""Adding portals to a fleet: each address is asked what it is, and a portal of a known CMS gets a profile."""

import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.errors import BadFileError, ProfileError
from crawler.extract.identity.cms import recognise_cms
from crawler.extract.identity.portal import read_identity
from crawler.extract.page import Page, absolute_url, attribute, decode_html, parse_page
from crawler.fleet.first_page import UnusableAddressError, fetch_home
from crawler.fleet.folder import FleetFolder, write_whole
from crawler.fleet.registry import number_portals
from crawler.fleet.shared_politeness import politeness_in
from crawler.politeness.politeness import Politeness
from crawler.profile import KNOWN_ASSET_HOSTS, load_profile, parse_profile

_CMS = "vnpt"
# What home pages put before a portal's name ("home page").
_HOME = re.compile(r"^trang chủ\s*[-–|:]\s*", re.IGNORECASE)
# Folders of a fleet that a portal must not be named as.
_OWN_FOLDERS = frozenset(("profiles", "logs", "warc", "exports"))


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an address: the portal's name if it is in the fleet now, and a sentence."""

    address: str
    portal: str | None
    sentence: str


def read_addresses(text: str) -> list[str]:
    r"""Read a list of addresses: one a line, each once; what follows a `#` is a remark.

    >>> read_addresses("a.gov.vn  # xã A\n\nhttps://b.gov.vn/\na.gov.vn\n")
    ['a.gov.vn', 'https://b.gov.vn/']
    """
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def known_portals(fleet: FleetFolder) -> dict[str, str]:
    """Return the portals of the fleet's own profiles by `base_url`; profiles that cannot be used are left out."""
    found = {}
    for path in sorted(fleet.profiles.glob("*.toml")):
        try:
            profile = load_profile(str(path))
        except ProfileError:
            continue
        found[profile.base_url] = profile.name
    return found


def add_portal(fleet: FleetFolder, address: str, *, known: Mapping[str, str]) -> Added:
    """Ask an address what it is; write a profile for a portal that is not in the fleet yet.

    Raises:
        ArchiveUnusableError: if the registry cannot be written.
        WrongUseError: if the fleet has no more numbers.
        OSError: if the profile cannot be written.
    """
    with closing(politeness_in(fleet)) as politeness:
        added, text = probe_address(address, known=known, politeness=politeness)
    if added.portal is not None and text is not None:
        number_portals(fleet, [added.portal])
        write_whole(fleet.profiles / f"{added.portal}.toml", text)
    return added


def probe_address(address: str, *, known: Mapping[str, str], politeness: Politeness) -> tuple[Added, str | None]:
    """Ask an address what it is; give a profile for a portal that is not known yet, else None.

    Args:
        address: of a portal's home page.
        known: the portals of the fleet by `base_url`.
        politeness: gives each request its turn among the crawls of the fleet.
    """
    try:
        home = fetch_home(address, politeness)
    except UnusableAddressError as error:
        return Added(address, None, str(error)), None
    parts = urlsplit(home.url)
    base_url = f"{parts.scheme}://{parts.netloc.lower()}/"
    if base_url in known:
        return Added(address, known[base_url], "is there already"), None
    try:
        page = parse_page(decode_html(home.body, home.content_type), home.url)
    except BadFileError as error:
        return Added(address, None, f"cannot be read: {error}"), None
    cms = recognise_cms(page)
    if cms != _CMS:
        said = f"is of another system: {cms}" if cms else "is of no system that is known"
        return Added(address, None, said), None
    name = _name_portal(parts.netloc.lower(), taken=set(known.values()))
    text = _write_profile(name, base_url, page=page)
    try:
        parse_profile(text, name)
    except ProfileError as error:
        return Added(address, None, str(error)), None
    return Added(address, name, read_identity(page).title or base_url), text


def _write_profile(name: str, base_url: str, *, page: Page) -> str:
    title = _HOME.sub("", read_identity(page).title or "") or urlsplit(base_url).netloc
    lines = {"name": name, "title": title, "cms": _CMS, "base_url": base_url}
    stores = _asset_hosts(page)
    if stores:
        lines["asset_hosts"] = [*dict.fromkeys((*stores, *KNOWN_ASSET_HOSTS[_CMS]))]  # type: ignore[assignment]
    # A TOML string takes the escapes of JSON.
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())


def _asset_hosts(page: Page) -> list[str]:
    """Return the hosts of the page's pictures that are stores of the CMS, or of the portal's own domain."""
    own = urlsplit(page.url)
    domain = _domain(own.hostname)
    found: dict[str, None] = {}
    for node in page.tree.css("img[src]"):
        parts = urlsplit(absolute_url(page, attribute(node, "src")) or "")
        host = parts.netloc.lower()
        is_store = host in KNOWN_ASSET_HOSTS[_CMS] or (domain is not None and _domain(parts.hostname) == domain)
        if parts.scheme in ("http", "https") and host != own.netloc.lower() and is_store:
            found[host] = None
    return list(found)


def _domain(host: str | None) -> str | None:
    """Return the part of a host's name that its authority has: `laocai.gov.vn`. None for a literal address."""
    if host is None or ":" in host or re.fullmatch(r"[\d.]+", host):
        return None
    return ".".join(host.split(".")[-3:])


def _name_portal(netloc: str, *, taken: set[str]) -> str:
    """Name a portal by its host: `sapa-laocai` for sapa.laocai.gov.vn."""
    bare = re.sub(r"(\.gov)?\.vn(?=:|$)", "", netloc.removeprefix("www."))
    name = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    number = 2
    unique = name
    while unique in taken or unique in _OWN_FOLDERS:
        unique = f"{name}-{number}"
        number += 1
    return unique
