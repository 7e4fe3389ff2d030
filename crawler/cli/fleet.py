"""Commands for many portals, each with an archive of its own."""

import json
from pathlib import Path

import click

from crawler import settings
from crawler.cli.options import PATH, command, json_option, read_folder
from crawler.cli.terminal.output import PROGRAM, print_error, print_result
from crawler.errors import WrongUseError
from crawler.exit_codes import ExitCode
from crawler.language.dates import to_iso_utc

_folder_option = click.option(
    "--archives", type=str, required=True, callback=read_folder, metavar="FOLDER", help="the folder of the archives"
)


@command("fleet add addresses.txt --archives /srv/portals")
@click.argument("file", type=PATH, metavar="FILE")
@_folder_option
def fleet_add(*, file: Path, archives: Path) -> int:
    """Add portals to the folder: each address of FILE, one a line, is asked what it is.

    A portal of a known system gets a profile and a number. What is none is named with the reason; the exit code is 3
    then.
    """
    from crawler.fleet.adding import add_portal, known_portals, read_addresses
    from crawler.fleet.folder import FleetFolder

    fleet = FleetFolder(archives.absolute())
    try:
        addresses = read_addresses(file.read_text(encoding="utf-8"))
        fleet.prepare()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUseError(f"{getattr(error, 'filename', None) or file}: cannot be used: {error}") from error
    if not addresses:
        raise WrongUseError(f"{file}: names no address")
    found = []
    for address in addresses:
        added = add_portal(fleet, address, known=known_portals(fleet))
        found.append(added)
        print_error(f"{address}: {added.portal or 'refused'}: {added.sentence}")
    width = max(len(one.address) for one in found)
    for one in found:
        print_result(f"{one.address:<{width}}  {one.portal or 'refused':<24}  {one.sentence}")
    refused = sum(one.portal is None for one in found)
    print_result(f"{len(found) - refused} in the fleet, {refused} refused")
    return ExitCode.INCOMPLETE if refused else ExitCode.OK


@command("fleet status --archives /srv/portals", "fleet status --archives /srv/portals --json")
@_folder_option
@json_option
def fleet_status(*, archives: Path, as_json: bool) -> int:
    """Show how every portal of the folder is, the worst first, one line each.

    The exit code is 1 if one of them needs somebody.
    """
    from crawler.fleet.folder import FleetFolder
    from crawler.operations.fleet_status import fleet_as_json, fleet_lines, read_fleet_status

    now = settings.clock()
    members = read_fleet_status(
        FleetFolder(archives.absolute()), now, backups_planned=settings.backup_target() is not None
    )
    if not members:
        raise WrongUseError(f"{archives}: holds no portal; `fleet add` adds some")
    if as_json:
        print_result(json.dumps(fleet_as_json(members, to_iso_utc(now)), ensure_ascii=False, indent=2))
    else:
        for line in fleet_lines(members, settings.terminal_language()):
            print_result(line)
    return ExitCode.OK if all(member.is_well for member in members) else ExitCode.FAILED


fleet = click.Group(
    "fleet",
    commands={"add": fleet_add, "status": fleet_status},
    help="Many portals in one folder, each with an archive of its own.",
    epilog=f"\b\nExamples:\n  {PROGRAM} fleet add addresses.txt --archives /srv/portals\n"
    f"  {PROGRAM} fleet status --archives /srv/portals",
    no_args_is_help=False,
)
