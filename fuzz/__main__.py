"""Fuzz each reader in turn: `python -m fuzz [MINUTES] [TARGET…]`. Exit code 1 if a reader fails or takes too long."""

import subprocess
import sys
from pathlib import Path

from fuzz.run import MOST_SECONDS

NAMES = ("page", "listing", "script", "sheet", "office")
KEPT = Path(__file__).parent / "corpus"
# What runs found, so that the next goes on from it. Git ignores it; what is worth keeping goes to `corpus`.
FOUND = Path(".fuzz")
_MOST_BYTES = 20_000
# Instrumented code takes several times as long; what stops here is read again without.
_STOP_SECONDS, _MOST_MB = 15, 2048


def main(arguments: list[str]) -> int:
    """Run all targets, or those that are named, and share the minutes among them."""
    minutes = float(arguments[0]) if arguments and arguments[0].replace(".", "", 1).isdecimal() else 10.0
    names = [name for name in arguments if name in NAMES] or list(NAMES)
    return max(fuzz(name, seconds=int(minutes * 60 / len(names)) or 1) for name in names)


def fuzz(name: str, *, seconds: int) -> int:
    """Fuzz one target for this many seconds. 1 if an input makes it fail, or take too long."""
    found, bad = FOUND / name, FOUND / f"{name}-bad"
    for folder in (found, bad):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(bad.iterdir())
    limits = [
        f"-max_total_time={seconds}",
        f"-max_len={_MOST_BYTES}",
        f"-timeout={_STOP_SECONDS}",
        "-rss_limit_mb=2048",
    ]
    line = [sys.executable, "-m", "fuzz.run", name, *limits, f"-artifact_prefix={bad}/", str(found), str(KEPT / name)]
    subprocess.run([*line, "-print_final_stats=1", "-verbosity=0"], check=False)
    faults = [file for file in sorted(set(bad.iterdir()) - before) if not _is_well(name, file)]
    for file in faults:
        print(f"{name}: {file} fails; mend it, and put a test of it beside the reader")
    return 1 if faults else 0


def _is_well(name: str, file: Path) -> bool:
    try:
        line = [sys.executable, "-m", "fuzz.run", name, "--replay", str(file)]
        return subprocess.run(line, check=False, timeout=60 * MOST_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
