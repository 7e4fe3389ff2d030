"""Send drafts to the draft guard, and read what it says of their claims."""

import re
from html import unescape

import httpx

from tests.support.web_archive import Site


def post(site: Site, draft: str, *, path: str = "/draft", **more: str) -> httpx.Response:
    """Send a draft by POST."""

    async def ask() -> httpx.Response:
        client = site.datasette.client
        answer: httpx.Response = await client.post(path, data={"draft": draft, **more})
        return answer

    return site.loop.run_until_complete(ask())


def states(page: str) -> list[tuple[str, str]]:
    """Give the claims of a page as it says them, with their states."""
    found = re.findall(
        r'<strong class="badge claim-(\w+)">.*?<p class="claimed" lang="vi"><bdi>(.*?)</bdi>', page, re.S
    )
    return [(unescape(claim).strip("“”"), state) for state, claim in found]
