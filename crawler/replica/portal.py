"""The replica portal as one object: start it, control it, get its truth."""

import json
import re
import ssl
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from types import TracebackType
from typing import Self

from crawler.replica.content.compose import CATEGORIES
from crawler.replica.content.edition import Corpus, Edition, compose_corpus
from crawler.replica.content.model import ArticlePlan, ListingPlan, OlderRow
from crawler.replica.content.urls import Hosts
from crawler.replica.pages.page_frame import PORTAL_TITLE
from crawler.replica.pages.site import Site
from crawler.replica.server.control import answer_control
from crawler.replica.server.faults import Faults, ServerFault
from crawler.replica.server.server import PortalServer
from crawler.replica.truth import Truth, tell_truth
from crawler.replica.wire import Logged, WireReply, WireRequest

FIRST_DAY = date(2025, 6, 2)
ARRIVALS_A_NIGHT = 4

TomlValue = str | int | float | bool | list[str] | Mapping[str, "TomlValue"] | None


class Replica:
    """A portal of the VNPT CMS on 127.0.0.1: pages, files, and a trap that a good crawler never requests.

    Use it as a context manager, or call `start` and `stop`. The same arguments give the same portal; only
    __VIEWSTATE and the counters differ between answers.
    """

    def __init__(
        self,
        seed: int = 1,
        articles: int = 240,
        night: int = 1,
        *,
        port: int = 0,
        files_port: int = 0,
        elsewhere_port: int = 0,
        shifting: bool = False,
        page_etags: bool = False,
        single_pages: bool = False,
        skin: str = "",
        first_day: date = FIRST_DAY,
        tls: ssl.SSLContext | None = None,
        files_of: "Replica | None" = None,
    ) -> None:
        """Compose the portal. Nothing listens before `start`.

        Args:
            seed: determines the whole portal.
            articles: the number before the first night. With less than 100 some fates and forms are missing.
            night: the first night served, from 1.
            port: of the pages; 0 takes a free one.
            files_port: of the files.
            elsewhere_port: of the trap.
            shifting: a new article appears at the top of a listing each time one of its later pages is read.
            page_etags: pages answer 304 to If-None-Match too, as files always do.
            single_pages: entries of the menu are articles by themselves (`pages/single_pages.py`).
            skin: `commune` shows all articles as another portal of this CMS does (`pages/commune.py`).
            first_day: the date of night 1 in the portal's zone.
            files_of: another replica that serves and started before; this one has its articles, and all files there.
            tls: with it, the pages are served over https only; their own links stay http, as on portals that moved.
        """
        self.faults = Faults()
        self.stopping = threading.Event()
        self._ports = (port, files_port, elsewhere_port)
        self._shifting = shifting
        self._page_etags = page_etags
        self._single_pages = single_pages
        self._skin = skin
        self._tls = tls
        self._files_of = files_of
        self._corpus: Corpus = (
            files_of._corpus if files_of is not None else compose_corpus(seed, articles, first_day=first_day)
        )
        self._night = night
        self._arrivals: list[ArticlePlan] = []
        self._withdrawn: frozenset[int] = frozenset()
        self._oldest_first: dict[str, int] = {}
        self._older_rows: Mapping[str, Sequence[OlderRow]] = {}
        self._lock = threading.Lock()
        self._servers: tuple[PortalServer, ...] = ()
        self._hosts: Hosts | None = None
        self._site: Site | None = None
        self._log: list[Logged] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Bind the three ports and serve in threads.

        Raises:
            RuntimeError: if it is serving already.
            OSError: if a port is taken.
        """
        if self._servers:
            raise RuntimeError("the replica is serving already")
        self.stopping.clear()
        names = ("site",) if self._files_of is not None else ("site", "files", "elsewhere")
        opened: list[PortalServer] = []
        try:
            for name, port in zip(names, self._ports, strict=False):
                opened.append(PortalServer(name, port, backend=self, tls=self._tls if name == "site" else None))
        except OSError:
            for server in opened:
                server.server_close()
            raise
        self._servers = tuple(opened)
        shared = self._files_of.hosts if self._files_of is not None else None
        rest = (shared.files, shared.elsewhere) if shared is not None else ()
        self._hosts = Hosts(*(server.host for server in opened), *rest)
        self._publish()
        for server in opened:
            server.start()

    def stop(self) -> None:
        """End every wait and connection and free the ports. Does nothing if nothing serves."""
        self.stopping.set()
        for server in self._servers:
            server.stop()
        self._servers = ()

    @property
    def hosts(self) -> Hosts:
        """The three host:port pairs. RuntimeError before `start`."""
        if self._hosts is None:
            raise RuntimeError("the replica has no address before start()")
        return self._hosts

    @property
    def base_url(self) -> str:
        """The home page's address, with the slash."""
        return f"{'https' if self._tls else 'http'}://{self.hosts.pages}/"

    @property
    def files_host(self) -> str:
        """The host:port of most uploads."""
        return self.hosts.files

    @property
    def elsewhere_host(self) -> str:
        """The host:port of the trap."""
        return self.hosts.elsewhere

    @property
    def night(self) -> int:
        """The current night, from 1. Setting it changes the portal at once, forward or back."""
        return self._night

    @night.setter
    def night(self, night: int) -> None:
        if night < 1:
            raise ValueError(f"there is no night {night}: the first is 1")
        with self._lock:
            self._night = night
            self._publish()

    def rearrange(self, slug: str, *, oldest_first: int) -> None:
        """Put this many of the oldest articles of a listing before all others, as editors do by number."""
        with self._lock:
            self._oldest_first = {**self._oldest_first, slug: oldest_first}
            self._publish()

    def continue_listings(self, rows: Mapping[str, Sequence[OlderRow]]) -> None:
        """Let listings, by their slugs, name more addresses below their articles. The portal has no pages for them."""
        with self._lock:
            self._older_rows = rows
            self._publish()

    def withdraw(self, pattern: str, *, share: float = 1.0) -> None:
        """Take articles off the portal at once: each is a 404 and in no listing until `bring_back`.

        Args:
            pattern: what the article's path of this night begins with, a regular expression.
            share: 0 to 1, the part of them that goes, always the same ones.
        """
        edition = self._current_site().edition
        paths = {one.article.key: edition.path(one) for one in edition.articles}
        fault = ServerFault(re.compile(f"^{pattern}"), "404", None, share, 0)
        self._withdraw({*self._withdrawn, *(key for key, path in paths.items() if fault.covers(path))})

    def bring_back(self) -> None:
        """Put all withdrawn articles on the portal again."""
        self._withdraw(())

    def _withdraw(self, keys: Iterable[int]) -> None:
        with self._lock:
            self._withdrawn = frozenset(keys)
            self._publish()

    @property
    def requests(self) -> tuple[Logged, ...]:
        """Every request to the three servers, in the order of the answers, without control requests."""
        return tuple(self._log)

    def forget_requests(self) -> None:
        """Empty the log."""
        self._log.clear()

    def truth(self) -> Truth:
        """Return what a perfect archive holds of this night's portal."""
        return tell_truth(self._current_site().edition)

    def profile_toml(self, name: str = "replica", **overrides: TomlValue) -> str:
        """Return a profile for the crawler, with every listing named and no delay.

        Args:
            name: the portal's name.
            **overrides: keys of the profile. A mapping is merged into its table, None removes the key
                (`listings=None`: the crawler finds them in the menu).
        """
        profile: dict[str, TomlValue] = {
            "name": name,
            "title": PORTAL_TITLE,
            "cms": "vnpt",
            "base_url": self.base_url,
            "listings": [f"/{category.slug}" for category in CATEGORIES],
            "asset_hosts": [self.files_host],
            "timezone": "Asia/Ho_Chi_Minh",
            "pace": {"delay_seconds": 0.0, "concurrency": 8},
        }
        for key, value in overrides.items():
            table = profile.get(key)
            profile[key] = {**table, **value} if isinstance(table, Mapping) and isinstance(value, Mapping) else value
        return _write_toml(profile)

    def answer(self, request: WireRequest) -> WireReply:
        """Answer a request to any of the servers, without faults."""
        if request.server == "elsewhere":
            return WireReply(200, "<html><body><h1>Trang ngoài</h1><a href='/tiep'>Tiếp</a></body></html>".encode())
        site = self._current_site()
        if request.server == "files":
            return site.files.find("files", request.target) or WireReply(404, b"<h1>404</h1>", "text/html")
        reply, read_on = site.answer(request)
        if read_on is not None and self._shifting:
            self._arrive(read_on)
        return reply

    def answer_not_found(self) -> WireReply:
        """Return the page that says "not found" with status 200."""
        return self._current_site().not_found(200)

    @cached_property
    def _heirs(self) -> list[ArticlePlan]:
        """Articles that are nowhere else on the portal, one of which takes the number of a held one."""
        return [self._corpus.composer.newcomer(night, 0) for night in range(900, 997)]

    def answer_other(self, request: WireRequest, which: str) -> WireReply:
        """Answer as for another page.

        Args:
            request: the request.
            which: the `next` article of the requested one's category, the portal's `newest`, the article that has taken
                the requested one's number (`heir`), the `last-page` of the pager, or the `home` page.
        """
        site = self._current_site()
        if which == "heir":
            return site.answer_heir(request.target, self._heirs)
        if which == "last-page":
            return site.answer_last_page(request)
        target = "/" if which == "home" else site.edition.neighbour(request.target, which)
        return site.answer(replace(request, target=target))[0]

    def control(self, request: WireRequest) -> WireReply:
        """Answer a request to /_replica/."""
        return answer_control(self, request)

    def meet_fault(self, request: WireRequest) -> ServerFault | None:
        """Return the fault for the request. The trap has no faults."""
        return None if request.server == "elsewhere" else self.faults.meet(request.target)

    def log(self, entry: Logged) -> None:
        """Add a request to the log."""
        self._log.append(entry)

    def _current_site(self) -> Site:
        if self._site is None:
            raise RuntimeError("the replica has no pages before start()")
        return self._site

    def _publish(self) -> None:
        if self._hosts is not None:
            edition = Edition(
                self._corpus, self._night, tuple(self._arrivals), self._hosts, self._withdrawn,
                has_single_pages=self._single_pages, oldest_first=self._oldest_first,
                older_rows=self._older_rows, skin=self._skin,
            )  # fmt: skip
            self._site = Site(edition, page_etags=self._page_etags)

    def _arrive(self, category: ListingPlan) -> None:
        with self._lock:
            possible = [
                self._corpus.composer.arrival(category, count, night=self._night)
                for count in range(1, ARRIVALS_A_NIGHT + 1)
            ]
            known = {article.key for article in self._arrivals}
            fresh = [article for article in possible if article.key not in known]
            if fresh:
                self._arrivals.append(fresh[0])
                self._publish()


def _write_toml(profile: Mapping[str, TomlValue]) -> str:
    """Return the mapping as TOML, tables last, as TOML requires."""
    plain = {key: value for key, value in profile.items() if value is not None and not isinstance(value, Mapping)}
    lines = [f"{key} = {_toml_value(value)}" for key, value in plain.items()]
    for key, table in profile.items():
        if isinstance(table, Mapping):
            lines += [
                f"[{key}]",
                *(f"{name} = {_toml_value(value)}" for name, value in table.items() if value is not None),
            ]
    return "\n".join(lines) + "\n"


def _toml_value(value: object) -> str:
    """Return a TOML value. JSON and TOML write strings, numbers, booleans and arrays of them alike."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)} = {_toml_value(one)}" for name, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
