"""Runs remainders in a process of its own, one query at a time: fragments in, rows out.

Started as a file, so it may import nothing of the project. It speaks frames over its standard
input and output: a length, a JSON header, then as many bytes of Arrow as the header says.
"""

import json
import resource
import sys
import time
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa

Header = dict[str, Any]
LENGTH = 8
UNANSWERED = ("open", "rows", "reset")


def read_frame(stream: BinaryIO) -> tuple[Header, bytes] | None:
    """The next header and its payload; None when the other side is gone."""
    start = stream.read(LENGTH)
    if len(start) < LENGTH:
        return None
    header: Header = json.loads(stream.read(int.from_bytes(start, "little")))
    return header, stream.read(header["bytes"])


def write_frame(stream: BinaryIO, header: Header, payload: bytes | memoryview = b"") -> None:
    """One frame; the header gets the payload's length."""
    text = json.dumps({**header, "bytes": len(payload)}).encode()
    stream.write(len(text).to_bytes(LENGTH, "little"))
    stream.write(text)
    stream.write(payload)
    stream.flush()


class Child:
    """The relations of the query at hand."""

    def __init__(self, options: Header) -> None:
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{options['memory_mb']}MB",
                "threads": options["threads"],
                "temp_directory": options["spill"],
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
            },
        )
        for setting in (
            "SET TimeZone = 'UTC'",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(setting)
        self._schemas: dict[str, pa.Schema] = {}

    def reset(self) -> None:
        """Drop every relation, which takes a tenth of opening another database."""
        for name in self._schemas:
            self._connection.execute(f"DROP TABLE IF EXISTS {_quoted(name)}")
        self._schemas = {}

    def open(self, header: Header, payload: bytes) -> None:
        """Create the relation of a fragment."""
        schema = pa.ipc.read_schema(pa.py_buffer(payload))
        self._schemas[header["name"]] = schema
        columns = ", ".join(
            f"{_quoted(field.name)} {kind}"
            for field, kind in zip(schema, header["types"], strict=True)
        )
        self._connection.execute(f"CREATE TEMP TABLE {_quoted(header['name'])} ({columns})")

    def rows(self, header: Header, payload: bytes) -> None:
        """Append one batch."""
        schema = self._schemas[header["name"]]
        batch = pa.ipc.read_record_batch(pa.py_buffer(payload), schema)
        self._connection.register("incoming", pa.Table.from_batches([batch]))
        self._connection.execute(f"INSERT INTO {_quoted(header['name'])} SELECT * FROM incoming")
        self._connection.unregister("incoming")

    def keys(self, header: Header, payload: bytes) -> pa.Table | None:
        """Distinct values of an expression over a relation; None when there are too many."""
        limit = int(header["limit"])
        found = self._connection.sql(
            f"SELECT DISTINCT key FROM (SELECT {header['key']} AS key"
            f" FROM {_quoted(header['name'])}) AS t WHERE NOT key IS NULL LIMIT {limit + 1}"
        )
        table: pa.Table = found.to_arrow_table()
        return None if table.num_rows > limit else table

    def finish(self, header: Header, payload: bytes) -> tuple[pa.Table, bool, float]:
        """The remainder's rows, cut at the limit, whether more exist, and milliseconds."""
        began = time.monotonic()
        limit = header["max_rows"]
        cursor = self._connection.sql(header["sql"])
        if limit is None:
            return cursor.to_arrow_table(), False, (time.monotonic() - began) * 1000
        reader: pa.RecordBatchReader = cursor.to_arrow_reader(min(limit + 1, 100_000))
        batches: list[pa.RecordBatch] = []
        while sum(batch.num_rows for batch in batches) <= limit:
            try:
                batches.append(reader.read_next_batch())
            except StopIteration:
                break
        table = pa.Table.from_batches(batches, reader.schema)
        took = (time.monotonic() - began) * 1000
        return table.slice(0, limit), table.num_rows > limit, took


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _as_stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    result: bytes = sink.getvalue().to_pybytes()
    return result


def _answer(child: Child, header: Header, payload: bytes) -> tuple[Header, bytes] | None:
    """What a request gives; None when it wants no answer."""
    kind = header["kind"]
    if kind in UNANSWERED:
        _do(child, header, payload)
        return None
    if kind == "keys":
        found = child.keys(header, payload)
        return {"many": found is None}, b"" if found is None else _as_stream(found)
    if kind == "finish":
        table, more, took = child.finish(header, payload)
        return {"truncated": more, "ms": took}, _as_stream(table)
    return {}, b""  # all batches of a relation are in


def _do(child: Child, header: Header, payload: bytes) -> None:
    if header["kind"] == "reset":
        child.reset()
    else:
        (child.open if header["kind"] == "open" else child.rows)(header, payload)


def _limit_memory(memory_mb: int) -> None:
    """A ceiling for the whole process, far above DuckDB's own limit: the last resort."""
    ceiling = (memory_mb * 3 + 4096) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


def main() -> None:
    """Serve requests until the parent closes the pipe."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    first = read_frame(source)
    if first is None:
        return
    _limit_memory(first[0]["memory_mb"])
    child = Child(first[0])
    failed: Header | None = None
    while (frame := read_frame(source)) is not None:
        header, payload = frame
        try:
            answer = _answer(child, header, payload) if failed is None else (failed, b"")
        except (duckdb.OutOfMemoryException, MemoryError) as error:
            answer = ({"error": "memory", "message": _first_line(error)}, b"")
        except (duckdb.Error, pa.ArrowException) as error:
            answer = ({"error": "query", "message": _first_line(error)}, b"")
        if answer is not None and "error" in answer[0]:
            failed = answer[0]
        if answer is not None and header["kind"] not in UNANSWERED:
            write_frame(target, {**answer[0], "id": header["id"]}, answer[1])


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


if __name__ == "__main__":
    main()
