"""Runs the replica by hand: prints its address and a ready profile, serves until SIGINT or SIGTERM."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from crawler.replica.portal import Replica


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m crawler.replica", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of the pages (0: a free one)")
    parser.add_argument("--files-port", type=int, default=0, help="port of the files")
    parser.add_argument("--elsewhere-port", type=int, default=0, help="port of the trap")
    parser.add_argument("--articles", type=int, default=240)
    parser.add_argument("--night", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shifting", action="store_true", help="listings grow while they are read")
    parser.add_argument("--page-etags", action="store_true", help="pages answer 304 too")
    parser.add_argument("--single-pages", action="store_true", help="entries of the menu are articles by themselves")
    parser.add_argument("--skin", choices=["", "commune"], default="", help="the skin of the articles' pages")
    parser.add_argument("--fault", action="append", default=[], metavar="PATTERN=KIND[,times=N][,share=F]")
    parser.add_argument("--profile", type=Path, help="write the profile to this file")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Serve until a signal comes. Return 2 for an unknown fault."""
    options = parse_arguments(arguments)
    portal = Replica(
        options.seed,
        options.articles,
        options.night,
        port=options.port,
        files_port=options.files_port,
        elsewhere_port=options.elsewhere_port,
        shifting=options.shifting,
        page_etags=options.page_etags,
        single_pages=options.single_pages,
        skin=options.skin,
    )
    try:
        for spelled in options.fault:
            portal.faults.set_spelled(spelled)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with portal:
        sys.stdout.write(f"{portal.base_url}\n")
        if options.profile:
            options.profile.write_text(portal.profile_toml(), encoding="utf-8")
            sys.stdout.write(f"profile: {options.profile}\n")
        else:
            sys.stdout.write(f"\n{portal.profile_toml()}")
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
