"""Absolute addresses of this site, for feeds and whatever else leaves it."""

import re

from crawler import settings as own
from crawler.web.request import SiteRequest

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?")


def make_absolute(visit: SiteRequest, path: str) -> str:
    """Make a path of this site, as `visit.link` gives it, an absolute address.

    On the public address that the operator named (`PORTAL_ARCHIVE_SITE`), else on the host that was asked.
    """
    site = own.site_address()
    if site is None:
        host = str(visit.request.host)
        scheme = "https" if visit.request.scheme == "https" else "http"
        return f"{scheme}://{host if _HOST.fullmatch(host) else 'localhost'}{path}"
    # The operator's address holds the path that the site is published under already.
    root = visit.path("/").rstrip("/")
    return site + (path.removeprefix(root) if site.endswith(root) else path)
