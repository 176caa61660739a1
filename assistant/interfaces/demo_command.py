"""``rundblick demo``: builds the demo company, catalogs it and serves it."""

from collections.abc import Callable
from pathlib import Path

import demo
from assistant.interfaces.catalog_commands import refresh_with_bar
from assistant.interfaces.serving import serve
from assistant.services import Services
from connectors.config import Settings, load_settings

HOST = "127.0.0.1"


def run_demo(
    folder: Path,
    port: int | None,
    open_services: Callable[[Settings], Services],
    version: str,
    say: Callable[[str], None],
) -> None:
    """Build the company in `folder`, read its catalog, and serve it on `port` until stopped.

    With no port the servers stop again once everything is built.
    """
    demo.build(folder, say)
    with demo.start(folder) as running:
        settings = load_settings(running.config)
        refresh_with_bar(settings)
        if port is None:
            say(f"The demo is built: {running.config}")
            return
        say(f"Rundblick answers at http://{HOST}:{port} (stop with Ctrl-C)")
        serve(open_services(settings), version, HOST, port)
