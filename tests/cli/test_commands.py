"""What all commands share: help with examples, completion, quiet, colours, interruption."""

import os
import pty
import re
import shlex
import sqlite3
import subprocess
import sys
import termios
from contextlib import closing, suppress
from pathlib import Path

import click
import pytest

from crawler import __version__
from crawler.cli.commands import commands
from crawler.replica import Replica
from tests.support.build import make_archive
from tests.support.crawling import ROOT, command, crawl, environment, run, write_profile

PROGRAM = Path(sys.executable).with_name("portal-archive")
RED = "\x1b[31m"


def _examples(shown: str) -> list[list[str]]:
    return [shlex.split(line) for line in re.findall(r"^ +portal-archive (.*)$", shown.partition("Examples:")[2], re.M)]


def _run_on_terminal(*words: str, extra: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a command whose output and errors go to a terminal. Return its exit code and what the terminal shows."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    line = [sys.executable, "-m", "crawler", *words]
    with subprocess.Popen(line, cwd=ROOT, env=environment(extra), stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # the other end is closed: EIO on Linux, no bytes on macOS
            while piece := os.read(ours, 65536):
                shown += piece
    os.close(ours)
    return process.returncode, shown.decode()


@pytest.mark.parametrize("name", commands.commands)
def test_the_help_of_a_command_shows_one_to_three_examples_that_it_accepts(name: str) -> None:
    ended = command(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: portal-archive {name} ")
    examples = _examples(ended.out)
    assert 1 <= len(examples) <= 3
    for first, *rest in examples:
        assert first == name
        commands.commands[name].make_context(name, rest)


def test_the_help_of_the_program_names_every_command_with_a_whole_sentence() -> None:
    ended = command("--help")
    shown = dict(re.findall(r"^  ([a-z]+) +(\S.*)$", ended.out.partition("Commands:")[2], re.M))
    assert list(shown) == list(commands.commands)
    assert all(sentence.endswith(".") and not sentence.endswith("..") for sentence in shown.values())


def test_the_list_of_commands_imports_none_of_their_work() -> None:
    code = "import sys, crawler.cli.commands; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"crawler.extract", "crawler.fleet", "psycopg", "scrapy", "selectolax", "sqlite3"}.isdisjoint(imported)


def test_every_option_says_what_it_does() -> None:
    for made in commands.commands.values():
        assert all(option.help for option in made.params if isinstance(option, click.Option)), made.name


def test_the_version_is_printed() -> None:
    assert command("--version").out == f"portal-archive {__version__}\n"


@pytest.mark.parametrize(("shell", "sign"), [("bash", "complete -o"), ("zsh", "compdef"), ("fish", "complete --")])
def test_a_shell_is_given_the_script_that_completes(shell: str, sign: str) -> None:
    ended = run([str(PROGRAM)], extra={"_PORTAL_ARCHIVE_COMPLETE": f"{shell}_source"})
    assert ended.code == 0
    assert sign in ended.out
    assert "_PORTAL_ARCHIVE_COMPLETE" in ended.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("portal-archive cra", {"plain,crawl"}),
        ("portal-archive crawl --por", {"plain,--portal"}),
        ("portal-archive crawl --portal sa", {"plain,sapa", "file,sa"}),
        ("portal-archive crawl --log-format j", {"plain,json"}),
        ("portal-archive export --format csv,p", {"plain,csv,parquet"}),
        ("portal-archive status --archive ar", {"file,ar"}),
    ],
)
def test_bash_completes_commands_options_and_values(words: str, expected: set[str]) -> None:
    extra = {
        "_PORTAL_ARCHIVE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    assert set(run([str(PROGRAM)], extra=extra).out.split()) == expected


def test_the_documentation_says_how_completion_is_switched_on() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for shell in ("bash", "zsh", "fish"):
        assert f"_PORTAL_ARCHIVE_COMPLETE={shell}_source portal-archive" in text


def test_a_crawl_says_one_summary_and_a_quiet_one_says_nothing(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        loud = crawl(portal, tmp_path)
        quiet = crawl(portal, tmp_path, "--quiet")
    assert (loud.code, (loud.out + loud.err).count("summary of crawl")) == (0, 1)
    assert loud.out.startswith("summary of crawl 1 of replica\n  outcome   complete\n")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_a_quiet_crawl_says_what_is_incomplete_once(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        portal.faults.set("@articles", "500", share=0.1)
        ended = crawl(portal, tmp_path, "-q")
    assert (ended.code, ended.out, ended.err.count("summary of crawl")) == (3, "", 1)


def test_a_json_log_holds_the_only_summary(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        ended = crawl(portal, tmp_path, "--log-format", "json")
    assert (ended.code, ended.out, ended.err.count("summary of crawl")) == (0, "", 1)


def test_quiet_hides_the_result_and_no_error(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    assert command("verify", "--archive", archive).out
    assert command("verify", "--archive", archive, "--quiet").out == ""
    assert "no archive" in command("verify", "--archive", tmp_path / "none.db", "--quiet").err


def test_a_quiet_command_says_on_standard_error_what_is_wrong(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("update articles set title = title || 'x' where id = (select min(id) from articles)")
    loud, quiet = command("verify", "--archive", archive), command("verify", "--archive", archive, "--quiet")
    assert (loud.code, loud.err, quiet.code, quiet.out) == (1, "", 1, "")
    differences = loud.out.splitlines()[:-1]
    assert quiet.err.splitlines() == [f"portal-archive: {line}" for line in differences]
    assert loud.out.endswith(f": {len(differences)} difference{'s' if len(differences) > 1 else ''}\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_result_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    line = [str(PROGRAM), "verify", "--archive", str(make_archive(tmp_path))]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(line, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    said = "portal-archive: cannot write the result: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.parametrize(
    "words",
    [
        ["export", "--query", "select 1", "--set", "x"], ["export", "--query", "select 1", "--set", "=x"],
        ["export", "--format", ""], ["withhold", "1", "--reason", "x", "--by", "y", "--json"],
        ["serve", "--port", "99999"], ["crawl", "--portal", ""], ["schedule", "--portal", ""],
        ["status", "--archive", ""],
    ],
)  # fmt: skip
def test_a_value_that_means_nothing_is_wrong_use(words: list[str]) -> None:
    ended = command(*words)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)


def test_colours_are_for_terminals_that_want_them(tmp_path: Path) -> None:
    words = ("status", "--archive", str(tmp_path / "none.db"))
    code, shown = _run_on_terminal(*words)
    assert code == 1
    assert shown.startswith(f"{RED}portal-archive:")
    assert _run_on_terminal(*words, extra={"NO_COLOR": "1"})[1].startswith("portal-archive:")
    assert command(*words).err.startswith("portal-archive:")


def test_a_crawl_on_a_terminal_shows_its_progress_and_one_coloured_summary(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        profile = write_profile(portal, tmp_path)
        code, shown = _run_on_terminal("crawl", "--portal", str(profile), "--archive", str(tmp_path / "archive.db"))
    assert (code, shown.count("summary of crawl")) == (0, 1)
    assert " articles]" in shown
    assert "outcome   \x1b[32mcomplete\x1b[0m" in shown


@pytest.mark.parametrize("module", ["click", "crawler.settings", "crawler.archive.fixity", "crawler.archive.database"])
def test_ctrl_c_while_a_command_still_imports_ends_with_130_and_no_trace(module: str, tmp_path: Path) -> None:
    script = f"""
import importlib.abc, os, signal, sys
class Interrupting(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
from crawler.cli import main
sys.exit(main(["verify", "--archive", {str(tmp_path / "none.db")!r}]))
"""
    ended = run([sys.executable, "-c", script])
    assert (ended.code, ended.err.strip()) == (130, "")


@pytest.mark.parametrize("words", [["--help"], ["status", "--json"], ["withhold", "--proposals"]])
def test_a_broken_pipe_is_quiet(words: list[str], tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    ours, theirs = os.pipe()
    os.close(ours)
    line = [sys.executable, "-m", "crawler", *words, *(() if words == ["--help"] else ("--archive", str(archive)))]
    done = subprocess.run(line, cwd=ROOT, env=environment(), stdout=theirs, stderr=subprocess.PIPE, check=False)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(
    "words", [["notify", "--test", "--dry-run"], ["restore", "--into", "x", "--snapshot", "y", "--at", "2026-09-01"]]
)
def test_options_that_exclude_each_other_are_wrong_use(words: list[str]) -> None:
    ended = command(*words)
    assert (ended.code, len(ended.err.splitlines())) == (2, 1)
    assert "exclude each other" in ended.err
