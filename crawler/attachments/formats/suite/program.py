"""Run LibreOffice on one file of strangers, in a profile of its own that lets it fetch and run nothing."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.attachments.formats.structure.foreign import Foreign
from crawler.attachments.formats.system_tools import SUITE, ToolError, run_tool

# Settings of the profile. Nothing that a document names is fetched: no pictures, sheets, sections or style sheets of
# other places, not of this machine either; what an address still leads to meets a proxy that nobody serves. No macros,
# no Java. English words and figures, days before months.
_COMMON = "/org.openoffice.Office.Common"
_SCRIPTING, _PROXY = f"{_COMMON}/Security/Scripting", "/org.openoffice.Inet/Settings"
_SETTINGS: tuple[tuple[str, str, str], ...] = (
    (_SCRIPTING, "DisableMacrosExecution", "true"),
    (_SCRIPTING, "MacroSecurityLevel", "3"),
    (_SCRIPTING, "DisableActiveContent", "true"),
    (_SCRIPTING, "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "1"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Java/VirtualMachine", "Enable", "false"),
    ("/org.openoffice.Setup/L10N", "ooSetupSystemLocale", "en-GB"),
    (f"{_COMMON}/Misc", "FirstRun", "false"),
    (_PROXY, "ooInetProxyType", "2"),
    *(
        (_PROXY, f"ooInet{scheme}Proxy{part}", value)
        for scheme in ("HTTP", "HTTPS", "FTP")
        for part, value in (("Name", "127.0.0.1"), ("Port", "9"))
    ),
)
_REGISTRY = '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">\n%s</oor:items>\n'
_ITEM = '<item oor:path="%s"><prop oor:name="%s" oor:op="fuse"><value>%s</value></prop></item>\n'
# Where programs keep what they remember, and a screen that is not real.
_FOLDERS, _DRAWN_NOWHERE = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), {"SAL_USE_VCLPLUGIN": "svp"}
# The socket for a second window, which a killed program leaves: always here, whatever the environment names.
_SOCKET_FOLDER = Path("/tmp")  # noqa: S108 - LibreOffice's own choice


def convert(data: bytes, foreign: Foreign, *, seconds: float) -> bytes:
    """Return a document as the OpenDocument file that LibreOffice makes of it.

    Args:
        data: its bytes. Its name is kept from the program, which would believe its suffix.
        foreign: its kind.
        seconds: the time limit.

    Raises:
        ToolError: if the program fails, takes longer or needs more than it may have, or does not read the file.
    """
    with TemporaryDirectory(prefix="portal-archive-") as folder:
        home = Path(folder)
        profile, given, out = home / "profile", home / "file", home / "out"
        (profile / "user").mkdir(parents=True)
        items = "".join(_ITEM % one for one in _SETTINGS)
        (profile / "user" / "registrymodifications.xcu").write_text(_REGISTRY % items, encoding="utf-8")
        given.write_bytes(data)
        command = [
            SUITE, f"-env:UserInstallation={profile.as_uri()}",
            "--headless", "--norestore", "--nolockcheck", "--nologo",
            *([f"--infilter={foreign.import_filter}"] if foreign.import_filter else []),
            "--convert-to", foreign.target, "--outdir", str(out), str(given),
        ]  # fmt: skip
        try:
            run_tool(command, seconds=seconds, variables={**dict.fromkeys(_FOLDERS, folder), **_DRAWN_NOWHERE})
        finally:
            _remove_socket(profile)
        try:
            return (out / f"file.{foreign.target}").read_bytes()
        except OSError as error:
            # It says so on its standard error, and ends as if all were well.
            raise ToolError(f"{SUITE} cannot read it") from error


def _remove_socket(profile: Path) -> None:
    """Remove the socket of a program that was killed. It is named by a digest of the profile's address."""
    digest = hashlib.md5(profile.as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
    name = f"OSL_PIPE_{os.getuid()}_SingleOfficeIPC_{''.join(f'{byte:x}' for byte in digest)}"
    with suppress(OSError):
        (_SOCKET_FOLDER / name).unlink()
