"""What is shipped: a wheel built from the checkout holds all that the commands need."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_wheel_holds_metadata_profiles_templates_and_the_entry_points(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
        entry_points = wheel.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert {"crawler/datasette-metadata.json", "crawler/profiles/sapa.toml", "crawler/replica/portal.py"} <= names
    assert any(name.startswith("crawler/web/templates/") for name in names)
    assert any(name.startswith("crawler/web/static/") for name in names)
    assert not [name for name in names if name.startswith("tests/") or name.endswith((".db", ".warc.gz"))]
    assert "portal-archive = crawler.cli:main" in entry_points
    assert "portal_archive = crawler.web.plugin" in entry_points
