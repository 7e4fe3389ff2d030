"""Adding portals to a fleet: each address is asked what it is, and a portal of a known CMS gets a profile."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.addresses import domain_of
from crawler.archive.lock import hold_lock
from crawler.errors import BadFileError, ProfileError
from crawler.extract.identity.cms import recognise_cms
from crawler.extract.identity.portal import read_identity
from crawler.extract.page import Page, absolute_url, attribute, decode_html, parse_page
from crawler.extract.strangers import look_at, name_no_page, name_stranger
from crawler.fleet.first_page import UnusableAddressError, fetch_home
from crawler.fleet.folder import FleetFolder, write_whole
from crawler.fleet.registry import number_portals
from crawler.fleet.shared_politeness import politeness_in
from crawler.locale import say
from crawler.politeness.politeness import Politeness
from crawler.profile import KNOWN_ASSET_HOSTS, Profile, load_profile, parse_profile

_CMS = "vnpt"
# What home pages put before a portal's name ("home page").
_HOME = re.compile(r"^trang chủ\s*[-–|:]\s*", re.IGNORECASE)
# Folders of a fleet that a portal must not be named as.
_OWN_FOLDERS = frozenset(("profiles", "logs", "warc", "exports"))
# The registry is written whole each time.
_NUMBERED_AT_ONCE = 50
_THERE = "is there already"
# A page that is only in front of a portal shows no more.
_SHORT_LETTERS = 600


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an address: the portal's name if it is in the fleet now, a sentence, and if it was added now."""

    address: str
    portal: str | None
    sentence: str
    is_new: bool = False


def read_addresses(text: str) -> list[str]:
    r"""Read a list of addresses: one a line, each once; what follows a `#` is a remark.

    >>> read_addresses("\ufeffa.gov.vn  # xã A\n\nhttps://b.gov.vn/\na.gov.vn\n")
    ['a.gov.vn', 'https://b.gov.vn/']
    """
    lines = (line.partition("#")[0].strip() for line in text.removeprefix("\ufeff").splitlines())
    return list(dict.fromkeys(line for line in lines if line))


class FolderAdder:
    """Adds portals to the fleet of a folder, one address after the other; close it at the end.

    Each address costs the same, however many portals there are: a profile is read once, and numbers are given to many
    portals at a time. Others may add portals to the folder meanwhile.

    Raises:
        ArchiveLockedError: by each method, if another process that adds portals takes long.
        ArchiveUnusableError: by each method, if the registry cannot be written.
        WrongUseError: by each method, if the fleet has no more numbers.
        OSError: by each method, if a profile cannot be written.
    """

    def __init__(self, fleet: FleetFolder) -> None:
        self._fleet = fleet
        self._politeness = politeness_in(fleet)
        self._read: set[str] = set()
        self._known: dict[str, str] = {}
        self._unnumbered: list[str] = []

    def close(self) -> None:
        """Give the last portals their numbers."""
        self._politeness.close()
        self._number()

    def add(self, address: str) -> Added:
        """Ask an address what it is; write a profile for a portal that is not in the fleet yet."""
        added, text = probe_address(address, known=self._read_known(), politeness=self._politeness)
        if added.portal is None or text is None:
            return added
        with hold_lock(self._fleet.state / ".adding.lock", f"{self._fleet.path}: another process adds portals"):
            known, key = self._read_known(), portal_key(parse_profile(text, added.portal).base_url)
            if key in known:
                return Added(address, known[key], _THERE)
            name = _choose_name(added.portal, taken=set(known.values()))
            write_whole(self._fleet.profiles / f"{name}.toml", text.replace(f'"{added.portal}"', f'"{name}"', 1))
        self._unnumbered.append(name)
        if len(self._unnumbered) >= _NUMBERED_AT_ONCE:
            self._number()
        return Added(address, name, added.sentence, is_new=True)

    def _number(self) -> None:
        number_portals(self._fleet, self._unnumbered)
        self._unnumbered.clear()

    def _read_known(self) -> dict[str, str]:
        """Return the portals of the folder, as `probe_address` takes them, with those that others added meanwhile.

        The name of a profile that cannot be used stays taken.
        """
        for name in sorted(os.listdir(self._fleet.profiles)):
            if name not in self._read and name.endswith(".toml"):
                self._read.add(name)
                try:
                    profile = load_profile(str(self._fleet.profiles / name))
                    self._known[portal_key(profile.base_url)] = profile.name
                except ProfileError:
                    self._known[name] = name.removesuffix(".toml")
        return self._known


def portal_key(base_url: str) -> str:
    """Return what a portal is known by: its host, with its port, with any scheme and with or without `www.`.

    >>> portal_key("https://www.sapa.example.vn/"), portal_key("http://sapa.example.vn:8080/")
    ('sapa.example.vn', 'sapa.example.vn:8080')
    """
    parts = urlsplit(base_url)
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return (parts.hostname or "").removeprefix("www.") + port


def probe_address(address: str, *, known: Mapping[str, str], politeness: Politeness) -> tuple[Added, str | None]:
    """Ask an address what it is; give a profile for a portal that is not known yet, else None.

    Args:
        address: of a portal's home page.
        known: the portals of the fleet by `portal_key`.
        politeness: gives each request its turn among the crawls of the fleet.
    """
    try:
        home = fetch_home(address, politeness)
    except UnusableAddressError as error:
        return Added(address, None, str(error)), None
    parts = urlsplit(home.url)
    base_url = f"{parts.scheme}://{parts.netloc.lower()}/"
    key = portal_key(base_url)
    if key in known:
        return Added(address, known[key], _THERE), None
    try:
        page = parse_page(decode_html(home.body, home.content_type), home.url)
    except BadFileError as error:
        return Added(address, None, f"cannot be read: {error}"), None
    name = _choose_name(_name_portal(parts.netloc.lower()), taken=set(known.values()))
    text = _write_profile(name, base_url, page=page)
    try:
        profile = parse_profile(text, name)
    except ProfileError as error:
        return Added(address, None, str(error)), None
    cms = recognise_cms(page)
    if cms != _CMS:
        return Added(address, None, f"is of another system: {cms}" if cms else _say_unknown(page, profile)), None
    return Added(address, name, profile.title, is_new=True), text


def _say_unknown(page: Page, profile: Profile) -> str:
    """Say what a page of no known system is. A firewall's page or an empty one says nothing about the portal."""
    shown = look_at(page, profile)
    kind = name_no_page(page.html) or (name_stranger(page, shown) if len(shown.text) <= _SHORT_LETTERS else None)
    if kind is None:
        return "is of no system that is known"
    return f"shows no home page, but {say(f'kind_{kind}', 'en')}; try again later, or write its profile"


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
    domain = domain_of(own.hostname or "")
    found: dict[str, None] = {}
    for node in page.tree.css("img[src]"):
        parts = urlsplit(absolute_url(page, attribute(node, "src")) or "")
        host = parts.netloc.lower()
        is_store = host in KNOWN_ASSET_HOSTS[_CMS] or (domain is not None and domain_of(parts.hostname or "") == domain)
        if parts.scheme in ("http", "https") and host != own.netloc.lower() and is_store:
            found[host] = None
    return list(found)


def _name_portal(netloc: str) -> str:
    """Name a portal by its host: `sapa-laocai` for sapa.laocai.gov.vn."""
    bare = re.sub(r"(\.gov)?\.vn(?=:|$)", "", netloc.removeprefix("www."))
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")


def _choose_name(name: str, *, taken: set[str]) -> str:
    """Return a name that no portal has: the same one, or with a number."""
    unique, number = name, 2
    while unique in taken or unique in _OWN_FOLDERS:
        unique = f"{name}-{number}"
        number += 1
    return unique
