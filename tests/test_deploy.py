"""The files of deploy/ work: units, image, proxies; so does every command that the documentation shows."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
import yaml

from crawler import settings
from crawler.cli.commands import commands
from tests.support.build import make_archive
from tests.support.crawling import ROOT, command, environment, value

DEPLOY = ROOT / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAM = Path(sys.executable).with_name("portal-archive")


def _parse(words: list[str]) -> None:
    """Parse a command line of ours; wrong use raises."""
    command, *rest = words
    commands.commands[command].make_context(command, rest)


def _unit(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Read a unit: its sections, each with its keys in order. A key may occur twice."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            current = sections.setdefault(found[1], [])
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            current.append((name, value))
    return sections


def _shown_commands() -> Iterator[tuple[str, list[str]]]:
    """Yield every command line of ours in the code blocks of the documents."""
    before = r"(?:sudo (?:-u \S+ )?|systemd-run (?:--\S+ +)+)?(?:\S*/)?"
    start = re.compile(rf"^{before}(?:portal-archive|\./dev run|python -m crawler) (.*)$")
    for document in DOCUMENTS:
        for block in re.findall(r"^```sh\n(.*?)^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if found := start.match(line.strip()):
                    words = shlex.split(found[1], comments=True)
                    end = next((n for n, word in enumerate(words) if word in ("||", "|", "&&", ";", ">")), len(words))
                    yield document.name, words[:end]


def test_every_command_in_the_documents_is_one_that_is_understood() -> None:
    shown = list(_shown_commands())
    assert {words[0] for _, words in shown} >= {"crawl", "schedule", "serve", "status", "backup", "restore"}
    for document, words in shown:
        try:
            _parse(words)
        except SystemExit:
            pytest.fail(f"{document}: {words}")


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_units_command_is_understood_and_its_archive_is_where_it_may_write(path: Path) -> None:
    service = _unit(path)["Service"]
    program, *words = shlex.split(dict(service)["ExecStart"])
    assert program == "/opt/portal-archive/.venv/bin/portal-archive"
    _parse(words)
    place = f"/var/lib/{dict(service)['StateDirectory']}"
    assert f"{place}/archive.db" in words or f"{place}/archives" in words


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_unit_is_hardened(path: Path) -> None:
    service = _unit(path)["Service"]
    said = dict(service)
    assert said["User"] == "portal-archive"
    assert said["ProtectSystem"] == "strict"
    for name in ("PrivateTmp", "NoNewPrivileges", "ProtectHome", "PrivateDevices", "RestrictNamespaces"):
        assert said[name] == "yes", name
    assert set(said["RestrictAddressFamilies"].split()) <= {"AF_INET", "AF_INET6", "AF_UNIX"}
    assert ("SystemCallFilter", "@system-service") in service
    assert said["CapabilityBoundingSet"] == ""
    assert "MemoryMax" in said
    # Secrets are in a file that only root can read, never in the unit, which everybody can read.
    assert said["EnvironmentFile"].endswith("/etc/portal-archive/environment")
    assert "Environment" not in said


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_systemd_finds_nothing_wrong_with_a_unit(path: Path, tmp_path: Path) -> None:
    analyze = _need("systemd-analyze")
    copies = []
    for unit in (DEPLOY / "systemd").glob("*.[st]*e*"):
        if unit.suffix in (".service", ".timer"):
            text = unit.read_text(encoding="utf-8")
            copy = tmp_path / unit.name
            copy.write_text(
                text.replace("/opt/portal-archive/.venv/bin/portal-archive", str(PROGRAM)), encoding="utf-8"
            )
            copies.append(copy)
    assert len(copies) == 5
    done = subprocess.run([analyze, "verify", *copies], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "portal-archive" in line]
    assert (done.returncode, complaints) == (0, [])
    rating = [analyze, "security", "--offline=true", "--threshold=20", tmp_path / path.name]
    assert subprocess.run(rating, capture_output=True, check=False).returncode == 0


def test_the_example_environment_names_settings_that_are_read_and_documented() -> None:
    text = (DEPLOY / "environment.example").read_text(encoding="utf-8")
    names = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    assert {"PORTAL_ARCHIVE_CONTACT", "PORTAL_ARCHIVE_BACKUP", "PORTAL_ARCHIVE_NOTIFY"} <= names
    source = Path(settings.__file__).read_text(encoding="utf-8")
    documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name in names:
        assert f'"{name}"' in source, name
        assert f"`{name}`" in documented, name


def test_the_compose_file_runs_crawler_and_site_over_one_volume() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = composed["services"]
    assert set(services) == {"crawler", "site"}
    for service in services.values():
        _parse(service["command"])
        assert "archive:/archive" in service["volumes"]
        assert service["env_file"] == "environment"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "mem_limit" in service
        built = (DEPLOY / service["build"]["context"]).resolve()
        assert (built / service["build"]["dockerfile"]).is_file()
    assert composed["volumes"] == {"archive": None}


def _instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]  # type: ignore[misc]


def test_the_image_runs_a_command_that_is_understood_as_its_own_user() -> None:
    said = dict(_instructions())
    assert json.loads(said["ENTRYPOINT"]) == ["portal-archive"]
    _parse(json.loads(said["CMD"]))
    assert said["USER"] == "portal-archive"
    assert "/health" in said["HEALTHCHECK"]
    assert any("--require-hashes" in text for name, text in _instructions() if name == "RUN")


def test_what_the_image_is_built_from_suffices_to_build_it(tmp_path: Path) -> None:
    """The steps of the Dockerfile by hand: copy its files only, and build the wheel from them."""
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    for name, text in _instructions():
        if name != "COPY" or text.startswith("--from"):
            continue
        *sources, into = text.split()
        for source in sources:
            assert f"!{source.removeprefix('./')}\n" in ignored
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, tmp_path / into, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, tmp_path / into)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next((tmp_path / "dist").glob("*.whl"))) as wheel:
        assert {
            "crawler/cli/commands.py",
            "crawler/operations/backup/create.py",
            "crawler/datasette-metadata.json",
        } <= set(wheel.namelist())
    locked = (tmp_path / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"^hatchling==", locked, re.MULTILINE), "the wheel is built without isolation"


def test_the_image_holds_the_programs_that_read_attachments() -> None:
    documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (named,) = re.findall(r"^apt install (tesseract-ocr .+)$", documented, re.MULTILINE)
    (installed,) = [text for name, text in _instructions() if name == "RUN" and "apt-get install" in text]
    assert set(named.split()) <= set(installed.split())


def test_every_folder_that_the_walk_through_enters_was_made_before() -> None:
    documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    setup, _, rest = documented.partition("## A new server")[2].partition("## A new machine within the hour")
    made = {word for line in re.findall(r"^install -d (.+)$", setup, re.MULTILINE) for word in line.split()}
    entered = set(re.findall(r"^cd (\S+)$", setup + rest, re.MULTILINE)) - {"/opt/portal-archive"}  # cloned
    assert entered
    assert entered <= made
    assert {"/etc/portal-archive/profiles", "/var/backups/portal-archive"} <= made


def test_the_litestream_example_names_the_archive_of_the_units() -> None:
    config = yaml.safe_load((DEPLOY / "litestream.yml").read_text(encoding="utf-8"))
    assert [database["path"] for database in config["dbs"]] == ["/var/lib/portal-archive/archive.db"]


def test_the_proxy_keeps_answers_asks_whether_they_are_still_so_and_shows_nothing_withheld(tmp_path: Path) -> None:
    nginx = _need("nginx")
    archive = make_archive(tmp_path)
    with _free_port() as port, _site(archive) as (site, base):
        address = f"http://127.0.0.1:{port}"
        picture = f"{address}/image/{value(archive, 'select min(sha256) from images')}"
        pages = [f"{address}/search?q=trong", f"{address}/article/1", picture, f"{picture}?size=thumbnail"]
        with _proxy(nginx, tmp_path, port, base.rstrip("/").rpartition(":")[2]):
            for page in pages:
                first, second = _get(page), _get(page)
                assert (first[0], second[0]) == (200, 200)
                assert first[2] == second[2]
                assert first[1]["X-Cache"] == "MISS"
                assert second[1]["X-Cache"] in ("HIT", "REVALIDATED"), page
            _until(lambda: _get(pages[1])[1].get("X-Cache") == "REVALIDATED")
            for unknown in (f"{address}/article/999999", f"{address}/nothing-here"):
                assert [_get(unknown)[1]["X-Cache"] for _ in range(2)] == ["MISS", "MISS"]
            for _ in range(2):
                code, headers, body = _get(f"{address}/health")
                assert code in (200, 503)
                assert "X-Cache" not in headers
                assert "status" in json.loads(body)
            assert _get(f"{address}/metrics")[0] == 200

            assert _withhold(archive, picture.rpartition("/")[2], "1") == [0, 0]
            for page in pages[1:]:
                _until(lambda page=page: _get(page)[0] == 451)  # type: ignore[misc]
            site.terminate()
            site.wait(timeout=30)
            for page in pages:
                _until(lambda page=page: _get(page)[0] == 502)  # type: ignore[misc]
            assert _get(f"{address}/health")[0] == 502


def _withhold(archive: Path, image: str, article: str) -> list[int]:
    why = ("--reason", "asked for", "--by", "the editors", "--archive", archive)
    return [command("withhold", what, *why).code for what in (f"image:{image}", article)]


def _until(condition: Callable[[], bool]) -> None:
    """Wait until the proxy's cached answer is a second old; the proxy gives no sign of it."""
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)  # the proxy limits the rate of requests


def _need(program: str) -> str:
    found = shutil.which(program, path="/usr/sbin:/usr/bin:/bin:/usr/local/bin")
    if found is None:
        pytest.skip(f"{program} is not installed here; what it would say of deploy/ is not tested")
    return found


def _get(address: str) -> tuple[int, dict[str, str], bytes]:
    try:
        with urlopen(address, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    yield port


@contextmanager
def _site(archive: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    line = [sys.executable, "-m", "crawler", "serve", "--archive", archive, "--port", "0"]
    site = subprocess.Popen(line, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    assert site.stdout is not None
    try:
        yield site, site.stdout.readline().strip()
    finally:
        site.kill()
        site.wait(timeout=30)
        site.stdout.close()


@contextmanager
def _proxy(nginx: str, folder: Path, port: int, site_port: str) -> Iterator[None]:
    """Run nginx with the example's configuration, with paths and ports of this test."""
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for old, new in (
        ("/var/cache/nginx", str(folder)),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("    listen [::]:80;\n", ""),
        ("127.0.0.1:8001", f"127.0.0.1:{site_port}"),
    ):
        assert old in text
        text = text.replace(old, new)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""  # its workers must reach the test's folder
    whole = f"{user} pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {temporary}\n{text}\n}}"
    config = folder / "nginx-whole.conf"
    config.write_text(whole, encoding="utf-8")
    folder.chmod(0o755)
    checked = subprocess.run([nginx, "-t", "-c", config], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr, checked.stderr
    running = subprocess.Popen([nginx, "-c", config, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    try:
        while running.poll() is None:
            try:
                _get(f"http://127.0.0.1:{port}/health")
                break
            except (URLError, ConnectionError):
                continue
        assert running.poll() is None
        yield
    finally:
        running.terminate()
        running.wait(timeout=30)
