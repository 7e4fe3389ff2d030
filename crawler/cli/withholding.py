"""The commands `withhold` and `release`: their arguments and their output."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from crawler import settings
from crawler.cli.options import archive_option, command
from crawler.cli.terminal.output import print_error, print_result
from crawler.errors import WrongUseError
from crawler.exit_codes import ExitCode

_WHAT = "ARTICLE|IMAGE|ATTACHMENT|CAPTURE"


def _act_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of both commands."""
    by = click.option("--by", help="who decided it; public")
    return archive_option(click.option("--reason", help="why; public, so name nobody in it")(by(function)))


@command(
    "withhold 12 --reason 'names a child' --by 'the editor'",
    "withhold image:SHA256 --reason 'shows an identity card' --by 'the editor'",
    "withhold --proposals --json",
)
@click.argument("what", required=False, metavar=_WHAT)
@_act_options
@click.option("--proposals", is_flag=True, help="list what may have to be withheld; does nothing")
@click.option("--json", "as_json", is_flag=True, help="with --proposals, for programs")
def withhold(
    *, what: str | None, reason: str | None, by: str | None, archive: Path, proposals: bool, as_json: bool
) -> int:
    """Take an article, image, attachment or capture off the site.

    The record stays. Name an article by its id or address, anything else as image:SHA256, attachment:SHA256 or
    capture:ID.
    """
    if not proposals:
        if as_json:
            raise WrongUseError("--json goes with --proposals only")
        return _carry_out("withhold", what, reason=reason, by=by, archive=archive)
    if what or reason or by:
        raise WrongUseError("--proposals takes nothing else: nothing is withheld by it")
    from crawler.withholding.proposals import find_proposals

    found = find_proposals(archive)
    if as_json:
        print_result(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
        return ExitCode.OK
    for one in found:
        print_result(f"{one.place}: {one.kind} {one.shown} in “{one.context}”")
    print_result(f"{len(found)} to look at; nothing is withheld by this")
    return ExitCode.OK


@command("release 12 --reason 'the name is removed on the portal, too' --by 'the editor'")
@click.argument("what", metavar=_WHAT)
@_act_options
def release(*, what: str, reason: str | None, by: str | None, archive: Path) -> int:
    """Publish withheld content again.

    What later crawls fetched of it is published with it. Name it as for `withhold`.
    """
    return _carry_out("release", what, reason=reason, by=by, archive=archive)


def _carry_out(do: str, what: str | None, *, reason: str | None, by: str | None, archive: Path) -> int:
    """Withhold or release one thing, and print the result.

    Raises:
        PortalArchiveError: as `act.carry_out`.
    """
    if not what:
        raise WrongUseError("say what to withhold, or --proposals")
    if not reason or not by:
        raise WrongUseError(f"{do}: --reason and --by are both needed; they are public")
    from crawler.withholding.act import Intent, WithholdingResult, carry_out

    def tell(done: WithholdingResult) -> None:
        what_is = "withheld" if do == "withhold" else "released"
        print_result(f"{done.target.kind} {done.target.what}: {what_is} (withholding {done.number})")

    intent = Intent(do, what, reason, by)
    done = carry_out(archive, intent, clock=settings.clock, warcinfo_fields=settings.warcinfo_fields(), tell=tell)
    if not done.is_new:
        name = f"{done.target.kind} {done.target.what}"
        print_result(f"{name}: is withheld already (withholding {done.number}); nothing was done")
    if done.note:
        print_error(done.note)
    return ExitCode.OK
