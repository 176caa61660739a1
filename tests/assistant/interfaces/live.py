"""A really listening server over some services, on a free port of this machine."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from assistant.interfaces.api import create_api
from assistant.services import Services


@contextmanager
def listening(services: Services) -> Iterator[int]:
    """The port of the server, until the context ends."""
    config = uvicorn.Config(
        create_api(services, "1.2.3"), port=0, log_level="warning", timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
