"""A portal of files for measuring: pages of the CMS's markup in the size of real ones, and pictures.

A page of the portals has about 46 kB, of which the article's 1,000 words are a sixth; a picture has about 120 kB. The
same numbers give the same portal.
"""

import io
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

from PIL import Image

from bench.library import Stock, make_stock

PAGE_BYTES = 46_000
WORDS = 1_000
ROWS = 15  # of a listing
FIRST_DAY = datetime(2022, 1, 1, 8)  # noqa: DTZ001 - as the portal writes it
PROFILE = """name = "bench"
title = "Cổng thử tốc độ"
cms = "vnpt"
base_url = "{base}"
listings = [{listings}]
[pace]
delay_seconds = 0
concurrency = 16
[limits]
disk_reserve_bytes = 0
"""


@dataclass(frozen=True, slots=True)
class Portal:
    """The files of a portal, in `folder`: `paths` are those that a crawl asks for, `listings` come first in it."""

    folder: Path
    listings: tuple[str, ...]
    paths: tuple[str, ...]

    def profile(self, base: str) -> str:
        """Return the profile of the portal under an address."""
        return PROFILE.format(base=base, listings=", ".join(f'"{path}"' for path in self.listings))


def make_portal(folder: Path, *, articles: int, pictures: int) -> Portal:
    """Write a portal with this many articles, each with this many pictures."""
    rng = random.Random(1)
    maker = _Maker(folder, make_stock(rng), rng)
    maker.write("/robots.txt", "User-agent: *\nAllow: /\n")
    listings, others = [], []
    for first in range(0, articles, ROWS):
        listing = f"/chuyen-muc-{first // ROWS + 1}"
        rows = []
        for number in range(first, min(first + ROWS, articles)):
            named = [maker.put_picture(number, place) for place in range(pictures)]
            path, row = maker.put_article(listing, number, pictures=named)
            rows.append(row)
            others += [path, *named]
        maker.put_listing(listing, list(reversed(rows)))
        listings.append(listing)
    links = "".join(f'<a href="{path}">{path[1:]}</a>' for path in listings)
    maker.write("/", f"<!DOCTYPE html><html><head><title>Cổng thử tốc độ</title></head><body>{links}</body></html>")
    return Portal(folder, tuple(listings), ("/", *listings, *others))


class _Maker:
    def __init__(self, folder: Path, stock: Stock, rng: random.Random) -> None:
        self._folder = folder
        self._stock = stock
        self._rng = rng
        rules = "".join(f".box-{n} .title{{margin:{n % 40}px;color:#{n * 7919 % 2**24:06x}}}\n" for n in range(200))
        scripts = "".join(f'var part_{n} = {{"id": {n * 7919}, "path": "/api/part/{n}"}};\n' for n in range(200))
        self._head = f"<style>{rules}</style><script>{scripts}</script>"
        boxes = "".join(
            f'<div class="box box-{n}"><h3>{escape(rng.choice(stock.titles))}</h3><ul>'
            + "".join(f"<li><span>{escape(rng.choice(stock.titles))}</span></li>" for _ in range(6))
            + "</ul></div>\n"
            for n in range(14)
        )
        self._foot = f"{boxes}<footer>{self._text(120)}</footer>"
        self._noise = [_draw(rng.randbytes(320 * 240 * 3)) for _ in range(16)]

    def put_article(self, listing: str, number: int, *, pictures: list[str]) -> tuple[str, str]:
        """Write an article; return its path and its row of a listing."""
        title = f"{self._rng.choice(self._stock.titles)} {number}"
        path = f"{listing}/bai-viet-{number}-{1_000_000 + number}"
        when = FIRST_DAY + timedelta(hours=5 * number)
        summary = escape(self._rng.choice(self._stock.leads))
        body = self._text(self._rng.randrange(WORDS * 6 // 10, WORDS * 14 // 10))
        for picture in pictures:
            caption = escape(self._rng.choice(self._stock.captions))
            body += f'<p><img src="{picture}" alt=""></p><p style="text-align:center"><em>{caption}</em></p>'
        article = (
            f'<div class="ArticleDetailControl"><h1 class="ArticleHeader">{escape(title)}</h1>'
            f'<div class="PostDate">{when:%d/%m/%Y %H:%M}</div><div class="ArticleSummary">{summary}</div>'
            f'<div class="ArticleContent">{body}</div></div>'
        )
        self.write(path, self._page(title, article))
        day = f'<div class="Ngaydang">{when:%d/%m/%Y}</div>'
        return path, f'<li class="row"><h2 class="Title"><a href="{path}">{escape(title)}</a></h2>{day}</li>'

    def put_listing(self, path: str, rows: list[str]) -> None:
        """Write a listing of one page."""
        inner = f'<div class="UIArticleInMenu_Default"><ul class="ArticleList">{"".join(rows)}</ul></div>'
        self.write(path, self._page(path[1:], inner))

    def put_picture(self, number: int, place: int) -> str:
        """Write a picture whose bytes are its own by a comment; return its path."""
        path, noise = f"/files/anh-{number}-{place}.jpg", self._noise[(number + place) % len(self._noise)]
        comment = f"{number}-{place}".encode()
        data = noise[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + noise[2:]
        self._file(path).write_bytes(data)
        return path

    def write(self, path: str, text: str) -> None:
        """Write a page, as `index.html` in a folder of its own if its path has further ones below."""
        self._file(path).write_text(text, encoding="utf-8")

    def _file(self, path: str) -> Path:
        is_folder = path.count("/") == 1 and "." not in path
        file = self._folder / path[1:] / "index.html" if is_folder else self._folder / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def _page(self, title: str, inner: str) -> str:
        head = f'<head><meta charset="utf-8"><title>{escape(title)}</title>{self._head}</head>'
        return (
            f'<!DOCTYPE html><html lang="vi">{head}<body>'
            f'<nav><a href="/">Trang chủ</a></nav>{inner}{self._foot}</body></html>'
        )

    def _text(self, words: int) -> str:
        paragraphs: list[str] = []
        while words > 0:
            text = self._rng.choice(self._stock.paragraphs)
            words -= len(text.split())
            paragraphs.append(f'<p style="text-align:justify"><span style="font-size:14px">{escape(text)}</span></p>')
        return "".join(paragraphs)


def _draw(noise: bytes) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (320, 240), noise).resize((620, 420)).save(out, "JPEG", quality=72)
    return out.getvalue()
