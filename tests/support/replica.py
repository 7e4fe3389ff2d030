"""Ask the replica, and read what its pages say."""

import html
import http.client
import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from crawler.replica import ArticleTruth, Replica

LOAD = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def header(self, name: str) -> str:
        return {key.lower(): value for key, value in self.headers}.get(name.lower(), "")


def ask(url: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    target = quote(parts.path, safe="/%:[]!$&'()*+,;=@~") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target or "/", body=body, headers=named)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def read_script(page: str) -> dict[str, str]:
    """What a browser would send: the $.ajax data of the page, variables resolved, `page` left out."""
    data = re.search(r"data: \{(.*?)\}", page, re.DOTALL)
    assert data
    declared = dict(re.findall(r"var (\w+) = ['\"]?(.*?)['\"]?;", page))
    fields = {}
    for line in data[1].strip().splitlines():
        name, value = (part.strip().strip("'\"") for part in line.strip().rstrip(",").split(":", 1))
        fields[name] = declared.get(value, value) if value.isidentifier() else value
    del fields["page"]
    return fields


def links(page: str) -> list[str]:
    return [html.unescape(one).strip() for one in re.findall(r"""href=["']([^"']*)["']""", page)]


def ids(page: str) -> list[str]:
    """The article numbers that a page's links name, new ids as N…, old ones as O…, in order, each once."""
    found: dict[str, None] = {}
    for link in links(page):
        path = urlsplit(link).path
        if match := re.fullmatch(r"/1227/\d+/\d+/(\d+)/[^/]+/[^/]+", path):
            found["O" + match[1]] = None
        elif match := re.fullmatch(r"/[^/]+/[^/]*-(\d+)", path):
            found["N" + match[1]] = None
    return list(found)


def names(article: ArticleTruth) -> set[str]:
    return {"N" + article.source_id, "O" + urlsplit(article.old_url).path.split("/")[4]}


def turn_page(portal: Replica, slug: str, fields: dict[str, str], page: int, **headers: str) -> Answer:
    sent = {
        "Referer": f"{portal.base_url}{slug}",
        "Content_Type": "application/x-www-form-urlencoded; charset=UTF-8",
        **headers,
    }
    return ask(portal.base_url[:-1] + LOAD, "POST", urlencode({**fields, "page": page}), **sent)


def set_on_article(portal: Replica, article: ArticleTruth, kind: str) -> None:
    """Set a fault on both addresses of an article."""
    for url in (article.url, article.old_url):
        portal.faults.set("/" + url.removeprefix(portal.base_url), kind)
