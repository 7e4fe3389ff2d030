"""Recognise the content management system of a page by its marks."""

import re

from crawler.extract.page import Page

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


def recognise_cms(page: Page) -> str | None:
    """Recognise the CMS by its signature. None if no known CMS is certain."""
    scores: dict[str, int] = {}
    for name, (strong, weak) in _COMPILED.items():
        scores[name] = 3 * bool(strong.search(page.html)) + sum(bool(sign.search(page.html)) for sign in weak)
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 2 else None
