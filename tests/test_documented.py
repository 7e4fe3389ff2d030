"""What is public is documented: profile keys, commands, kinds of error, environment variables, dependencies."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from crawler.cli.commands import commands
from crawler.profile import Profile

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "crawler"


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
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] in ("replica", "web"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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


def test_every_decision_says_its_context_and_cost_and_is_linked() -> None:
    index = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert all(part in text for part in ("**Context.**", "**Decision.**", "**What it costs.**")), page.name
        assert f"(decisions/{page.name})" in index, page.name


def test_every_dependency_is_justified_and_every_justified_library_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["server"]]
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("| library | for |")[2]
    rows = re.findall(r"^\| ([a-z][^|]*?) \|", text, re.MULTILINE)
    justified = {name for row in rows for name in re.sub(r"\([^)]*\)", "", row).replace(" ", "").split(",")}
    assert justified == {re.split(r"[\[<>=;]", one)[0] for one in wanted}


def test_every_room_and_module_that_the_docs_name_exists() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir() if path.name != "__pycache__"} - {"profiles"}
    wrong = []
    for page in (ROOT / "docs").rglob("*.md"):
        for named in re.findall(r"`([a-z_]+(?:/[A-Za-z_0-9]+)+)", page.read_text(encoding="utf-8")):
            place = PACKAGE / named
            if named.partition("/")[0] in rooms and not (place.is_dir() or place.with_suffix(".py").is_file()):
                wrong.append(f"{page.name}: {named}")
    assert wrong == []
