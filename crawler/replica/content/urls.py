"""The addresses of articles and files, and the spellings that editors give them."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

from crawler.replica.content.model import ArticlePlan, ArticleText, ListingPlan, Upload
from crawler.replica.content.pictures import MEDIA_TYPES, draw_picture
from crawler.replica.content.prose import slugify

SITE_NUMBER = 1227
TENANT = "hli-ubnd-responsive"
SLUG_CHARS = 96
_EPOCH = datetime(1, 1, 1)  # noqa: DTZ001  .NET ticks count local time
_LEFT_AS_WRITTEN = "/%:?#[]@!$&'()*+,;=~"


@dataclass(frozen=True)
class Hosts:
    """The three host:port pairs: pages, files, and the trap that a good crawler never requests."""

    pages: str
    files: str
    elsewhere: str

    def of(self, upload: Upload) -> str:
        """Return the host:port of the upload."""
        return {"files": self.files, "site": self.pages, "elsewhere": self.elsewhere}[upload.host]

    def ports(self) -> tuple[int, int, int]:
        """Return the ports of the three."""
        pages, files, elsewhere = (int(host.rpartition(":")[2]) for host in (self.pages, self.files, self.elsewhere))
        return pages, files, elsewhere


def new_path(category: ListingPlan, content: ArticleText, *, source_id: int) -> str:
    """Return the two-level path: the title's slug is cut at 96 characters, mid-word."""
    return f"/{category.slug}/{slugify(content.title)[:SLUG_CHARS]}-{source_id}"


def old_path(article: ArticlePlan) -> str:
    """Return the six-level path of the article's first days. Later titles or categories do not change it."""
    slug = slugify(article.content.title)
    category = article.category
    if article.old_slug_cut:
        slug = slug[:SLUG_CHARS]
    return f"/{SITE_NUMBER}/{category.page_number}/{category.number}/{article.old_number}/{category.slug}/{slug}"


def dotnet_ticks(moment: datetime) -> int:
    """Return the .NET ticks of a local time: 100 ns since 0001-01-01.

    >>> dotnet_ticks(datetime(2024, 5, 12, 8, 0))
    638510976000000000
    """
    return int((moment - _EPOCH).total_seconds()) * 10_000_000


def write_href(upload: Upload, hosts: Hosts) -> str:
    """Return the upload's address as the page spells it (before HTML escaping)."""
    if upload.host == "page":
        data = b64encode(draw_picture(upload.key, upload.kind)).decode()
        return f"data:{MEDIA_TYPES[upload.kind]};base64,{data}"
    host = hosts.of(upload)
    if upload.spelling == "encoded":
        return f"http://{host}{quote(upload.path)}"
    if upload.spelling == "relative":
        return upload.path
    if upload.spelling == "scheme-less":
        return f"//{host}{quote(upload.path)}"
    return f"http://{host}{upload.path}"


def resolve_href(upload: Upload, hosts: Hosts) -> str:
    """Return the absolute address that a browser requests for `write_href`: blanks are encoded, brackets are not.

    A pasted picture is not requested: an archive names it by its media type and SHA-256.
    """
    if upload.host == "page":
        digest = sha256(draw_picture(upload.key, upload.kind)).hexdigest()
        return f"data:{MEDIA_TYPES[upload.kind]};sha256={digest}"
    written = write_href(upload, hosts)
    if written.startswith("//"):
        written = f"http:{written}"
    elif written.startswith("/"):
        written = f"http://{hosts.of(upload)}{written}"
    return quote(written, safe=_LEFT_AS_WRITTEN)
