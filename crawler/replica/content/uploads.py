"""Choose names and places of the files that editors upload: bad names, two hosts, .NET ticks or none."""

from datetime import datetime, timedelta
from random import Random

from crawler.replica.content.model import Upload
from crawler.replica.content.urls import SITE_NUMBER, TENANT, dotnet_ticks

_PICTURE_NAMES = (
    "anh hoi nghi {n} (1)",
    "IMG_{n}",
    "Ảnh chụp {n}",
    "hop..giao ban {n}",
    "z54{n}_[2]",
    "dscn{n}",
    "Quang cảnh-{n}",
    "a{n}.1",
    "z{n}ab",
    "khai mac_{n}",
)
_DOCUMENT_NAMES = (
    "QD {n} (ban ky)",
    "Quyết định {n}",
    "thong-bao-{n}",
    "danh sach..{n}",
    "Phụ lục {n}[1]",
    "kh_{n}_signed_signed",
)
_FOLDERS = ("Tin bài", "hinh anh", "vanban", "tin-tuc-su-kien", "Ảnh 2024", "news")
_LABELS = ("Tải về", "Xem văn bản", "Phụ lục kèm theo", "QĐ kèm theo.pdf", "Tệp đính kèm", "Danh sách (bản chính thức)")
_SHARED = Upload(
    path="/sitefolders/tason/chung/tru so ubnd.jpg",
    host="site",
    spelling="relative",
    kind="jpeg",
    key="shared/tru so",
    ticks_on=None,
)


class UploadMaker:
    """Makes the uploads of one article, one after the other."""

    def __init__(self, key: int, posted_at: datetime, rng: Random, *, ticks: str) -> None:
        """Prepare the uploads of one article.

        Args:
            key: the article's number. It is part of every file name, so that names are unique.
            posted_at: when the article was posted. Ticks are never later.
            rng: decides names, hosts and spellings.
            ticks: `none`, `own` (upload day) or `reused` (pictures more than a year older than the article).
        """
        self._key = key
        self._posted_at = posted_at
        self._rng = rng
        self._ticks = ticks
        self._count = 0

    def picture(self) -> Upload:
        """Return the next picture. One in 25 is the stock picture that many articles share."""
        rng = self._rng
        if rng.random() < 0.04 and not self._count:
            self._count += 1
            return _SHARED
        kind = rng.choices(("jpeg", "png", "webp"), (8, 1, 1))[0]
        suffix = {"jpeg": rng.choice((".jpg", ".jpg", ".JPG", ".jpeg")), "png": ".png", "webp": ".webp"}[kind]
        return self._place(rng.choice(_PICTURE_NAMES), suffix, kind=kind, fate=self._fate())

    def document(self) -> Upload:
        """Return the next document, with the markup that shows it."""
        rng = self._rng
        kind = rng.choices(("pdf", "docx", "xlsx"), (6, 2, 1))[0]
        ways = ["link-download", "view-gallery", "plain", "office"]
        if kind == "pdf":
            ways += ["pdfjs", "object", "google"]
        how = rng.choice(ways)
        label = None if how in ("pdfjs", "object", "google", "office") else rng.choice(_LABELS)
        placed = self._place(rng.choice(_DOCUMENT_NAMES), f".{kind}", kind=kind, fate="served")
        return Upload(**{**vars(placed), "label": label, "how": how})

    def pasted(self) -> Upload:
        """Return a picture that the editor pasted into the text."""
        self._count += 1
        kind = self._rng.choice(("jpeg", "png", "webp"))
        return Upload("", "page", "pasted", kind, f"{self._key}/{self._count}/pasted", None)

    def _fate(self) -> str:
        return self._rng.choices(("served", "dead", "strays"), (96, 2, 2))[0]

    def _place(self, pattern: str, suffix: str, *, kind: str, fate: str) -> Upload:
        rng = self._rng
        self._count += 1
        name = pattern.format(n=f"{self._key}{self._count:02d}")
        uploaded = self._posted_at - timedelta(minutes=rng.randint(5, 300), seconds=rng.randint(0, 59))
        if self._ticks == "reused":
            uploaded -= timedelta(days=rng.randint(400, 900))
        folder = f"{rng.choice(_FOLDERS)}/{uploaded.year}/{uploaded.month}"
        ticks_on = None
        if self._ticks != "none":
            name += rng.choice(("-", "", "_")) + str(dotnet_ticks(uploaded))
            ticks_on = uploaded.date()
        host = rng.choices(("files", "site", "elsewhere"), (70, 28, 2 if fate == "served" else 0))[0]
        path = f"/sitefolders/tason/{folder}/{name}{suffix}"
        if host != "site":
            path = f"/{TENANT}/{SITE_NUMBER}/{folder}/{name}{suffix}"
        spellings = ["encoded", "raw", "scheme-less", *(["relative"] if host == "site" else [])]
        return Upload(
            path=path,
            host=host,
            spelling=rng.choice(spellings),
            kind=kind,
            key=f"{self._key}/{self._count}/{name}",
            ticks_on=ticks_on,
            fate=fate,
        )
