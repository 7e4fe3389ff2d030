"""The profile of a portal: one TOML file, parsed into a frozen struct. Unknown keys and wrong values are refused."""

import re
from base64 import b64decode
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from crawler.errors import ProfileError
from crawler.items import FileRole

DEFAULT_PORTS = {"http": 80, "https": 443}

# The file hosts of portals of this CMS, if the profile names none (docs/cms-vnpt.md, "Assets").
KNOWN_ASSET_HOSTS = {"vnpt": ("storage-vnportal.vnpt.vn", "storage-edu.vnpt.vn")}

NAME_PATTERN = r"\A[a-z0-9-]+\Z"
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_PART = re.compile(r"(?:\*|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/([0-9]{1,2}))?")


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the profile: unknown keys are refused."""


class Pace(_Table, frozen=True):
    """How fast a crawl sends requests to the portal."""

    delay_seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 1.0
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=16)] = 2


class Tls(_Table, frozen=True):
    """How certificates are checked.

    `pins` has the SHA-256 of public keys, for a host or host:port whose certificate is not valid. Such a host must show
    a certificate with one of these keys. Nothing else about the certificate is checked.
    """

    verify: bool = True
    pins: dict[str, str | tuple[str, ...]] = {}

    def pins_of(self, url: str) -> tuple[bytes, ...]:
        """Return the pinned SHA-256 digests for an https address; () if its certificate is verified instead.

        A pin for host:port has priority over a pin for the host, which applies to all its ports.
        """
        if not self.pins:
            return ()
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        named = {name.lower(): pins for name, pins in self.pins.items()}
        pins = named.get(f"{host}:{parts.port or DEFAULT_PORTS['https']}") or named.get(f"{host}") or ()
        digests = (parse_pin(pin) for pin in ((pins,) if isinstance(pins, str) else pins))
        return tuple(digest for digest in digests if digest is not None)


class Schedule(_Table, frozen=True):
    """When the nightly crawl starts: a cron line of five fields, in the portal's zone.

    It starts up to `jitter_minutes` later, so that many archives do not start at the same time. The delay of a given
    night is always the same.
    """

    cron: str = "30 1 * * *"
    jitter_minutes: Annotated[int, msgspec.Meta(ge=0, le=180)] = 0


class Removal(_Table, frozen=True):
    """The minimum number of nights with a miss after which a removal is certain."""

    nights: Annotated[int, msgspec.Meta(ge=1, le=365)] = 3


class Relook(_Table, frozen=True):
    """How often held articles are fetched again: the older an article is (in days), the more rarely.

    Every article is fetched again within `then_every_days`; every listing is read to its end within
    `walk_listings_every_days`. `files_per_night` is the maximum number of held files that a night fetches again.
    """

    daily_for_days: Annotated[int, msgspec.Meta(ge=0)] = 14
    weekly_for_days: Annotated[int, msgspec.Meta(ge=0)] = 90
    monthly_for_days: Annotated[int, msgspec.Meta(ge=0)] = 365
    then_every_days: Annotated[int, msgspec.Meta(ge=1)] = 90
    walk_listings_every_days: Annotated[int, msgspec.Meta(ge=1)] = 7
    files_per_night: Annotated[int, msgspec.Meta(ge=0)] = 40


class Expect(_Table, frozen=True):
    """What a healthy night gives. None: compare with the portal's past nights."""

    articles: Annotated[int, msgspec.Meta(ge=1)] | None = None
    new_within_days: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Rights(_Table, frozen=True):
    """Shown with the content; no licence is assumed."""

    notice: str | None = None
    source: str | None = None


class Limits(_Table, frozen=True):
    """Upper limits of an answer, checked while it streams and again after decompression, and of a run.

    If a run stops at a limit, the next run continues there (docs/decisions/bounds-of-a-night.md).
    """

    page_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 32 * 1024**2
    image_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 32 * 1024**2
    attachment_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 256 * 1024**2
    night_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 20 * 1024**3
    disk_reserve_bytes: Annotated[int, msgspec.Meta(ge=0)] = 1024**3
    night_minutes: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1200
    listing_pages: Annotated[int, msgspec.Meta(ge=2, le=1_000_000)] = 1000
    menu_entries: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 500
    new_articles: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] = 10_000
    links: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] = 2000
    requisites: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] = 2000
    article_files: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 500

    def of_file(self, role: FileRole) -> int:
        """Return the maximum number of bytes of a file with this role."""
        sizes = {FileRole.IMAGE: self.image_bytes, FileRole.ATTACHMENT: self.attachment_bytes}
        return sizes.get(role, self.page_bytes)


class Profile(_Table, frozen=True):
    """All settings that differ between portals.

    A crawl sends requests only to `asset_hosts` and the portal's own host. `moved_from` has former values of `base_url`
    that an archive may hold for this portal.
    """

    name: Annotated[str, msgspec.Meta(pattern=NAME_PATTERN, max_length=64)]
    title: Annotated[str, msgspec.Meta(min_length=1)]
    cms: Literal["vnpt"]
    base_url: str
    moved_from: tuple[str, ...] = ()
    listings: tuple[str, ...] | None = None
    asset_hosts: tuple[str, ...] | None = None
    timezone: str = "Asia/Ho_Chi_Minh"
    robots: Literal["obey", "record"] = "obey"
    robots_reason: str | None = None
    contact: str | None = None
    pace: Pace = Pace()
    tls: Tls = Tls()
    schedule: Schedule = Schedule()
    removal: Removal = Removal()
    relook: Relook = Relook()
    expect: Expect = Expect()
    rights: Rights = Rights()
    limits: Limits = Limits()

    @property
    def zone(self) -> ZoneInfo:
        """The portal's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def origin(self) -> str:
        """Scheme and authority of the portal, without a trailing slash."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc.lower()}"

    @property
    def file_hosts(self) -> tuple[str, ...]:
        """`host` or `host:port` of every file host besides the portal's own host."""
        return KNOWN_ASSET_HOSTS[self.cms] if self.asset_hosts is None else self.asset_hosts


def load_profile(name_or_path: str) -> Profile:
    """Read the bundled profile of that name, or the TOML file at that path.

    Raises:
        ProfileError: if it does not exist or is not valid. The message names the file, the key and what was expected.
    """
    path: Path | Traversable = Path(name_or_path)
    if re.fullmatch(NAME_PATTERN, name_or_path):
        path = resources.files("crawler") / "profiles" / f"{name_or_path}.toml"
        if not path.is_file():
            known = ", ".join(bundled_profile_names())
            raise ProfileError(f"no profile called {name_or_path!r} is bundled (there are: {known}); give a .toml file")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return parse_profile(text, str(path))


def bundled_profile_names() -> list[str]:
    """Return the names of the profiles in the package, sorted."""
    folder = resources.files("crawler") / "profiles"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def parse_profile(text: str, where: str = "profile") -> Profile:
    r"""Parse a Profile from TOML text; `where` names the file in messages.

    >>> parse_profile('name="x"\ntitle="X"\ncms="vnpt"\nbase_url="https://x.vn/"').origin
    'https://x.vn'

    Raises:
        ProfileError: as `load_profile`.
    """
    try:
        profile = msgspec.toml.decode(text, type=Profile, strict=True)
    except msgspec.ValidationError as error:
        raise ProfileError(f"{where}: {_describe(str(error))}") from error
    except msgspec.DecodeError as error:
        raise ProfileError(f"{where}: not TOML: {error}") from error
    for problem in _problems(profile):
        raise ProfileError(f"{where}: {problem}")
    return profile


def replan_profile(profile: Profile, cron: str, *, timezone: str, jitter_minutes: int) -> Profile:
    """Return a copy of the profile with another schedule."""
    schedule = Schedule(cron=cron, jitter_minutes=jitter_minutes)
    return msgspec.structs.replace(profile, schedule=schedule, timezone=timezone)


def render_profile(profile: Profile) -> bytes:
    """Return a profile as JSON, the form in WARC files; `restore_profile` parses it."""
    return msgspec.json.encode(profile)


def restore_profile(text: bytes | str) -> Profile:
    """Parse a profile from the JSON of `render_profile`."""
    return msgspec.json.decode(text, type=Profile)


def _describe(message: str) -> str:
    """Turn msgspec's message and path into: key `pace.delay_seconds`: what was expected."""
    what, _, path = message.partition(" - at `$")
    key = path.rstrip("`").lstrip(".")
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", what)
    if unknown:
        known = ", ".join(_TABLES.get(key, Profile).__struct_fields__)
        return f"key `{key}.{unknown[1]}`: unknown; expected one of {known}".replace("`.", "`")
    missing = re.fullmatch(r"Object missing required field `(.*)`", what)
    if missing:
        return f"key `{missing[1]}`: missing, but required"
    if key in _EXPECTED:
        return f"key `{key}`: expected {_EXPECTED[key]}"
    return f"key `{key}`: {what[:1].lower()}{what[1:]}"


def parse_pin(pin: str) -> bytes | None:
    """Parse the SHA-256 of a public key (SPKI): `sha256//BASE64` as curl writes it, `sha256/BASE64`, BASE64, or hex.

    Return None if the text has none of these forms.

    >>> parse_pin("sha256//" + "A" * 43 + "=") == parse_pin("sha256:" + "00" * 32) == bytes(32)
    True
    """
    if match := re.fullmatch(r"(?:sha256:)?([0-9A-Fa-f]{64})", pin):
        return bytes.fromhex(match[1])
    match = re.fullmatch(r"(?:sha256//?)?([A-Za-z0-9+/]{43}=)", pin)
    return b64decode(match[1]) if match else None


_TABLES: dict[str, type[_Table]] = {
    "pace": Pace,
    "tls": Tls,
    "schedule": Schedule,
    "removal": Removal,
    "relook": Relook,
    "expect": Expect,
    "rights": Rights,
    "limits": Limits,
}
# The expected values of keys for which msgspec's message would be only a pattern.
_EXPECTED = {
    "name": "a name of a to z, 0 to 9 and hyphens",
    "cms": 'one of the known systems: "vnpt"',
    "robots": '"obey" or "record"',
    "schedule.cron": 'five cron fields, such as "30 1 * * *"',
    "tls.pins": "a table of hosts with their keys",
    # TOML reads a host without quotation marks as tables within tables.
    "tls.pins[...]": 'a host in quotation marks = the SHA-256 of its key ("sha256//BASE64" or 64 hex digits)',
}


def _problems(profile: Profile) -> Iterator[str]:
    """Yield the problems that checks of types and ranges do not find."""
    yield from _address_problems(profile)
    yield from _pin_problems(profile)
    if not _is_cron(profile.schedule.cron):
        yield f"key `schedule.cron`: expected {_EXPECTED['schedule.cron']}, got {profile.schedule.cron!r}"
    try:
        ZoneInfo(profile.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"key `timezone`: expected a zone such as Asia/Ho_Chi_Minh, got {profile.timezone!r}"
    if profile.robots == "record" and not (profile.robots_reason or "").strip():
        yield 'key `robots_reason`: required with robots = "record": say why robots.txt is not followed'
    if profile.contact is not None and not re.fullmatch(r"[\x21-\x7e]+", profile.contact):
        yield f"key `contact`: expected an address without spaces, in ASCII, got {profile.contact!r}"


def _address_problems(profile: Profile) -> Iterator[str]:
    for key, address in [("base_url", profile.base_url), *(("moved_from", old) for old in profile.moved_from)]:
        if not _is_site_address(address):
            yield f"key `{key}`: expected an address such as https://host/ without path or query, got {address!r}"
    if profile.base_url in profile.moved_from:
        yield "key `moved_from`: expected former addresses only, got today's base_url"
    if profile.listings is not None and not profile.listings:
        yield "key `listings`: expected at least one address, or no such key"
    for listing in profile.listings or ():
        if not listing.startswith("/") or listing.startswith("//"):
            yield f"key `listings`: expected paths that start with one /, got {listing!r}"
    for host in profile.asset_hosts or ():
        if not _is_authority(host):
            yield f"key `asset_hosts`: expected host or host:port, got {host!r}"


def _pin_problems(profile: Profile) -> Iterator[str]:
    for host, pins in profile.tls.pins.items():
        if not _is_authority(host):
            yield f"key `tls.pins`: expected host or host:port, got {host!r}"
        if not pins and not isinstance(pins, str):
            yield f"key `tls.pins.{host}`: expected {_EXPECTED['tls.pins[...]']}, got none"
        for pin in (pins,) if isinstance(pins, str) else pins:
            if parse_pin(pin) is None:
                yield f"key `tls.pins.{host}`: expected {_EXPECTED['tls.pins[...]']}, got {pin!r}"


def _is_cron(line: str) -> bool:
    """True for five fields of numbers, ranges and steps, each within its range.

    >>> _is_cron("30 1 * * 1-5"), _is_cron("60 1 * * *"), _is_cron("0 0 5-1 * *"), _is_cron("0 0 */0 * *")
    (True, False, False, False)
    """
    fields = line.split(" ")
    return len(fields) == len(_CRON_RANGES) and all(
        _is_cron_part(part, low, high=high)
        for field, (low, high) in zip(fields, _CRON_RANGES, strict=True)
        for part in field.split(",")
    )


def _is_cron_part(part: str, low: int, *, high: int) -> bool:
    match = _CRON_PART.fullmatch(part)
    if match is None or match[3] == "0":
        return False
    first = int(match[1]) if match[1] else low
    last = int(match[2]) if match[2] else first if match[1] else high
    return low <= first <= last <= high


def _is_site_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    plain = parts.path in ("", "/") and not parts.query and not parts.fragment
    return parts.scheme in DEFAULT_PORTS and plain and _is_authority(parts.netloc)


def _is_authority(text: str) -> bool:
    """True for host or host:port, where the host is a name or a literal address."""
    if not re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?", text):
        return False
    try:
        port = urlsplit(f"//{text}").port
    except ValueError:
        return False
    return port is None or port > 0
