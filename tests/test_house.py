"""The plan of the house: who may know whom, and that what is public is documented."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.cli.commands import commands
from crawler.profile import Profile

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "crawler"

# From the top floor to the bottom; an import may only lead to a lower floor, or stay in its own room.
FLOORS = (
    ("__main__",),
    ("cli",),
    ("crawl", "withholding"),
    ("rebuild", "web"),
    ("attachments", "export", "extract", "operations", "search"),
    ("archive", "cron", "replica"),
    ("addresses",),
    ("media", "profile", "settings"),
    ("locale",),
    ("language",),
    ("errors", "exit_codes", "items"),
    ("sentences",),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
SCRAPY_ROOMS = {"crawl", "settings", "cli"}
ONE_ROOM = {
    "selectolax": {"extract"},
    "nh3": {"extract", "web"},
    "tinycss2": {"extract"},
    "defusedxml": {"extract", "attachments"},
    "pypdfium2": {"attachments"},
    "openpyxl": {"attachments"},
    "w3lib": {"extract"},
    "warcio": {"archive"},
    "isal": {"archive"},
    "brotli": {"media"},
    "rfc8785": {"archive"},
    "sqlite_utils": {"archive"},
    "filelock": {"archive"},
    "fsspec": {"operations"},
    "PIL": {"media", "replica"},
    "msgspec": {"profile", "extract", "crawl"},
    "pyarrow": {"export"},
    "apscheduler": {"cron"},
    "pythonjsonlogger": {"cli"},
    "tqdm": {"crawl"},
    "datasette": {"web"},
    "babel": {"locale"},
    "prometheus_client": {"web"},
    "apprise": {"operations"},
    "protego": {"crawl"},
    "scrapy": SCRAPY_ROOMS,
    "twisted": SCRAPY_ROOMS,
}


def _modules() -> Iterator[tuple[Path, str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room != "__init__":
            yield path, room, ast.parse(path.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "crawler":
                yield from (f"crawler.{alias.name}" for alias in node.names)


def test_every_room_is_in_the_plan() -> None:
    assert {room for _, room, _ in _modules()} == set(FLOOR_OF)


def test_arrows_go_down_only() -> None:
    wrong = []
    for path, room, tree in _modules():
        for name in _imports(tree):
            parts = name.split(".")
            if parts[0] != "crawler" or len(parts) < 2 or parts[1] == room or parts[1] == "__version__":
                continue
            other = parts[1]
            if FLOOR_OF[other] <= FLOOR_OF[room]:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_a_library_lives_in_one_room() -> None:
    wrong = []
    for path, room, tree in _modules():
        for name in _imports(tree):
            rooms = ONE_ROOM.get(name.split(".")[0])
            if rooms is not None and room not in rooms:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_extract_knows_no_database_no_network_no_clock_no_file() -> None:
    banned = {"sqlite3", "socket", "http", "asyncio", "time", "os", "pathlib", "logging", "crawler.archive"}
    for path, room, tree in _modules():
        if room == "extract":
            assert not banned & set(_imports(tree)), path


def test_archive_knows_no_html() -> None:
    for path, room, tree in _modules():
        if room == "archive":
            assert not {name for name in _imports(tree) if name.startswith(("html", "crawler.extract"))}, path


def _calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_only_cli_prints_and_only_settings_reads_the_environment() -> None:
    for path, room, tree in _modules():
        if room == "replica":
            continue  # a program of its own, run by hand
        if room != "cli":
            assert "print" not in set(_calls(tree)), path
        if room != "settings":
            assert "os.environ" not in ast.unparse(tree), path


def test_only_the_archive_and_the_journal_write_their_databases() -> None:
    statement = re.compile(r"\b(insert\s+(or\s+\w+\s+)?into|update\s+\w+\s+set|delete\s+from)\b", re.IGNORECASE)
    for path, room, tree in _modules():
        if room in ("archive", "operations"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not statement.search(node.value), f"{path}: {node.value[:80]}"


def test_no_private_names_of_a_library_are_used() -> None:
    wrong = []
    for path, _, tree in _modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith("crawler"):
                wrong += [f"{path}: {node.module}.{a.name}" for a in node.names if re.match(r"_[a-z]", a.name)]
    assert not wrong


def test_files_are_under_400_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count}"
        for path in [*PACKAGE.rglob("*.py"), *(ROOT / "bench").glob("*.py")]
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
        and path.name not in ("run_writer.py", "store.py")
    ]
    assert not long


@pytest.mark.parametrize("table", ["", "pace", "tls", "schedule", "removal", "relook", "expect", "rights", "limits"])
def test_every_profile_key_is_documented(table: str) -> None:
    text = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    struct = type(getattr(Profile(name="x", title="x", cms="vnpt", base_url="https://x/"), table)) if table else Profile
    for key in struct.__struct_fields__:
        full = f"{table}.{key}" if table else key
        if full in ("pace", "tls", "schedule", "removal", "relook", "expect", "rights", "limits"):
            continue
        assert f"`{full}`" in text, full


def test_every_command_and_exit_code_is_documented() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(commands.commands) >= {"crawl", "schedule", "serve", "rebuild"}
    for command in commands.commands:
        assert re.search(rf"^\| `{command}\b", text, re.MULTILINE), command


def test_every_kind_of_error_is_documented() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    kinds = set()
    for _, room, tree in _modules():
        if room in ("replica", "web"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in (
                "RefusedError", "BadFileError", "NotAnArticleError", "Refusal",
            ):  # fmt: skip
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    kinds.add(first.value)
    assert kinds
    assert {kind for kind in kinds if f"`{kind}`" not in text} == set()


def test_every_environment_variable_is_documented() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    names = set(re.findall(r"PORTAL_ARCHIVE_[A-Z_]+", (PACKAGE / "settings.py").read_text(encoding="utf-8")))
    assert names
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_python_is_new_enough_to_say_so() -> None:
    assert sys.version_info >= (3, 11)
