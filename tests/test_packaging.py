"""The wheel built from the checkout holds all files that the commands need, and the checkout only what is ours."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_metadata_profiles_templates_and_the_entry_points(built: Path) -> None:
    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
        entry_points = wheel.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert {"crawler/datasette-metadata.json", "crawler/profiles/sapa.toml", "crawler/replica/portal.py"} <= names
    assert any(name.startswith("crawler/web/templates/") for name in names)
    assert any(name.startswith("crawler/web/static/") for name in names)
    assert not [name for name in names if name.startswith("tests/") or name.endswith((".db", ".warc.gz"))]
    assert "portal-archive = crawler.cli:main" in entry_points
    assert "portal_archive = crawler.web.plugin" in entry_points


def test_the_wheel_says_every_message_from_compiled_catalogues_without_the_checkout(
    built: Path, tmp_path: Path
) -> None:
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "crawler" / "locale").rglob("*.po")}
    with zipfile.ZipFile(built) as wheel:
        packed = {name for name in wheel.namelist() if name.startswith("crawler/locale/") and not name.endswith(".py")}
        wheel.extractall(tmp_path)
    descriptions = {"crawler/locale/vi/descriptions.json"}
    assert packed == {name.replace(".po", ".mo") for name in sources} | descriptions
    program = (
        "import crawler; from crawler.locale import say\n"
        "print(crawler.__file__, say('site_name', 'vi'), say('hits', 'vi', count=2), say('hits', 'en', count=1))"
    )
    line = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONUTF8": "1"}
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    file = tmp_path / "crawler" / "__init__.py"
    assert done.stdout == f"{file} Kho lưu trữ cổng thông tin 2 bài 1 article\n", done.stderr


def test_git_holds_texts_alone_but_for_the_archive_of_an_old_version() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    paths = [Path(name) for name in listed.split("\0") if name and not name.startswith("tests/fixtures/archive-0.1.0/")]
    held = [path for path in paths if (ROOT / path).is_file()]
    assert len(held) > 500
    assert [path for path in held if not _is_text((ROOT / path).read_bytes())] == []


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False
