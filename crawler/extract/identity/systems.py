"""Name the system of a home page that is not a portal of the profile's CMS, with the marks that show it.

Marks are structure: what the page says of its generator, where its own files lie, what its scripts define, the headers
and cookies that come with it, what robots.txt names. One strong mark is enough, or two weak ones of different kinds.
Any mark of the profile's CMS outweighs them all: its portals embed and link to everything.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from crawler.extract.identity.surroundings import Surroundings
from crawler.extract.identity.system_marks import SYSTEMS, SystemMarks
from crawler.extract.page import Page, absolute_url, attribute, without_comments
from crawler.sentences import Sentence, say

STRONG, WEAK = 2, 1
# At most this many letters of a mark are shown.
_SHOWN_LETTERS = 80
_MOST_SIGNS = 2

# What only portals of this CMS have. `__VIEWSTATE` is not a mark: every page of ASP.NET has it.
_OWN_MARKS = re.compile(
    r"(?i:/DesktopModule/|/sitefolders/)|ArticleDetailControl|UIArticleInMenu|ArticleInMenuPagination|"
    r"class\s{0,9}=\s{0,9}[\"']?[^\"'>]{0,200}\bUI[A-Z][A-Za-z]{1,60}_[A-Z][A-Za-z]|id\s{0,9}=\s{0,9}[\"']?ctrl_\d{1,12}_\d|"
    r"storage-(?:vnportal|edu)\.vnpt\.vn"
)
_IMPORT = re.compile(r"""@import\s+(?:url\()?\s*["']?([^"')\s;]+)""", re.IGNORECASE)


def has_own_marks(page: Page) -> bool:
    """True for a page with any mark of the profile's CMS, outside comments."""
    return _OWN_MARKS.search(without_comments(page.html)) is not None


def find_other_system(page: Page, around: Surroundings) -> tuple[str, tuple[Sentence, ...]] | None:
    """Return the name of another system and the marks that show it. None if none is certain."""
    if has_own_marks(page):
        return None
    own_files = [*_own_files(page), *_imported_files(page)]
    scripts = " ".join(node.text() for node in page.tree.css("script:not([src])"))
    found = [
        (marks.name, _find_signs(marks, page, around=around, files=own_files, scripts=scripts)) for marks in SYSTEMS
    ]
    name, signs = max(found, key=lambda one: sum(weight for weight, _ in one[1]))
    if sum(weight for weight, _ in signs) < STRONG:
        return None
    strongest = sorted(signs, key=lambda sign: -sign[0])[:_MOST_SIGNS]
    return name, tuple(sentence for _, sentence in strongest)


def _find_signs(
    marks: SystemMarks, page: Page, *, around: Surroundings, files: Sequence[tuple[str, bool]], scripts: str
) -> list[tuple[int, Sentence]]:
    """Return the signs of a system with their weights, at most one of each kind."""
    kinds = (
        _signs_in_head(marks, page),
        _signs_in_files(marks, files),
        _signs_elsewhere(marks, page),
        _signs_in_elements(marks, page, scripts=scripts),
        _signs_around(marks, around),
        _signs_in_links(marks, page, around=around),
    )
    return [max(signs, key=lambda sign: sign[0]) for signs in map(list, kinds) if signs]


def _signs_in_head(marks: SystemMarks, page: Page) -> Iterator[tuple[int, Sentence]]:
    for node in page.metadata:
        content = attribute(node, "content")
        if attribute(node, "name").lower() == "generator" and re.search(marks.generator, content, re.IGNORECASE):
            yield STRONG, say("mark-generator", mark=_show(content))


def _signs_in_files(marks: SystemMarks, files: Sequence[tuple[str, bool]]) -> Iterator[tuple[int, Sentence]]:
    for path, is_layout in files:
        if is_layout and re.search(marks.files, path, re.IGNORECASE):
            yield STRONG, say("mark-files", mark=_show(path))
        elif re.search(f"{marks.files}|{marks.weak_files}", path, re.IGNORECASE):
            yield WEAK, say("mark-files", mark=_show(path))


def _signs_elsewhere(marks: SystemMarks, page: Page) -> Iterator[tuple[int, Sentence]]:
    """Yield the scripts and styles that a page loads from another host: a public one for files, or a related one."""
    for node in page.tree.css("script[src], link[rel=stylesheet][href]"):
        url = absolute_url(page, attribute(node, "src") or attribute(node, "href"))
        if url is None or _is_own(page, url):
            continue
        if re.search(marks.elsewhere, url, re.IGNORECASE):
            yield STRONG, say("mark-files", mark=_show(url))
        elif _is_related(page, url) and re.search(marks.weak_elsewhere, url, re.IGNORECASE):
            yield WEAK, say("mark-files", mark=_show(url))


def _signs_in_elements(marks: SystemMarks, page: Page, *, scripts: str) -> Iterator[tuple[int, Sentence]]:
    if (found := re.search(marks.scripts, scripts)) is not None:
        yield STRONG, say("mark-script", mark=_show(found[0]))
    for selector in marks.elements:
        if page.tree.css_first(selector) is not None:
            yield STRONG, say("mark-element", mark=selector)
    for selector in marks.weak_elements:
        if page.tree.css_first(selector) is not None:
            yield WEAK, say("mark-element", mark=selector)


def _signs_around(marks: SystemMarks, around: Surroundings) -> Iterator[tuple[int, Sentence]]:
    for name, pattern in (marks.headers or {}).items():
        if re.search(pattern, around.headers.get(name, ""), re.IGNORECASE):
            yield STRONG, say("mark-header", mark=_show(f"{name}: {around.headers[name]}"))
    for cookie in around.cookies:
        if re.fullmatch(marks.cookies, cookie, re.IGNORECASE):
            yield STRONG, say("mark-cookie", mark=_show(cookie))
        elif re.fullmatch(marks.weak_cookies, cookie, re.IGNORECASE):
            yield WEAK, say("mark-cookie", mark=_show(cookie))


def _signs_in_links(marks: SystemMarks, page: Page, *, around: Surroundings) -> Iterator[tuple[int, Sentence]]:
    found = next((url for _, url in page.links if _is_own(page, url) and re.search(marks.links, url)), None)
    if found is not None:
        yield WEAK, say("mark-link", mark=_show(found))
    disallowed = re.search(
        rf"^\s*(?:dis)?allow:\s*(\S*(?:{marks.robots})\S*)", around.robots, re.IGNORECASE | re.MULTILINE
    )
    if disallowed is not None:
        yield WEAK, say("mark-robots", mark=_show(disallowed[1]))


def _own_files(page: Page) -> list[tuple[str, bool]]:
    """Return the addresses of the page's own files, and whether each is a script or style sheet."""
    found = []
    for node in page.tree.css("script[src], link[href], img[src]"):
        url = absolute_url(page, attribute(node, "src") or attribute(node, "href"))
        if url is not None and _is_own(page, url):
            parts = urlsplit(url)
            is_layout = node.tag == "script" or (node.tag == "link" and "stylesheet" in attribute(node, "rel").lower())
            found.append((f"{parts.path}?{parts.query}" if parts.query else parts.path, is_layout))
    return found


def _imported_files(page: Page) -> Iterator[tuple[str, bool]]:
    """Yield the addresses of style sheets that the page's own styles import."""
    for node in page.tree.css("style"):
        for reference in _IMPORT.findall(node.text()):
            url = absolute_url(page, reference)
            if url is not None and _is_own(page, url):
                yield urlsplit(url).path, True


def _is_own(page: Page, url: str) -> bool:
    """True for an address on the page's host, `www.` aside. The mark of another site's file says nothing."""
    hosts = [(urlsplit(one).hostname or "").removeprefix("www.") for one in (page.url, url)]
    return hosts[0] == hosts[1]


def _is_related(page: Page, url: str) -> bool:
    """True for a host below the page's own or beside it: `cdn.tinh.gov.vn` for `xa.tinh.gov.vn`."""
    own, other = ((urlsplit(one).hostname or "").removeprefix("www.") for one in (page.url, url))
    above = own.partition(".")[2]
    return other.endswith(f".{own}") or ("." in above and (other == above or other.endswith(f".{above}")))


def _show(text: str) -> str:
    return text if len(text) <= _SHOWN_LETTERS else f"{text[:_SHOWN_LETTERS]}…"
