"""The catalog on disk: one JSON file per version, written whole or not at all."""

import json
import os
import re
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.links import Link
from catalog.table_json import table_from_json, table_to_json
from connectors.errors import CatalogError, CatalogMissing
from connectors.schema import SiloSchema

FORMAT = 1
KEPT = 50
ABANDONED_S = 3600
_FILE = re.compile(r"catalog-(\d{6})\.json")
HINT = "Run `rundblick catalog refresh`"


@dataclass(frozen=True)
class Snapshot:
    """One version of the catalog.

    Attributes:
        version: Counts from 1; 0 before it is stored.
        read_at: When it was read.
        silos: When each silo's part was read; older than `read_at` where the silo was down.
        links: Measured declared links, and proposed ones.
    """

    version: int
    read_at: datetime
    schema: SiloSchema
    silos: Mapping[str, datetime] = field(default_factory=dict)
    links: tuple[Link, ...] = ()


class Store:
    """The versions in a folder. Safe to use from several processes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def versions(self) -> tuple[int, ...]:
        """Stored versions, oldest first."""
        if not self.folder.is_dir():
            return ()
        matches = (_FILE.fullmatch(path.name) for path in self.folder.iterdir())
        return tuple(sorted(int(match[1]) for match in matches if match))

    def latest(self) -> Snapshot:
        """The newest version.

        Raises:
            CatalogMissing: There is none yet.
            CatalogError: It cannot be read.
        """
        versions = self.versions()
        if not versions:
            message = f"there is no catalog in {str(self.folder)!r} yet"
            raise CatalogMissing(message, hint=HINT)
        return self.read(versions[-1])

    def read(self, version: int) -> Snapshot:
        """One version.

        Raises:
            CatalogError: It is not there, or broken.
        """
        path = self._path(version)
        try:
            return _decoded(json.loads(path.read_text(encoding="utf-8")), version)
        except OSError as error:
            message = f"cannot read the catalog {str(path)!r}: {error.strerror}"
            raise CatalogError(message, hint=HINT) from error
        except (ValueError, KeyError, TypeError) as error:
            message = f"the catalog {str(path)!r} is broken: {error!r}"
            raise CatalogError(message, hint=f"Remove the file. {HINT}") from error

    def write(self, snapshot: Snapshot) -> Snapshot:
        """Store under the next free version, and drop the oldest beyond `KEPT`.

        Returns:
            The snapshot with its version.

        Raises:
            CatalogError: The folder cannot be written.
        """
        text = json.dumps(_encoded(snapshot), ensure_ascii=False, separators=(",", ":"))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            version = self._place(text)
            for old in self.versions()[:-KEPT]:
                self._path(old).unlink(missing_ok=True)
            self._drop_abandoned()
        except OSError as error:
            message = f"cannot write the catalog to {str(self.folder)!r}: {error.strerror}"
            raise CatalogError(message, hint="Check 'catalog.path' in silos.yaml") from error
        return replace(snapshot, version=version)

    def _drop_abandoned(self) -> None:
        """What killed processes left half written; a living one needs far less time."""
        for path in self.folder.glob("*.part"):
            with suppress(FileNotFoundError):  # another process has just finished with it
                if time.time() - path.stat().st_mtime > ABANDONED_S:
                    path.unlink()

    def _place(self, text: str) -> int:
        """Move a finished file to the next free version."""
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            version = (self.versions() or (0,))[-1] + 1
            while not self._claimed(Path(name), version):
                version += 1
            return version
        finally:
            Path(name).unlink(missing_ok=True)

    def _claimed(self, finished: Path, version: int) -> bool:
        """A link, unlike a rename, never covers a version another process wrote just now."""
        try:
            self._path(version).hardlink_to(finished)
        except FileExistsError:
            return False
        except OSError:  # a file system without links
            finished.replace(self._path(version))
        return True

    def _path(self, version: int) -> Path:
        return self.folder / f"catalog-{version:06d}.json"


def _encoded(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "read_at": snapshot.read_at.isoformat(),
        "silos": {name: moment.isoformat() for name, moment in snapshot.silos.items()},
        "tables": [table_to_json(table) for table in snapshot.schema],
        "links": [_encoded_link(link) for link in snapshot.links],
    }


def _encoded_link(link: Link) -> dict[str, Any]:
    moment = link.measured_at.isoformat() if link.measured_at else None
    return {**asdict(link), "measured_at": moment}


def _decoded(data: Mapping[str, Any], version: int) -> Snapshot:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']} is not {FORMAT}")
    return Snapshot(
        version,
        datetime.fromisoformat(data["read_at"]),
        SiloSchema(table_from_json(item) for item in data["tables"]),
        {name: datetime.fromisoformat(text) for name, text in data["silos"].items()},
        # Versions from before links were measured have none.
        tuple(_link(item) for item in data.get("links", ())),
    )


def _link(data: Mapping[str, Any]) -> Link:
    moment = data["measured_at"]
    return Link(**{**data, "measured_at": datetime.fromisoformat(moment) if moment else None})
