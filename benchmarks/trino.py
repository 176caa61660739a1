"""Trino 476 on one machine: fetched once, a server for the time of a measurement.

The last version whose server is in Maven's central repository; it needs a JDK of 24 or later.
"""

import json
import os
import re
import shutil
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.environment import FOLDER
from demo.servers import free_port

VERSION = "476"
JAVA_LEAST = 24
JAVA_VARIABLES = ("RUNDBLICK_JAVA", "JAVA_HOME")
JAVA_FOLDERS = ("/usr/lib/jvm", "/opt", "/Library/Java/JavaVirtualMachines")
# Its own core needs the types of `geospatial`.
PLUGINS = ("duckdb", "geospatial", "mariadb", "postgresql")
START_S = 120.0
STOP_S = 15.0
HEAP = "4G"
CONFIG = {
    "coordinator": "true",
    "node-scheduler.include-coordinator": "true",
    "query.max-memory": "2GB",
    "query.max-memory-per-node": "2GB",
    "memory.heap-headroom-per-node": "1GB",
}
Properties = Mapping[str, str]


def java_home() -> Path | None:
    """A JDK that is new enough: the one a variable names, else the newest in the usual folders."""
    named = [Path(os.environ[name]) for name in JAVA_VARIABLES if os.environ.get(name)]
    found = sorted(
        (path for folder in JAVA_FOLDERS for path in _homes(Path(folder))),
        key=java_version,
        reverse=True,
    )
    return next((path for path in [*named, *found] if java_version(path) >= JAVA_LEAST), None)


def _homes(folder: Path) -> list[Path]:
    return [path.parent for path in (*folder.glob("*/release"), *folder.glob("*/*/*/release"))]


def java_version(home: Path) -> int:
    """The feature version of a JDK's `release` file; 0 when there is none."""
    release = home / "release"
    if not release.is_file() or not (home / "bin" / "java").exists():
        return 0
    found = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(errors="replace"), re.MULTILINE)
    return int(found.group(1)) if found else 0


def server_home() -> Path:
    """The unpacked server with the connectors needed; fetched on first use.

    Raises:
        SystemExit: It is neither in RUNDBLICK_BENCH nor can Maven fetch it.
    """
    folder = FOLDER / "trino"
    home = folder / f"trino-server-{VERSION}"
    if not (home / ".ready").exists():
        _unpack(_archive(folder), folder)
        (home / ".ready").touch()
    return home


def _archive(folder: Path) -> Path:
    archive = folder / f"trino-server-{VERSION}.tar.gz"
    if not archive.exists():
        maven = shutil.which("mvn")
        if maven is None:
            raise SystemExit(f"there is no mvn to fetch Trino: put {archive.name} into {folder}")
        artifact = f"-Dartifact=io.trino:trino-server:{VERSION}:tar.gz"
        target = f"-DoutputDirectory={folder.absolute()}"
        subprocess.run([maven, "-q", "-B", "dependency:copy", artifact, target], check=True)
    return archive


def _unpack(archive: Path, folder: Path) -> None:
    wanted = ("lib/", "secrets-plugin/", *(f"plugin/{name}/" for name in PLUGINS))
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name.partition("/")[2].startswith(wanted):
                tar.extract(member, folder, filter="data")


def configure(folder: Path, port: int, catalogs: Mapping[str, Properties]) -> Path:
    """Write the server's configuration; returns its main file."""
    settings = {
        **CONFIG,
        "http-server.http.port": str(port),
        "discovery.uri": f"http://127.0.0.1:{port}",
        "catalog.config-dir": str(folder / "catalog"),
        "plugin.dir": str(server_home().absolute() / "plugin"),
    }
    shutil.rmtree(folder, ignore_errors=True)
    _write(folder / "config.properties", settings)
    for name, properties in catalogs.items():
        _write(folder / "catalog" / f"{name}.properties", properties)
    return folder / "config.properties"


def _write(file: Path, properties: Properties) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))


@contextmanager
def server(catalogs: Mapping[str, Properties]) -> Iterator[int]:
    """The port of a running server with these catalogs; it ends on leaving.

    Raises:
        SystemExit: There is no JDK for it, or it does not start.
    """
    java = java_home()
    if java is None:
        raise SystemExit(f"Trino needs a JDK of {JAVA_LEAST} or later; name it in RUNDBLICK_JAVA")
    port, folder = free_port(), (FOLDER / "trino" / "run").absolute()
    config = configure(folder / "etc", port, catalogs)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            _command(java, config, folder), stdout=log, stderr=log, cwd=folder
        )
    try:
        _wait_until_ready(process, port, folder / "server.log")
        yield port
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(java: Path, config: Path, folder: Path) -> list[str | Path]:
    node = {
        "node.environment": "benchmark",
        "node.id": "one",
        "node.data-dir": folder / "data",
        "node.internal-address": "127.0.0.1",
        "node.bind-ip": "127.0.0.1",
        "config": config,
        "jdk.attach.allowAttachSelf": "true",
    }
    flags = [f"-Xmx{HEAP}", "-XX:ReservedCodeCacheSize=256M", "--enable-native-access=ALL-UNNAMED"]
    flags += ["--sun-misc-unsafe-memory-access=allow"]
    flags += [f"-D{key}={value}" for key, value in node.items()]
    classes = f"{server_home().absolute()}/lib/*"
    return [java / "bin" / "java", *flags, "-cp", classes, "io.trino.server.TrinoServer"]


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if _ready(port):
            return
        time.sleep(0.2)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
    raise SystemExit(f"Trino did not start within {START_S:.0f} s:\n{tail}")


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/info", timeout=2) as answer:
            return not json.load(answer)["starting"]
    except (urllib.error.URLError, OSError, ValueError):
        return False
