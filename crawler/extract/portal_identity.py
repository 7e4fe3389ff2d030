"""Recognise a page's content management system, and read what identifies the portal on it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.extract.page import Page, attribute, document_title

# Signs in the pages of Vietnamese government portals. One strong sign is enough, or two weak ones.
_SIGNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "nukeviet": (
        r"<meta[^>]+generator[^>]+NukeViet",
        (r"\?language=vi&(amp;)?nv=", r"/uploads/news/\d{4}_\d\d/", r"nv_base_siteurl"),
    ),
    "modulewrapper": (
        r"modulerootid=",
        (r"class=[\"'][^\"']*ModuleWrapper", r"news-detail-layout-type-2", r"title-detail"),
    ),
    "liferay": (r"/-/asset_publisher/|Liferay\.", (r"/web/guest/", r"journal-content-article", r"/documents/\d+/\d+/")),
    "sharepoint": (r"_vti_bin|_spPageContextInfo", (r"PublishingImages", r"/Pages/[^\"']+\.aspx", r"/_layouts/15/")),
    "dotnetnuke": (r"/tabid/\d+/|dnn_ctr\d+", (r"/DesktopModules/", r"/Portals/\d*", r"dnnVariable")),
    "vccorp": (
        r"(?!)",
        (r"href=[\"'][^\"']+-\d{15,19}\.htm[\"']", r"VCSortableInPreviewMode", r"mediacdn\.vn|cnnd\.vn"),
    ),
    "vnpt": (
        r"/DesktopModule/UI|ArticleDetailControl",
        (
            r"class=[\"']?[^\"'>]*\bUI[A-Z]\w",
            r"UI[A-Z]\w+_Default",
            r"id=[\"']?ctrl_\d+_\d+",
            r"storage-vnportal\.vnpt\.vn",
            r"ArticleInMenu",
            r"__VIEWSTATE",
        ),
    ),
}
_COMPILED = {
    name: (re.compile(strong), tuple(re.compile(sign) for sign in weak)) for name, (strong, weak) in _SIGNS.items()
}

_SITE_ID = re.compile(r"\bsite_?id[\"']?\s*[:=]\s*[\"']?(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies a portal on its own pages. A change shows that its host has another owner.

    `tenants` are the first folders of addresses at the CMS's file store, with the second folder if it is a number.
    """

    title: str | None
    site_ids: tuple[str, ...]
    tenants: tuple[str, ...]


def recognise_cms(page: Page) -> str | None:
    """Recognise the CMS by its signature. None if no known CMS is certain."""
    scores: dict[str, int] = {}
    for name, (strong, weak) in _COMPILED.items():
        scores[name] = 3 * bool(strong.search(page.html)) + sum(bool(sign.search(page.html)) for sign in weak)
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 2 else None


def read_identity(page: Page) -> Identity:
    """Read what identifies the portal on a page; each item once, in order."""
    tenants: list[str] = []
    for node in page.tree.css('[src*="vnportal.vnpt.vn"], [href*="vnportal.vnpt.vn"]'):
        address = attribute(node, "src") or attribute(node, "href")
        folders = [part for part in urlsplit(address).path.split("/")[:-1] if part]
        if folders:
            tenants.append("/".join(folders[:2] if len(folders) > 1 and folders[1].isdigit() else folders[:1]))
    return Identity(
        title=document_title(page),
        site_ids=tuple(dict.fromkeys(_SITE_ID.findall(page.html))),
        tenants=tuple(dict.fromkeys(tenants)),
    )
