"""The portal in one night: which listings name which articles, and which address each link has."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from crawler.replica.content.compose import CATEGORIES, Composer
from crawler.replica.content.model import ArticlePlan, ListingPlan, OlderRow, PublishedArticle
from crawler.replica.content.nights import NEWCOMERS_A_NIGHT, Fate, assign_fates, publish
from crawler.replica.content.urls import Hosts, new_path, old_path

BOX_SIZE = 3
RSS_SIZE = 30


@dataclass(frozen=True)
class Corpus:
    """All articles posted before the first night, with their fates. Made once."""

    seed: int
    first_day: date
    composer: Composer
    base: tuple[ArticlePlan, ...]
    fates: dict[int, Fate]


def compose_corpus(seed: int, articles: int, *, first_day: date) -> Corpus:
    """Compose the articles of a portal. The same arguments give the same corpus."""
    composer = Composer(seed, articles, first_day)
    base = tuple(composer.base_article(key) for key in range(articles))
    return Corpus(seed, first_day, composer, base, assign_fates(base))


class Edition:
    """The portal of one night. Never changes: another night or an arrival makes a new edition."""

    def __init__(
        self,
        corpus: Corpus,
        night: int,
        arrivals: Iterable[ArticlePlan],
        hosts: Hosts,
        withdrawn: frozenset[int] = frozenset(),
        *,
        has_single_pages: bool = False,
        oldest_first: Mapping[str, int] | None = None,
        older_rows: Mapping[str, Sequence[OlderRow]] | None = None,
        skin: str = "",
    ) -> None:
        """Set up the night.

        Args:
            corpus: the portal's articles.
            night: 1 is the first.
            arrivals: the articles that appeared while a listing was read.
            hosts: the servers' addresses, part of absolute links.
            withdrawn: the keys of articles that were taken off the portal.
            has_single_pages: entries of the menu can be articles.
            skin: of the articles' pages; "" for the layout of each.
            oldest_first: by the slug of a listing, how many of its oldest articles come first.
            older_rows: by the slug of a listing, the rows below its articles.
        """
        self.has_single_pages = has_single_pages
        self.skin = skin
        self._oldest_first = oldest_first or {}
        self._older_rows = older_rows or {}
        self.corpus = corpus
        self.night = night
        self.hosts = hosts
        self.today = corpus.first_day + timedelta(days=night - 1)
        newcomers = [
            corpus.composer.newcomer(since, place)
            for since in range(2, night + 1)
            for place in range(NEWCOMERS_A_NIGHT)
        ]
        plans = (*corpus.base, *newcomers, *arrivals)
        published = (publish(one, corpus.fates.get(one.key), night=night, seed=corpus.seed) for one in plans)
        self.articles = tuple(
            replace(one, presence="gone-404", listed=False) if one.article.key in withdrawn else one
            for one in published
        )
        self.by_source = {one.source_id: one for one in self.articles}
        self.by_old = {one.article.old_number: one for one in self.articles}
        self.moved = {path: one for one in self.articles for path in one.moved_from}
        self._rows = {category.slug: self._order(category) for category in CATEGORIES}

    def _order(self, category: ListingPlan) -> tuple[PublishedArticle, ...]:
        rows = [one for one in self.articles if one.listed and one.category == category]
        rows.sort(key=lambda one: (one.article.posted_at, one.article.key))
        first = self._oldest_first.get(category.slug, 0)
        return (*rows[:first], *reversed(rows[first:]))

    def rows(self, category: ListingPlan) -> tuple[PublishedArticle, ...]:
        """Return every article that the listing names, newest first, with the pinned one."""
        return self._rows[category.slug]

    def pinned(self, category: ListingPlan) -> PublishedArticle | None:
        """Return the article at the top of every page of the listing."""
        if not category.pinned:
            return None
        steady = [one for one in self.rows(category) if one.article.key not in self.corpus.fates]
        base = [one for one in steady if one.article.key < len(self.corpus.base)]
        return base[min(3, len(base) - 1)] if base else None

    def page_count(self, category: ListingPlan) -> int:
        """Return the number of pages of the listing, at least 1."""
        pinned = 1 if self.pinned(category) else 0
        rows = len(self.rows(category)) - pinned + len(self._older_rows.get(category.slug, ()))
        return max(-(-rows // category.page_size), 1)

    def page_rows(self, category: ListingPlan, page: int) -> tuple[PublishedArticle, ...]:
        """Return the rows of one page, from 1. Empty after the last page."""
        pinned = self.pinned(category)
        rest = [one for one in self.rows(category) if one is not pinned]
        part = rest[(page - 1) * category.page_size : page * category.page_size]
        return (pinned, *part) if pinned and part else tuple(part)

    def page_older_rows(self, category: ListingPlan, page: int) -> Sequence[OlderRow]:
        """Return the rows of one page below those of `page_rows`."""
        above = len(self.rows(category)) - (1 if self.pinned(category) else 0)
        first, last = ((number * category.page_size - above) for number in (page - 1, page))
        return self._older_rows.get(category.slug, ())[max(0, first) : max(0, last)]

    @cached_property
    def boxes(self) -> tuple[tuple[PublishedArticle, ...], ...]:
        """The side boxes "Tin tức": articles that no listing names, and some that one does."""
        members = [
            one
            for one in self.articles
            if one.article.key < len(self.corpus.base) and (one.article.place == "box" or one.article.key % 13 == 4)
        ]
        groups = [members[start : start + BOX_SIZE] for start in range(0, len(members), BOX_SIZE)]
        return tuple(tuple(one for one in group if one.presence == "live") for group in groups) or ((),)

    def box_for(self, key: int) -> tuple[PublishedArticle, ...]:
        """Return the side box on the page with this number (an article's key, or 0 for the home page)."""
        return self.boxes[key % len(self.boxes)]

    @cached_property
    def _lone(self) -> dict[int, list[PublishedArticle]]:
        """The articles that only "Tin khác" names, by the keys of the pages that name them."""
        lone: dict[int, list[PublishedArticle]] = {}
        for one in self.articles:
            if one.article.place == "related" and one.presence == "live":
                for key in (one.article.key - 1, one.article.key - 2, one.article.key + 1):
                    lone.setdefault(key, []).append(one)
        return lone

    def related(self, published: PublishedArticle) -> tuple[PublishedArticle, ...]:
        """Return what the article's "Tin khác" names: older neighbours, and articles that only "Tin khác" names."""
        rows = self.rows(published.category)
        place = rows.index(published) + 1 if published in rows else 0
        return (*rows[place : place + 4], *self._lone.get(published.article.key, ()))

    @cached_property
    def feed(self) -> tuple[PublishedArticle, ...]:
        """The newest listed articles of all categories, as in rss.aspx."""
        rows: list[PublishedArticle] = [one for category in CATEGORIES for one in self.rows(category)]
        rows.sort(key=lambda one: (one.article.posted_at, one.article.key), reverse=True)
        return tuple(rows[:RSS_SIZE])

    def path(self, published: PublishedArticle) -> str:
        """Return the article's two-level path of this night."""
        return new_path(published.category, published.content, source_id=published.source_id)

    def neighbour(self, path: str, which: str) -> str:
        """Return the path of the article after one in its category (`next`), or of the portal's newest other one."""
        if which == "newest":
            return next(found for one in self.feed if (found := self.path(one)) != path)
        rows = next((rows for rows in self._rows.values() if path in [self.path(one) for one in rows]), self.feed)
        paths = [self.path(one) for one in rows]
        return paths[(paths.index(path) + 1 if path in paths else 0) % len(paths)]

    def link(self, published: PublishedArticle, where: str) -> str:
        """Return the address that `listing`, `box`, `related` or `feed` has for it, as spelled there."""
        draw = zlib.crc32(f"{self.corpus.seed}/{published.article.key}/link".encode())
        old = draw % 100 < published.category.old_links * 100
        if where == "box":
            old = not old
        path = old_path(published.article) if old and where in ("listing", "box") else self.path(published)
        if where == "listing":
            path += published.article.tracker
        spelling = (draw >> 8) % 10
        if where == "feed" or spelling < 3:
            return f"http://{self.hosts.pages}{path}"
        return f" {path} " if spelling == 3 else path


def find_category(slug: str) -> ListingPlan | None:
    """Return the category of that slug."""
    return next((category for category in CATEGORIES if category.slug == slug), None)
