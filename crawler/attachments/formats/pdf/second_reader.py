"""Read the pages of a PDF file whose letters seem wrong with Poppler, which guesses the letters of other fonts."""

from collections.abc import Collection

from crawler.attachments.formats.system_tools import PDF_READER, ToolError, run_tool

# It reads a hundred pages in a second. What takes longer is drawings.
_SECONDS = 10.0


class SecondReader:
    """The same file, read by another program when the first page needs it; "" for each page if it is not installed."""

    def __init__(self, data: bytes, tools: Collection[str]) -> None:
        self._data = data
        self._tools = tools
        self._pages: list[str] | None = None

    def read_page(self, place: int) -> str:
        """Return the text of a page, counted from 0."""
        if self._pages is None:
            self._pages = self._read()
        return self._pages[place] if place < len(self._pages) else ""

    def _read(self) -> list[str]:
        if PDF_READER not in self._tools:
            return []
        command = [PDF_READER, "-q", "-enc", "UTF-8", "-", "-"]
        try:
            return run_tool(command, seconds=_SECONDS, data=self._data).out.split("\f")
        except ToolError:
            return []
