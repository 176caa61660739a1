"""A TCP proxy that counts bytes in both directions and can be as slow as a real line."""

import asyncio
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

CHUNK = 65_536


@dataclass
class Counter:
    """Bytes that have crossed since the last reset: `down` out of the silo, `up` into it."""

    down: int = 0
    up: int = 0

    def reset(self) -> None:
        """Start again from 0."""
        self.down = self.up = 0


@dataclass
class Proxy:
    """Stands in front of one server on a loopback port of its own.

    Attributes:
        target: Host and port of the server.
        megabits: Speed of the line in each direction, shared by all connections; None: unlimited.
        latency_s: Added once to each burst, in each direction.
    """

    target: tuple[str, int]
    megabits: float | None = None
    latency_s: float = 0.0
    counter: Counter = field(default_factory=Counter)
    port: int = 0

    def __enter__(self) -> Self:
        """Listen; returns when the port is open."""
        self._loop = asyncio.new_event_loop()
        self._free_at = {"down": 0.0, "up": 0.0}
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(
                self._pump(reader, far_writer, "up"),
                self._pump(far_reader, writer, "down"),
                return_exceptions=True,
            )
        except asyncio.CancelledError:  # the proxy closes; the stream's own task would report it
            return
        finally:
            writer.close()
            far_writer.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: str
    ) -> None:
        while data := await reader.read(CHUNK):
            setattr(self.counter, direction, getattr(self.counter, direction) + len(data))
            await self._hold(len(data), direction)
            writer.write(data)
            await writer.drain()
        writer.write_eof()

    async def _hold(self, size: int, direction: str) -> None:
        """Wait as long as the line is busy with these bytes and those before them."""
        if self.latency_s and time.monotonic() > self._free_at[direction]:
            await asyncio.sleep(self.latency_s)
        if self.megabits is None:
            return
        seconds = size * 8 / (self.megabits * 1e6)
        start = max(time.monotonic(), self._free_at[direction])
        self._free_at[direction] = start + seconds
        await asyncio.sleep(self._free_at[direction] - time.monotonic())
