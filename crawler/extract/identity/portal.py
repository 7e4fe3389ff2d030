"""Read what identifies a portal on its own pages."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.extract.page import Page, attribute, document_title

_SITE_ID = re.compile(r"\bsite_?id[\"']?\s*[:=]\s*[\"']?(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies a portal on its own pages. A change shows that its host has another owner.

    `tenants` are the first folders of addresses at the CMS's file store, with the second folder if it is a number.
    """

    title: str | None
    site_ids: tuple[str, ...]
    tenants: tuple[str, ...]


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
