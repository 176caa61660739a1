"""PyMySQL with what it lacks: the compressed protocol, rows in blocks, and a count of the bytes.

PyMySQL connects, logs in and sends statements. A result's rows are not parsed one by one: they are
left as the server wrote them, and only the places where they begin are noted.
"""

import io
import selectors
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pymysql.connections import Connection as PyMySQL
from pymysql.constants import CLIENT
from pymysql.err import MySQLError, OperationalError
from pymysql.protocol import MysqlPacket

READ, BLOCK = 1 << 18, 1 << 20
HEADER, FULL_PACKET = 4, 0xFFFFFF
FRAME_HEADER, LARGEST_FRAME, WORTH_IT = 7, 1 << 23, 50
LAST_TAGS = 0xFE  # of the packet that ends the rows, and of an error's
PAD = bytes(16)
SILENT_S = 30.0
SIZE = struct.Struct("<I")


@dataclass(frozen=True)
class Block:
    """Whole rows as the server wrote them, 16 bytes of nothing behind; where each row begins."""

    data: bytearray
    starts: list[int]


class _Counting(io.RawIOBase):
    """What a socket gives, counted."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        got: int = self._sock.recv_into(target)
        self.count += got
        return got


class _Unpacked(io.RawIOBase):
    """What the frames of the compressed protocol hold."""

    def __init__(self, line: Any) -> None:
        self._line = line
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        if not self._rest:
            self._rest = memoryview(self._frame())
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def _frame(self) -> bytes:
        """The next frame: two sizes around a number; 0 as the second says it is not compressed."""
        header = self._line.read(FRAME_HEADER)
        size, full = int.from_bytes(header[:3], "little"), int.from_bytes(header[4:], "little")
        content = self._line.read(size)
        if len(header) < FRAME_HEADER or len(content) < size:
            return b""
        try:
            return zlib.decompress(content, bufsize=full) if full else content
        except zlib.error as error:
            raise OSError("the server sent a frame that cannot be unpacked") from error


def frames(data: bytes, first: int) -> Iterator[bytes]:
    """Data in frames of the compressed protocol, numbered from `first`; short ones stay as is."""
    for number, start in enumerate(range(0, len(data), LARGEST_FRAME), first):
        part = data[start : start + LARGEST_FRAME]
        packed = zlib.compress(part, 1) if len(part) >= WORTH_IT else part
        full = len(part) if len(packed) < len(part) else 0
        content = packed if full else part
        yield b"".join(
            (
                len(content).to_bytes(3, "little"),
                bytes([number % 256]),
                full.to_bytes(3, "little"),
                content,
            )
        )


class Connection(PyMySQL):
    """A connection; with `packed` it speaks the compressed protocol where the server does too.

    Attributes:
        limit_s: Seconds after which the server itself stops a statement; 0 when nobody said.
    """

    server_capabilities: int
    server_thread_id: tuple[int]
    server_version: str
    _sock: Any
    _rfile: Any
    _result: Any
    _next_seq_id: int
    limit_s: float = 0.0

    def __init__(self, *, packed: bool = False, **arguments: Any) -> None:
        self._packed = packed
        self._frames = 0
        self._used = time.monotonic()
        self._line: _Counting | None = None
        super().__init__(**arguments)

    @property
    def received(self) -> int:
        """Bytes that came since the login."""
        return self._line.count if self._line is not None else 0

    @property
    def lost(self) -> bool:
        """True when an idle connection has ended.

        Its end is something to read; so may be a message of TLS. Then, and when it was not used for
        so long that the line may be cut unnoticed, the server is asked.
        """
        if self._sock is None:
            return True
        silent = time.monotonic() - self._used > SILENT_S
        return (silent or self._readable()) and not self._answers()

    def _readable(self) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, selectors.EVENT_READ)
            return bool(selector.select(0))

    def _answers(self) -> bool:
        try:
            self.ping(reconnect=False)
        except (MySQLError, OSError):
            return False
        return True

    def start(self, sql: str) -> int:
        """Run a statement and return how many columns it gives; its rows are read as `blocks`."""
        self.query(sql, unbuffered=True)
        return len(self._result.description or ())

    def blocks(self) -> Iterator[Block]:
        """The rows of the statement that was started."""
        rows = _Rows()
        while not rows.ended:
            data = self._rfile.read1(READ)
            if not data:
                raise OperationalError(2013, "Lost connection to MySQL server during query")
            rows.take(data)
            if rows.ended or rows.size >= BLOCK:
                block, last = rows.block()
                if block.starts:
                    yield block
                if last is not None:
                    self._finish(last)

    def abandon(self) -> None:
        """Forget rows that were not read; the connection can only be closed."""
        if self._result is not None:
            self._result.unbuffered_active = False  # else its destructor would read on

    def _finish(self, last: bytes) -> None:
        self.abandon()
        packet = MysqlPacket(last, self.encoding)
        if packet.is_error_packet():
            packet.raise_for_error()

    def _request_authentication(self) -> None:
        offered = bool(self.server_capabilities & CLIENT.COMPRESS)
        self._packed = self._packed and offered
        if self._packed:
            self.client_flag |= CLIENT.COMPRESS
        packed, self._packed = self._packed, False  # the login itself is not in frames
        super()._request_authentication()  # type: ignore[misc]  # not in the stubs
        self._packed = packed
        self._line = _Counting(self._sock)
        line = io.BufferedReader(self._line, READ)
        self._rfile = io.BufferedReader(_Unpacked(line), READ) if packed else line

    def _execute_command(self, command: int, sql: str | bytes) -> None:
        self._used = time.monotonic()
        super()._execute_command(command, sql)  # type: ignore[misc]  # not in the stubs
        if self._packed:
            self._next_seq_id = self._frames % 256  # the answer is numbered after the frames

    def _write_bytes(self, data: bytes) -> None:
        if self._packed:
            first = 0 if data[3] == 0 else self._frames  # packet 0 begins a command
            parts = list(frames(data, first))
            self._frames = first + len(parts)
            data = b"".join(parts)
        super()._write_bytes(data)  # type: ignore[misc]  # not in the stubs


class _Rows:
    """Packets of rows as they come in: where each whole one begins."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._at = 0
        self._starts: list[int] = []
        self.ended = False

    @property
    def size(self) -> int:
        """Bytes of whole rows."""
        return self._at

    def take(self, data: bytes) -> None:
        """Add bytes, and find the packets they complete."""
        self._data += data
        held, at, end, starts = self._data, self._at, len(self._data), self._starts
        while at + HEADER <= end:
            size = SIZE.unpack_from(held, at)[0] & FULL_PACKET
            behind = at + HEADER + size
            if size == FULL_PACKET:
                behind = self._joined(at)
                end = len(held)
            if behind > end:
                break
            starts.append(at + HEADER)
            at = behind
        self._at = at
        self.ended = bool(starts) and held[starts[-1]] >= LAST_TAGS and self._is_last(starts[-1])

    def _is_last(self, start: int) -> bool:
        """True for an error and for the end; a text of 16 MB has the end's tag, and is longer."""
        return self._data[start] > LAST_TAGS or self._at - start < FULL_PACKET

    def _joined(self, at: int) -> int:
        """Make one packet of those a large row came in; its end, or one beyond what is there."""
        headers, behind, size = [], at, FULL_PACKET
        while size == FULL_PACKET:
            if behind + HEADER > len(self._data):
                return len(self._data) + 1
            size = SIZE.unpack_from(self._data, behind)[0] & FULL_PACKET
            headers.append(behind)
            behind += HEADER + size
        if behind > len(self._data):
            return len(self._data) + 1
        for header in reversed(headers[1:]):
            del self._data[header : header + HEADER]
        return behind - HEADER * (len(headers) - 1)

    def block(self) -> tuple[Block, bytes | None]:
        """The whole rows so far, and the packet that ended them, if it is there."""
        starts, self._starts = self._starts, []
        last = bytes(self._data[starts.pop() : self._at]) if self.ended else None
        data = self._data[: self._at]
        data += PAD
        del self._data[: self._at]
        self._at = 0
        return Block(data, starts), last
