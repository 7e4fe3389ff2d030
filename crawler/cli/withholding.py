"""The commands `withhold` and `release`: their arguments, and what they say."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from crawler.errors import WrongUseError

ABOUT = {
    "withhold": "take an article, image, attachment or capture off the site; the record stays",
    "release": "give back what was withheld, with what later nights brought of it",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a command says: lines for standard output and for standard error."""

    out: tuple[str, ...]
    err: tuple[str, ...] = ()


def add_arguments(command: argparse.ArgumentParser, do: str) -> None:
    """Give one of the two commands its arguments."""
    what = "an article's id or address, image:SHA256, attachment:SHA256 or capture:ID"
    if do == "withhold":
        command.add_argument("what", nargs="?", metavar="ARTICLE|IMAGE|ATTACHMENT|CAPTURE", help=what)
        command.add_argument("--proposals", action="store_true", help="list what may have to be withheld; does nothing")
        command.add_argument("--json", action="store_true", help="with --proposals, for programs")
    else:
        command.add_argument("what", metavar="ARTICLE|IMAGE|ATTACHMENT|CAPTURE", help=what)
    command.add_argument("--reason", help="why; public, so name nobody in it")
    command.add_argument("--by", help="who decided it; public")
    command.set_defaults(do=do)


def run_command(
    arguments: argparse.Namespace, *, clock: Callable[[], datetime], describe: tuple[tuple[str, str], ...]
) -> Said:
    """Do what one of the two commands was asked for.

    Raises:
        PortalArchiveError: as `act.carry_out` and `proposals.find_proposals`.

    """
    if arguments.do == "withhold" and arguments.proposals:
        return _propose(arguments)
    if not arguments.what:
        raise WrongUseError("say what to withhold, or --proposals")
    if not arguments.reason or not arguments.by:
        raise WrongUseError(f"{arguments.do}: --reason and --by are both needed; they are public")
    from crawler.withholding.act import Intent, carry_out

    wish = Intent(arguments.do, arguments.what, arguments.reason, arguments.by)
    done = carry_out(arguments.archive, wish, clock=clock, describe=describe)
    name = f"{done.target.kind} {done.target.what}"
    if not done.is_new:
        return Said((f"{name}: is withheld already (withholding {done.number}); nothing was done",))
    became = "withheld" if arguments.do == "withhold" else "released"
    return Said((f"{name}: {became} (withholding {done.number})",), (done.note,) if done.note else ())


def _propose(arguments: argparse.Namespace) -> Said:
    from crawler.withholding.proposals import find_proposals

    if arguments.what or arguments.reason or arguments.by:
        raise WrongUseError("--proposals takes nothing else: nothing is withheld by it")
    found = find_proposals(arguments.archive)
    if arguments.json:
        return Said((json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2),))
    lines = [f"{one.place}: {one.kind} {one.shown} in “{one.context}”" for one in found]
    return Said((*lines, f"{len(found)} to look at; nothing is withheld by this"))
