"""Recognise the content management system of a page by its marks."""

import re

from crawler.extract.page import Page

# Every run has a bound: a page can repeat the beginning of a sign without its end.
# Signs in the pages of Vietnamese government portals. One strong sign is enough, or two weak ones.
_SIGNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "nukeviet": (
        r"<meta[^>]{1,80}generator[^>]{1,80}NukeViet",
        (r"\?language=vi&(amp;)?nv=", r"/uploads/news/\d{4}_\d\d/", r"nv_base_siteurl"),
    ),
    "modulewrapper": (
        r"modulerootid=",
        (r"class=[\"'][^\"']{0,200}ModuleWrapper", r"news-detail-layout-type-2", r"title-detail"),
    ),
    "liferay": (
        r"/-/asset_publisher/|Liferay\.",
        (r"/web/guest/", r"journal-content-article", r"/documents/\d{1,12}/\d{1,12}/"),
    ),
    "sharepoint": (
        r"_vti_bin|_spPageContextInfo",
        (r"PublishingImages", r"/Pages/[^\"']{1,300}\.aspx", r"/_layouts/15/"),
    ),
    "dotnetnuke": (r"/tabid/\d{1,12}/|dnn_ctr\d", (r"/DesktopModules/", r"/Portals/", r"dnnVariable")),
    "vccorp": (
        r"(?!)",
        (r"href=[\"'][^\"']{1,300}-\d{15,19}\.htm[\"']", r"VCSortableInPreviewMode", r"mediacdn\.vn|cnnd\.vn"),
    ),
    "vnpt": (
        r"/DesktopModule/UI|ArticleDetailControl",
        (
            r"class=[\"']?[^\"'>]{0,200}\bUI[A-Z]\w",
            r"UI[A-Z]\w{1,60}_Default",
            r"id=[\"']?ctrl_\d{1,12}_\d",
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
