"""The proxy counts exactly and holds its speed."""

import socket
import threading
import time

import pytest

from benchmarks.proxy import Proxy


@pytest.fixture
def echo():
    """A server that sends back three bytes for each it gets."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            received: list[bytes] = []
            with connection:
                while data := connection.recv(65_536):
                    received.append(data)
                connection.sendall(b"".join(received) * 3)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()
    server.close()


def exchange(port: int, size: int) -> int:
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(b"x" * size)
        client.shutdown(socket.SHUT_WR)
        received = 0
        while data := client.recv(65_536):
            received += len(data)
    return received


def test_every_byte_is_counted_in_its_direction(echo):
    with Proxy(echo) as proxy:
        assert exchange(proxy.port, 100_000) == 300_000
        assert (proxy.counter.up, proxy.counter.down) == (100_000, 300_000)
        proxy.counter.reset()
        exchange(proxy.port, 10)
        assert (proxy.counter.up, proxy.counter.down) == (10, 30)


def test_a_slow_line_takes_its_time(echo):
    with Proxy(echo, megabits=8) as proxy:
        started = time.monotonic()
        exchange(proxy.port, 100_000)
        assert time.monotonic() - started >= 0.3


def test_a_server_that_is_not_there_closes_the_connection():
    with Proxy(("127.0.0.1", 9)) as proxy, socket.create_connection(("127.0.0.1", proxy.port)) as c:
        assert c.recv(1) == b""
