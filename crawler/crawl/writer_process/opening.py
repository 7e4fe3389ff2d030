"""Opening the archive of a crawl, by Scrapy's settings."""

from pathlib import Path

from scrapy.settings import BaseSettings

from crawler import settings
from crawler.crawl.download.reconstruct import describe_capture
from crawler.crawl.writer_process.client import WriterProcess
from crawler.profile import Profile


def open_archive(writer: WriterProcess, profile: Profile, *, scrapy_settings: BaseSettings) -> None:
    """Let a writer process hold the archive that the settings name. It raises what `WriterProcess.open` does."""
    archive = settings.follow_link(Path(scrapy_settings.get("ARCHIVE") or settings.ARCHIVE)).absolute()
    described = describe_capture(scrapy_settings.getdict("DOWNLOAD_HANDLERS")["https"])
    fields = (*settings.warcinfo_fields(), ("description", described))
    writer.open(archive, profile, full=scrapy_settings.getbool("FULL"), warcinfo_fields=fields)
