"""Rows of MariaDB's text protocol as Arrow columns, all rows of a block at once.

A row is its values one after the other, each a length and the text; the length is one byte, or a
byte that says how many follow. The texts become views into the block, which Arrow then copies and
parses, so that no value is ever a Python object.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectors.silos._conform import from_views
from connectors.silos._mysql_wire import Block

Numbers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
NULL = 251
WIDE = {252: 2, 253: 3, 254: 8}  # what the first byte says, and how many bytes of length follow
# An Arrow view is two words: the length and four bytes of the text; then the eight bytes after
# them, or, of a text longer than twelve, where it stands.
INLINE, PREFIX, WORD = 12, 4, 8
FIRST = np.array([(1 << 8 * min(n, PREFIX)) - 1 for n in range(INLINE + 1)], np.uint64)
SECOND = np.array([(1 << 8 * max(0, n - PREFIX)) - 1 for n in range(INLINE + 1)], np.uint64)
HALF = np.uint64(32)


def batch_of_block(block: Block, schema: pa.Schema, silo: str) -> pa.RecordBatch:
    """The rows of a block in the asked types.

    Raises:
        SiloQueryFailed: A value does not fit, naming its column.
    """
    rows = _Rows(block)
    columns = [from_views(rows.column(), field, silo) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


class _Rows:
    """A place in each row, which moves one column on when that is read."""

    def __init__(self, block: Block) -> None:
        self._buffer = pa.py_buffer(block.data)
        self._bytes = np.frombuffer(block.data, np.uint8)
        # The eight bytes that begin at each byte.
        self._words: Words = np.ndarray(
            (len(block.data) - WORD + 1,), "<u8", block.data, strides=(1,)
        )
        self._at: Numbers = np.array(block.starts, np.int64)

    def column(self) -> pa.Array:
        """The next column's values as views of bytes."""
        sizes: Numbers = self._bytes[self._at].astype(np.int64)
        self._at += 1
        given = self._widened(sizes) if int(sizes.max(initial=0)) >= NULL else None
        views = self._views(sizes)
        self._at += sizes
        buffers = [given, pa.py_buffer(views), self._buffer]
        return pa.Array.from_buffers(pa.binary_view(), len(sizes), buffers)

    def _widened(self, sizes: Numbers) -> pa.Buffer | None:
        """Put in lengths that take more than a byte; which values are given, if not all are."""
        codes = sizes.copy()
        for code, width in WIDE.items():
            rows = np.flatnonzero(codes == code)
            mask = np.uint64((1 << 8 * width) - 1)
            sizes[rows] = (self._words[self._at[rows]] & mask).astype(np.int64)
            self._at[rows] += width
        given = codes != NULL
        if given.all():
            return None
        sizes[~given] = 0
        return pa.py_buffer(np.packbits(given, bitorder="little"))

    def _views(self, sizes: Numbers) -> Words:
        short = np.minimum(sizes, INLINE)
        views: Words = np.empty((len(sizes), 2), np.uint64)
        views[:, 0] = sizes.astype(np.uint64) | (self._words[self._at] & FIRST[short]) << HALF
        views[:, 1] = self._words[self._at + PREFIX] & SECOND[short]
        long = sizes > INLINE
        if long.any():
            np.copyto(views[:, 1], self._at.astype(np.uint64) << HALF, where=long)
        return views
