"""One fuzzing process: `python -m fuzz.run TARGET [libFuzzer's arguments]`, or `TARGET --replay FILE` for one input."""

import sys
import time
from pathlib import Path

# No input may take longer, without the fuzzer's own costs.
MOST_SECONDS = 2.0


def replay(name: str, file: Path) -> int:
    """Read one input. 1 if it takes too long; an exception leaves the process."""
    from fuzz.targets import TARGETS

    begun = time.process_time()
    TARGETS[name](file.read_bytes())
    seconds = time.process_time() - begun
    if seconds > MOST_SECONDS:
        print(f"takes {seconds:.1f} s")
    return int(seconds > MOST_SECONDS)


def fuzz(arguments: list[str]) -> None:
    """Feed a target until an exception leaves it, or the time is over."""
    import atheris

    with atheris.instrument_imports(include=["crawler"]):
        from fuzz.targets import TARGETS
    name, *more = arguments
    atheris.Setup([sys.argv[0], *more], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[2:3] == ["--replay"]:
        sys.exit(replay(sys.argv[1], Path(sys.argv[3])))
    fuzz(sys.argv[1:])
