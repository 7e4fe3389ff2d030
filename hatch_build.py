"""Compile the message catalogues while a wheel is built. A checkout reads the .po files instead."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface[Any]):
    """Put a .mo file in the place of each .po file of `crawler/locale`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into a folder outside the checkout, and add the files to a standard wheel."""
        if version == "editable":
            return
        self.folder = TemporaryDirectory()
        for source in sorted(Path(self.root, "crawler", "locale").glob("*/LC_MESSAGES/*.po")):
            inside = source.relative_to(self.root).with_suffix(".mo")
            compiled = Path(self.folder.name, inside.as_posix().replace("/", "-"))
            with source.open("rb") as messages, compiled.open("wb") as out:
                write_mo(out, read_po(messages, locale=source.parts[-3], abort_invalid=True))
            build_data["force_include"][str(compiled)] = inside.as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the compiled files once the wheel holds them."""
        if version != "editable":
            self.folder.cleanup()
