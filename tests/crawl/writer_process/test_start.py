"""What the processes beside a crawl import at their start: what they need for pages, and nothing that takes long."""

import subprocess
import sys

import pytest

PROCESSES = {
    "crawler.crawl.writer_process": ("asyncio", "fsspec", "PIL", "scrapy", "selectolax"),
    "crawler.crawl.parser_process": ("asyncio", "fsspec", "PIL", "scrapy", "sqlite3"),
}


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_beside_the_crawl_starts_without_what_pages_do_not_need(process: str) -> None:
    code = f"import sys, {process}.server; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set(PROCESSES[process]).isdisjoint(imported)


def test_a_program_that_imports_the_archive_first_can_use_fsspec() -> None:
    code = "import crawler.archive.warc.writer, sys; assert 'fsspec' not in sys.modules; import fsspec.core"
    subprocess.run([sys.executable, "-c", code], check=True)
