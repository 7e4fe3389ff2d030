"""A real browser for the tests that need one: Debian's Chromium, driven by playwright, against a site that listens."""

import contextlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from crawler.web.serve import listen, make_datasette

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test was run")
axe_api = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe is not installed: no browser test was run"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NEEDS_CHROMIUM = pytest.mark.skipif(
    CHROMIUM is None,
    reason="there is no Chromium on this machine (Debian: apt-get install chromium): no page was checked",
)
# No sandbox: tests run as root in containers. No background networking: only what the pages ask for is asked.
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
WIDTHS = (375, 1280)
SCHEMES = ("light", "dark")


class Browser:
    """A browser on one site, that notes what its pages ask for and what their scripts say."""

    def __init__(self, browser: "sync_api.Browser", address: str) -> None:
        self.browser = browser
        self.address = address.rstrip("/")
        self.asked: list[str] = []
        self.dialogs: list[str] = []

    @contextlib.contextmanager
    def page(
        self, *, width: int = 1280, scheme: str = "light", scripts: bool = True, policies: bool = True
    ) -> Iterator["sync_api.Page"]:
        """Open a page of a width in pixels, in a colour scheme, with or without scripts.

        `policies` off is for axe alone: where a content policy forbids scripts to a sandbox, its timers never fire.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            bypass_csp=not policies,
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        try:
            yield page
        finally:
            context.close()

    def foreign(self) -> list[str]:
        """Return the requests to any other host."""
        own = (f"{self.address}/", "data:", "about:")
        return [url for url in self.asked if not url.startswith(own)]

    def findings(self, page: "sync_api.Page") -> list[str]:
        """Give what axe finds on a page that is serious or critical."""
        violations = axe_api.Axe().run(page).response["violations"]
        return [
            f"{found['id']}: {node['html'][:120]}"
            for found in violations
            if found["impact"] in ("serious", "critical")
            for node in found["nodes"][:3]
        ]


@contextlib.contextmanager
def serving(archive: Path) -> Iterator[str]:
    """Publish an archive in a thread; give its address."""
    datasette = make_datasette(archive)
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(datasette.app(), lifespan="on", log_level="error", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
            datasette.executor.shutdown()
            datasette.get_database("archive").close()


@contextlib.contextmanager
def browsing(address: str) -> Iterator[Browser]:
    """Start a browser for a site."""
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        try:
            yield Browser(started, address)
        finally:
            started.close()
