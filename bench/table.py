"""The yardstick of the site: a bare Datasette on the same file, without our plugin, metadata and settings.

`python -m bench.table ARCHIVE` serves it on a free port and prints its address.
"""

import sys
from pathlib import Path

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm

from crawler.web.serve import listen


def main(archive: Path) -> None:
    """Serve as `datasette archive.db` does if no plugin is installed."""
    for plugin, _ in pm.list_plugin_distinfo():
        pm.unregister(plugin)
    datasette = Datasette([str(archive)])
    with listen("127.0.0.1", 0) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/{archive.stem}/articles", flush=True)
        config = uvicorn.Config(datasette.app(), lifespan="on", log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
