"""The plan of the house: which room may know which, where a library lives, how large a file or folder may be."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.house.modules import MODULES, PACKAGE, ROOT, arrows, folders, imports_of, is_in, room_of

# For each folder that has folders, its parts from the top floor to the bottom. An import leads to a lower floor.
HOUSE = {
    "": """
        __main__
        cli
        crawl withholding
        rebuild web
        union
        attachments export operations
        fleet
        extract search
        archive cron replica
        addresses politeness
        media profile settings
        locale
        language
        errors exit_codes
        items
        body page_marks sentences side_process
        wire_sentences
    """,
    "archive": """
        page_pictures
        attachment_texts fixity run_writer
        run_queries withheld
        row_digests
        database rereading store
        readings
        doubts
        schema verdicts
        controls
        articles
        frontier snapshot withholdings
        events lock warc
        history past transaction
    """,
    "archive/articles": """
        files moves
        articles
        insertion
        changes merges
        file_events last_looks publication_dates revisions search_index
        derived
        digests
    """,
    "archive/fixity": """
        quick
        verification
        side_process
        facts index
        content withheld_rows
        history rows
        lists
        ledger_rows
        findings losses
    """,
    "archive/warc": """
        check
        answers record_to_capture shelf
        captures notes segments
        reader
        files
        writer
        digests finding ledger members
        plain_types plain_warcio
    """,
    "attachments": """
        __main__ after_crawl
        page_pictures
        harvest worker
        changes reader
        formats
        judgement
        limits
    """,
    "attachments/formats": """
        drawing readers
        suite
        archives xps
        binary markup packages pdf plain_text rich_text
        pictures
        embedded ocr
        kinds metafiles
        encodings
        cells fields list_numbers
        deleted elements pages structure
        system_tools
    """,
    "cli": """
        commands
        backup crawl decide fleet withholding
        demo publish
        subscriptions
        options
        terminal
    """,
    "crawl": """
        run
        extensions handlers middlewares pipelines progress
        spider stoppable
        writer_process
        download
        breakers endings parser_process replaced_files summary
        outcomes
        listings night_bounds
    """,
    "crawl/download": """
        libcurl
        curl_tls raw_reader
        tls wire_response
        address_policy certificate lookup profile_settings raw_framing reconstruct times
    """,
    "extract": """
        answer
        first_look menu
        doubt feed listing marks
        links replay
        article
        page_form refusal
        strangers
        files identity
        page version vnpt_markup
        cost
    """,
    "fleet": """
        adding
        shared_politeness
        answers fleet_file server
        epoch registry
        folder
        first_page
    """,
    "language": """
        claims query
        bylines changes counters dates end_dates facts mentions places similarity
        money
        tables
        text
        csv_cells numbers
        legacy quality
        syllables
        normal_form
    """,
    "operations": """
        node
        fleet_status subscriptions
        notices
        backup health schedule
        journal parking
    """,
    "rebuild": """
        comparison rows
        adoption rebuild
        replay
        pages
        former_rows lost_beginnings readers
        histories promises report
    """,
    "replica": """
        __main__
        portal
        server
        truth
        pages
        content wire
    """,
    "search": """
        addresses tiers
        lookahead
        few
        hits suggestions
        counts followed marking
        rewriting snippets
        sql
    """,
    "web": """
        plugin
        follow
        draft news
        article withheld_guard
        attachment union
        captures data search serve
        request visitor_sql
        http_cache served_files
        cards connections datasette_templates formatting negotiation
        security_headers
    """,
}

# A library, and the only rooms that may import it.
LIBRARIES = {
    "apprise": {"operations/notices"},
    "apscheduler": {"operations/schedule"},
    "cronsim": {"cron"},
    "babel": {"locale"},
    "brotli": {"media"},
    "click": {"cli"},
    "cryptography": {"crawl/download"},
    "datasette": {"web"},
    "defusedxml": {"attachments/formats", "extract"},
    "filelock": {"archive"},
    "fsspec": {"operations/backup"},
    "h11": {"web"},
    "isal": {"archive/warc"},
    "jinja2": {"replica", "web"},
    "markupsafe": {"web"},
    "msgspec": {
        "archive/articles",
        "archive/fixity",
        "archive/row_digests",
        "attachments/reader",
        "crawl/parser_process",
        "crawl/writer_process",
        "extract/article",
        "operations/backup",
        "operations/subscriptions",
        "profile",
        "rebuild/readers",
        "web/visitor_sql",
    },
    "nh3": {"extract/article", "web"},
    "libarchive": {"attachments/formats"},
    "msoffcrypto": {"attachments/formats"},
    "olefile": {"attachments/formats"},
    "PIL": {"attachments/formats", "media", "replica"},
    "prometheus_client": {"web/data"},
    "protego": {"crawl", "politeness"},
    "procrastinate": {"operations/node"},
    "psycopg": {"fleet/server", "operations/node", "politeness"},
    "pyarrow": {"export"},
    "pypdfium2": {"attachments/formats"},
    "pycurl": {"crawl/download"},
    "pythonjsonlogger": {"cli"},
    "scrapy": {"crawl", "settings"},
    "selectolax": {"attachments/formats/markup", "extract"},
    "sqlite_utils": {"archive"},
    "tinycss2": {"extract/replay"},
    "tqdm": {"cli", "crawl"},
    "twisted": {"crawl", "settings"},
    "uvicorn": {"web"},
    "w3lib": {"extract"},
    "warcio": {"archive/warc"},
    "xlrd": {"attachments/formats"},
}

# Functions with more than two positional arguments: somebody else's code calls them so.
CALLED_BY_OTHERS = {
    "crawled", "dropped", "item_error", "scraped",  # Scrapy's log formatter
    "handle_exception", "render_cell",  # hooks of Datasette's
    "_drop_empty", "replace",  # filters of nh3
    "redirect_request",  # urllib
    "wrapped",  # ASGI
    "_hand_on",  # a callback of Twisted's
    "_connected",  # a callback of libcurl's
    "_link_days", "show_moment",  # called by templates
    "be_quiet", "complete_portal", "complete_format", "refuse_empty", "follow_link", "read_folder",  # Click's callbacks
    "_read_server", "_need_server",  # Click's callbacks too
}  # fmt: skip


@pytest.mark.parametrize("folder", HOUSE)
def test_every_part_of_a_folder_is_in_the_plan(folder: str) -> None:
    found = {path.stem for path in (PACKAGE / folder).glob("*.py")} - {"__init__"}
    found |= {path.parent.name for path in (PACKAGE / folder).glob("*/__init__.py")}
    assert found == set(HOUSE[folder].split())


def test_every_folder_that_has_folders_has_a_plan() -> None:
    assert {folder for folder in folders() if list((PACKAGE / folder).glob("*/__init__.py"))} == set(HOUSE)


@pytest.mark.parametrize("folder", HOUSE)
def test_arrows_go_down_only(folder: str) -> None:
    floors = [line.split() for line in HOUSE[folder].strip().splitlines()]
    floor_of = {part: number for number, parts in enumerate(floors) for part in parts}
    assert [why for own, other, why in arrows(folder) if floor_of[other] <= floor_of[own]] == []


@pytest.mark.parametrize("folder", [name for name in folders() if name not in HOUSE])
def test_no_imports_go_in_a_circle(folder: str) -> None:
    graph: dict[str, set[str]] = {}
    for own, other, _ in arrows(folder):
        graph.setdefault(own, set()).add(other)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"{folder}: {error.args[1]}")


def test_a_library_lives_in_its_rooms_only() -> None:
    wrong = []
    for path, tree in MODULES:
        for name in imports_of(tree):
            rooms = LIBRARIES.get(name.split(".")[0])
            if rooms is not None and not any(is_in(room_of(path), room) for room in rooms):
                wrong.append(f"{room_of(path)} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("top", [PACKAGE, ROOT / "tests"])
def test_a_folder_has_at_most_twelve_files(top: Path) -> None:
    for folder in [top, *(path for path in top.rglob("*") if path.is_dir())]:
        files = [path.name for path in folder.glob("*.py") if path.name not in ("__init__.py", "conftest.py")]
        assert len(files) <= 12, folder


@pytest.mark.parametrize("top", ["crawler", "bench", "tests"])
def test_files_are_under_400_lines(top: str) -> None:
    for path in (ROOT / top).rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


def test_arguments_after_the_second_have_names() -> None:
    wrong = []
    for path, tree in MODULES:
        methods = {id(node) for top in ast.walk(tree) if isinstance(top, ast.ClassDef) for node in top.body}
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("__"):
                continue
            is_static = any(ast.unparse(one) == "staticmethod" for one in node.decorator_list)
            count = len(node.args.posonlyargs + node.args.args) - (id(node) in methods and not is_static)
            if count > 2 and node.name not in CALLED_BY_OTHERS:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}")
    assert wrong == []


def test_extract_knows_no_database_no_network_no_clock_no_file() -> None:
    banned = {"sqlite3", "socket", "http", "asyncio", "time", "os", "pathlib", "logging"}
    for path, tree in MODULES:
        if is_in(room_of(path), "extract"):
            assert not {name for name in imports_of(tree) if name in banned or name.startswith("crawler.archive")}, path


def test_archive_knows_no_html() -> None:
    for path, tree in MODULES:
        if is_in(room_of(path), "archive"):
            assert not {name for name in imports_of(tree) if name.startswith(("html", "crawler.extract"))}, path


def _calls(tree: ast.Module) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_only_cli_prints_and_only_settings_reads_the_environment() -> None:
    for path, tree in MODULES:
        if is_in(room_of(path), "replica"):
            continue  # a program of its own, run by hand
        if not is_in(room_of(path), "cli"):
            assert "print" not in _calls(tree), path
        if room_of(path) != "settings":
            assert "os.environ" not in ast.unparse(tree), path


def test_only_the_archive_the_journal_and_what_is_made_anew_are_written() -> None:
    statement = re.compile(r"\b(insert\s+(or\s+\w+\s+)?into|update\s+\w+\s+set|delete\s+from)\b", re.IGNORECASE)
    for path, tree in MODULES:
        if any(is_in(room_of(path), room) for room in ("archive", "fleet/server", "operations", "politeness", "union")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not statement.search(node.value), f"{path}: {node.value[:80]}"


def test_no_private_names_of_a_library_are_used() -> None:
    wrong = []
    for path, tree in MODULES:
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith("crawler"):
                wrong += [f"{path}: {node.module}.{a.name}" for a in node.names if re.match(r"_[a-z]", a.name)]
    assert wrong == []


def test_tests_share_through_support_only() -> None:
    wrong = []
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.module if isinstance(node, ast.ImportFrom) else None
            if name and name.startswith("tests") and not name.startswith("tests.support"):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []
