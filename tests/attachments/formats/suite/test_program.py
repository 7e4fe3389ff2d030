"""LibreOffice is bounded in time, with all that it starts; it fetches nothing, and leaves nothing behind."""

import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from crawler.attachments.formats.structure.foreign import Foreign
from crawler.attachments.formats.suite.program import convert
from crawler.attachments.formats.system_tools import ToolError
from tests.support.attachments.tools import NEEDS_SUITE, put_soffice
from tests.support.processes.running import wait_until_gone

TEXT, SHEET = Foreign("Word", "odt"), Foreign("Excel", "ods")
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "svg": "svg-compatible",
    }.items()
)  # fmt: skip


@pytest.fixture(autouse=True)
def _keep_folders_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folders").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "folders"))


def test_a_program_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_soffice(tmp_path, monkeypatch, does=f"sleep 600 & echo $$ $! > {tmp_path}/pids; sleep 600")
    with pytest.raises(ToolError, match="soffice took longer than 1 s"):
        convert(b"x", TEXT, seconds=1)
    wait_until_gone(*map(int, (tmp_path / "pids").read_text().split()))
    assert list((tmp_path / "folders").iterdir()) == []


@pytest.mark.parametrize(
    ("does", "said"),
    [("kill -SEGV $$", "soffice ended with -11"), ("exit 0", "soffice cannot read it"), ("exit 77", "ended with 77")],
)
def test_a_program_that_fails_is_named_and_leaves_nothing(
    does: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_soffice(tmp_path, monkeypatch, does=does)
    with pytest.raises(ToolError, match=said):
        convert(b"x", TEXT, seconds=60)
    assert list((tmp_path / "folders").iterdir()) == []


def test_a_program_may_not_write_beside_its_folder_by_the_variables_that_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_soffice(tmp_path, monkeypatch, does='echo $HOME $TMPDIR $XDG_CONFIG_HOME $XDG_CACHE_HOME > "$into"')
    named = convert(b"x", TEXT, seconds=60).decode().split()
    assert len(named) == 4
    assert all(name.startswith(f"{tmp_path}/folders/") for name in named)


@contextmanager
def listening(asked: list[str]) -> Iterator[str]:
    """Serve on loopback. Put what is asked for into `asked`."""

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().decode("latin-1"))

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def cells(*formulas: str) -> str:
    return "".join(f'<table:table-cell table:formula="of:={formula}"/>' for formula in formulas)


@NEEDS_SUITE
def test_nothing_is_fetched_that_a_workbook_names_on_the_network_or_on_this_machine(tmp_path: Path) -> None:
    secret = tmp_path / "bi-mat.csv"
    secret.write_text("BIMAT,2\n")
    asked: list[str] = []
    with listening(asked) as remote:
        local = secret.as_uri()
        fetched = cells(
            f"COM.MICROSOFT.WEBSERVICE(&quot;{remote}/a&quot;)", f"COM.MICROSOFT.WEBSERVICE(&quot;{local}&quot;)",
            f"['{remote}/b.csv'#$b.A1]", f"['{local}'#$'bi-mat'.A1]", f"INDIRECT(&quot;'{local}'#$'bi-mat'.A1&quot;)",
            f"DDE(&quot;soffice&quot;;&quot;{secret}&quot;;&quot;A1&quot;)",
        )  # fmt: skip
        table = (
            f'<table:table table:name="A"><table:table-source xlink:href="{local}" table:table-name="x"/><table:shapes>'
            f'<draw:frame svg:width="3cm" svg:height="3cm"><draw:image xlink:href="{remote}/c.png"/></draw:frame>'
            f"</table:shapes><table:table-row><table:table-cell><text:p>Tả Van</text:p></table:table-cell>{fetched}"
            "</table:table-row></table:table>"
        )
        workbook = (
            f'<?xml version="1.0" encoding="UTF-8"?><office:document {SPACES} office:version="1.2" '
            'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" '
            'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
            f"{table}</office:spreadsheet></office:body></office:document>"
        )
        made = convert(workbook.encode(), SHEET, seconds=120)
    assert asked == []
    with zipfile.ZipFile(BytesIO(made)) as package:
        content = package.read("content.xml").decode()
    assert "Tả Van" in content
    assert "BIMAT" not in content
    assert list((tmp_path / "folders").iterdir()) == []
