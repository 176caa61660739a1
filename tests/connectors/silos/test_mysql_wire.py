"""The compressed protocol and rows in blocks, on a real server."""

import io

import pymysql
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from connectors.silos._mysql_wire import FULL_PACKET, PAD, Connection, _Rows, _Unpacked, frames

LARGE = 9_000_000
END = b"\xfe\0\0\x02\0"


@given(st.binary(max_size=3_000), st.integers(0, 255))
def test_what_is_packed_is_unpacked(data, first):
    packed = b"".join(frames(data, first))
    line = io.BufferedReader(_Unpacked(io.BytesIO(packed)))
    assert line.read() == data


def test_frames_are_numbered_one_after_the_other():
    data = b"a" * (20 << 20)
    numbers = [frame[3] for frame in frames(data, 255)]
    assert numbers == [255, 0, 1]
    assert sum(map(len, frames(data, 0))) < len(data) / 100


def test_short_commands_and_those_that_grow_stay_as_they_are():
    noise = bytes(range(256))
    assert list(frames(b"SELECT 1", 0)) == [b"\x08\0\0\0\0\0\0SELECT 1"]
    assert list(frames(noise, 0)) == [b"\0\x01\0\0\0\0\0" + noise]


def test_half_a_frame_ends_the_line():
    whole = b"".join(frames(b"a" * 1_000, 0))
    for size in (3, len(whole) - 1):
        assert io.BufferedReader(_Unpacked(io.BytesIO(whole[:size]))).read() == b""


def test_a_broken_frame_is_a_broken_line():
    frame = bytearray(next(frames(b"a" * 1_000, 0)))
    frame[-8:] = bytes(8)
    with pytest.raises(OSError, match="unpacked"):
        io.BufferedReader(_Unpacked(io.BytesIO(bytes(frame)))).read()


def packet(content: bytes) -> bytes:
    return len(content).to_bytes(3, "little") + b"\0" + content


@given(
    st.lists(st.binary(min_size=1, max_size=40).filter(lambda b: b[0] < 0xFE), max_size=20),
    st.integers(1, 64),
)
def test_rows_are_found_wherever_the_bytes_are_cut(rows, step):
    data = b"".join(map(packet, [*rows, END]))
    found, reading = [], _Rows()
    for start in range(0, len(data), step):
        reading.take(data[start : start + step])
        found += taken(reading)
    assert reading.ended
    assert found == [*rows, END]


def taken(reading: _Rows) -> list[bytes]:
    """The packets that are whole, one after the other."""
    block, last = reading.block()
    behind = len(block.data) - len(PAD) - (4 + len(last) if last is not None else 0)
    ends = [at - 4 for at in block.starts[1:]] + [behind]
    packets = [bytes(block.data[a:b]) for a, b in zip(block.starts, ends, strict=False)]
    return packets if last is None else [*packets, last]


def test_a_row_of_several_packets_is_one_row():
    rows = _Rows()
    large = b"\x01" * FULL_PACKET
    for part in (packet(b"\x01a"), packet(large), packet(large), packet(b"\x01bc"), b"\x05\0\0"):
        rows.take(part)
        assert not rows.ended
    rows.take(b"\0\xfe\0\0\0\0")
    block, last = rows.block()
    assert (len(block.starts), last) == (2, b"\xfe\0\0\0\0")
    assert len(block.data) == 4 + 2 + 4 + 2 * FULL_PACKET + 3 + 4 + 5 + 16


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "packed"])
def connection(request, mysql_database):
    url = make_url(mysql_database)
    made = Connection(
        packed=request.param, host=url.host, port=url.port, user=url.username,
        password=str(url.password or ""), database=url.database, charset="utf8mb4",
    )  # fmt: skip
    made.wanted = request.param
    yield made
    made.close()


def sizes(connection, sql: str) -> tuple[int, int]:
    """Rows, and bytes of their blocks."""
    connection.start(sql)
    blocks = list(connection.blocks())
    return sum(len(b.starts) for b in blocks), sum(len(b.data) for b in blocks)


def test_the_server_packs_when_asked(connection):
    with connection.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Compression'")
        assert cursor.fetchone() == ("Compression", "ON" if connection.wanted else "OFF")


def test_what_came_is_counted(connection):
    before = connection.received
    rows, held = sizes(connection, "SELECT seq, REPEAT('a', 100) FROM seq_1_to_10000")
    came = connection.received - before
    assert rows == 10_000
    assert came < held / 5 if connection.wanted else came == pytest.approx(held, rel=0.01)


def test_a_row_larger_than_a_packet_arrives_whole(connection):
    rows, held = sizes(connection, f"SELECT REPEAT('a', {LARGE}), REPEAT('b', {LARGE}), 1")
    assert rows == 1
    assert held > 2 * LARGE


def test_a_statement_larger_than_a_packet_is_sent_whole(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@max_allowed_packet")
        allowed = int(cursor.fetchone()[0])
    text = "x" * (allowed - 1_000)
    assert sizes(connection, f"SELECT LENGTH('{text}')")[0] == 1


def test_an_error_between_rows_is_raised_and_the_connection_goes_on(connection):
    bad = "SELECT seq, (SELECT 1 UNION SELECT seq) FROM seq_1_to_3"
    with pytest.raises(pymysql.MySQLError):
        sizes(connection, bad)
    assert sizes(connection, "SELECT 1")[0] == 1


def test_no_rows_are_no_blocks(connection):
    assert sizes(connection, "SELECT seq FROM seq_1_to_3 WHERE seq > 5") == (0, 0)
