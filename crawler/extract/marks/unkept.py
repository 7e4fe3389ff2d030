"""List what is in an article and is not kept, so that it can be counted: by kind and address."""

import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from crawler.addresses import is_allowed_host
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.appearance import is_hidden
from crawler.extract.article.parts import Parts
from crawler.extract.cost import MAX_NAMED
from crawler.extract.files.addresses import (
    file_key,
    find_document,
    is_document,
    is_handler,
    is_of_video_site,
    is_page_address,
    is_picture_file,
    may_answer_file,
)
from crawler.extract.files.pictures import read_picture
from crawler.extract.page import Page, absolute_url, attribute
from crawler.items import Article
from crawler.media.pasted import is_data_address
from crawler.profile import Profile

UNKEPT_KINDS = (
    "file", "file-unknown", "file-foreign", "file-pasted", "picture-linked", "picture-local", "picture-background",
    "picture-poster", "video", "audio", "frame", "embed", "script",
)  # fmt: skip

# More of one article are not listed. An address is cut here.
_MAX_LISTED, _MAX_LETTERS = 60, 500

_CANDIDATES = 'a[href], area[href], iframe, frame, embed, object, video, audio, script, img, [style*="url(" i]'
_FRAMES = frozenset(("iframe", "frame", "embed", "object"))
_SUFFIX = re.compile(r"\.([a-z][a-z0-9]{1,5}|7z|3gp)$", re.IGNORECASE)
_VIDEO_SUFFIX = re.compile(r"mp4|m4v|webm|avi|mov|wmv|flv|mkv|mpe?g|3gp|ogv", re.IGNORECASE)
_AUDIO_SUFFIX = re.compile(r"mp3|wav|m4a|ogg|aac|wma|flac|oga", re.IGNORECASE)
# Suffixes of pages, of programs that make pages, and of what a page needs.
_PAGE_SUFFIX = re.compile(
    r"(x|s|m)?html?|aspx?|php\d?|jspx?|do|action|cgi|axd|ashx|asmx|svc|cfm|css|js|json|rss|xml|html?5", re.IGNORECASE
)
# Services that show a page before they give the files of others.
_FILE_SERVICE = re.compile(
    r"(^|\.)(drive\.google\.com|docs\.google\.com|dropbox\.com|onedrive\.live\.com|1drv\.ms|sharepoint\.com|mediafire\.com|"
    r"box\.com|fshare\.vn|mega\.nz)$"
)
_FETCHES = re.compile(
    r"""(?:\bfetch|\baxios(?:\.\w+)?|(?:\$|jQuery)\.(?:get|post|getJSON|getScript)|\.load)\s*\(\s*["'`]([^"'`\s]+)|"""
    r"""\.open\s*\(\s*["'`]\w+["'`]\s*,\s*["'`]([^"'`\s]+)|"""
    r"""\burl\s*:\s*["'`]([^"'`\s]+)"""
)
_MAY_FETCH = re.compile(
    r"\bfetch\s*\(|XMLHttpRequest|\baxios\b|(?:\$|jQuery)\.(?:ajax|get|post|getJSON|getScript)\b|\.load\s*\(\s*[\"'`]"
)
_STYLED = re.compile(r"""url\(\s*["']?([^"')]+)""", re.IGNORECASE)
_LOCAL = re.compile(r"(file|blob|cid|mhtml|webkit-fake-url|x-apple-\w+|content):|[a-z]:[\\/]|\\\\", re.IGNORECASE)


def read_unkept(page: Page, article: Article, *, parts: Parts | None, profile: Profile) -> tuple[tuple[str, str], ...]:
    """Return kind and address of what is in an article and not kept, each once, in order.

    The kinds are `file` (not asked for), `file-unknown` (of a kind that the archive does not know), `file-foreign` (a
    program or service of others), `file-pasted`, `picture-linked` (the larger version of a picture), `picture-local`
    (on the editor's own disk), `picture-background`, `picture-poster`, `video`, `audio`, `frame` (of the portal),
    `embed` (of others) and `script` (that fetches; the address is "" if it is not a literal).
    """
    if parts is None:
        return ()
    scope = (parts.root,) if parts.is_framed or parts.is_whole else parts.content
    kept = {file_key(image.url) for image in article.images} | {file_key(one.url) for one in article.attachments}
    found: dict[tuple[str, str], None] = {}
    for root in scope:
        for node in root.css(_CANDIDATES)[:MAX_NAMED]:
            for kind, url in _judge(page, node, kept=kept, profile=profile):
                is_known = (url and file_key(url) in kept and kind != "picture-background") or (kind, url) in found
                if is_known or _is_beside(node, root):
                    continue
                found[kind, url[:_MAX_LETTERS]] = None
                if len(found) == _MAX_LISTED:
                    return tuple(found)
    return tuple(found)


def _is_beside(node: LexborNode, root: LexborNode) -> bool:
    """True inside a tool bar, a list of articles, another module or something hidden."""
    element: LexborNode | None = node
    while element is not None and element.mem_id != root.mem_id:
        if is_hidden(element) or vnpt.is_furniture(element) or vnpt.is_listing(element):
            return True
        if vnpt.is_module(element) and not vnpt.is_file_box(element):
            return True
        element = element.parent
    return False


def _judge(page: Page, node: LexborNode, *, kept: Collection[str], profile: Profile) -> Iterator[tuple[str, str]]:
    tag = node.tag or ""
    if tag in ("a", "area"):
        yield from _judge_link(page, attribute(node, "href"), kept=kept, profile=profile)
    elif tag in _FRAMES:
        yield from _judge_frame(page, node, kept=kept, profile=profile)
    elif tag in ("video", "audio"):
        yield from _judge_media(page, node)
    elif tag == "script":
        yield from (("script", url) for url in _fetched(page, node))
    elif tag == "img":
        source = attribute(node, "src")
        if _LOCAL.match(source) and read_picture(page, node) is None:
            yield "picture-local", source
    if "url(" in (style := attribute(node, "style").lower()):
        for reference in _STYLED.findall(attribute(node, "style") if style else ""):
            url = absolute_url(page, reference)
            if url is not None:
                yield "picture-background", url


def _judge_link(page: Page, reference: str, *, kept: Collection[str], profile: Profile) -> Iterator[tuple[str, str]]:
    if is_data_address(reference):
        yield "file-pasted", reference.partition(",")[0]
        return
    url = absolute_url(page, reference)
    if url is None or is_page_address(url, profile):
        return
    shown = find_document(url, reference.partition("#")[2], profile=profile)
    if shown is not None:
        if file_key(shown) not in kept:
            yield "file", shown
        return
    if (kind := _name_link(url, profile)) is not None:
        yield kind, url


def _name_link(url: str, profile: Profile) -> str | None:
    parts = urlsplit(url)
    if _FILE_SERVICE.search(parts.hostname or ""):
        return "file-foreign"
    if is_picture_file(url):
        return "picture-linked"
    suffix = _SUFFIX.search(unquote(parts.path))
    if suffix is None or _PAGE_SUFFIX.fullmatch(suffix[1]):
        if may_answer_file(url, profile):
            return "file"
        return "file-foreign" if is_handler(url) and not is_allowed_host(url, profile) else None
    if _VIDEO_SUFFIX.fullmatch(suffix[1]):
        return "video"
    return "audio" if _AUDIO_SUFFIX.fullmatch(suffix[1]) else "file-unknown"


def _judge_frame(page: Page, node: LexborNode, *, kept: Collection[str], profile: Profile) -> Iterator[tuple[str, str]]:
    reference = next((found for name in ("src", "data", "data-src") if (found := attribute(node, name))), "")
    if is_data_address(reference):
        yield "file-pasted", reference.partition(",")[0]
        return
    url = absolute_url(page, reference)
    if url is None:
        if "srcdoc" in node.attrs:
            yield "frame", "about:srcdoc"
        return
    shown = find_document(url, reference.partition("#")[2], profile=profile)
    if shown is not None and file_key(shown) in kept:
        return
    if shown is not None or is_document(url):
        yield "file", shown or url
    elif is_of_video_site(url):
        yield "video", url
    else:
        yield "frame" if is_allowed_host(url, profile) else "embed", url


def _judge_media(page: Page, node: LexborNode) -> Iterator[tuple[str, str]]:
    references = [attribute(one, "src") for one in (node, *node.css("source"))]
    urls = dict.fromkeys(url for reference in references if (url := absolute_url(page, reference)) is not None)
    yield from ((node.tag or "", url) for url in urls or ("",))
    poster = absolute_url(page, attribute(node, "poster"))
    if poster is not None:
        yield "picture-poster", poster


def _fetched(page: Page, script: LexborNode) -> Iterator[str]:
    """Yield the addresses that a script in the page asks for; "" for a script that fetches what it makes up."""
    content = script.first_child
    text = (content.text_content or "") if content is not None else ""
    if not _MAY_FETCH.search(text):
        return
    literal = [one or other or third for one, other, third in _FETCHES.findall(text)]
    urls = [url for reference in literal if (url := absolute_url(page, reference)) is not None]
    yield from urls or ("",)
