"""The modules of the package, and what each imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "crawler"


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


MODULES = list(_modules())
PLACES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): tree for path, tree in MODULES
}


def room_of(path: Path) -> str:
    """Name a module by its place below `crawler/`: `archive/warc/writer`."""
    return str(path.relative_to(PACKAGE).with_suffix("")).removesuffix("/__init__")


def is_in(room: str, place: str) -> bool:
    return room == place or room.startswith(f"{place}/")


def imports_of(tree: ast.Module) -> Iterator[str]:
    """Name the modules that a module imports, each as precisely as the statement tells."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in PLACES else node.module


def arrows(folder: str) -> Iterator[tuple[str, str, str]]:
    """Give the arrows between the parts of a folder: from, to, and the import that draws it."""
    prefix = ".".join(("crawler", *filter(None, folder.split("/"))))
    for path, tree in MODULES:
        parts = path.relative_to(PACKAGE / folder).parts if path.is_relative_to(PACKAGE / folder) else ()
        if not parts or parts[0] == "__init__.py":
            continue
        own = parts[0].removesuffix(".py")
        named = list(imports_of(tree))
        # Who imports the folder itself imports all that its `__init__` does.
        if folder and prefix in named:
            named += imports_of(PLACES[prefix])
        for name in named:
            other = name.removeprefix(f"{prefix}.").split(".")[0]
            if name.startswith(f"{prefix}.") and other not in (own, "__version__"):
                yield own, other, f"{room_of(path)} imports {name}"


def folders() -> list[str]:
    return ["", *sorted(str(path.parent.relative_to(PACKAGE)) for path in PACKAGE.rglob("*/__init__.py"))]
