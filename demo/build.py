"""Builds the demo company in real databases and starts its servers."""

import hashlib
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import demo.stores as stores
from demo.chance import TODAY
from demo.servers import Server, mariadb_binary, start_mariadb, start_postgres
from demo.truth import write_truth
from demo.world import World, make_world

HERE = Path(__file__).parent
CONFIG = "silos.yaml"
MARK = "built"
PASSWORD = "secrets/reader"  # noqa: S105 - the path of the file that holds it
Say = Callable[[str], None]
CHANNELS = {
    "email": {"most": 4, "days": 30, "cost": 0.02, "per_day": 400},
    "sms": {"most": 2, "days": 30, "cost": 0.09, "per_day": 200},
    "phone": {"most": 1, "days": 30, "cost": 6.5, "per_day": 40},
}
WORTH = {"cancellations": 180, "tickets": 11, "calls": 8}
ABOUT = {
    "crm": ("crm", "sales-ops", "contract"),
    "service": ("service", "service-team", "contract"),
    "cdp": ("cdp", "web-team", "legitimate interest"),
    "dwh": ("dwh", "data-team", "contract"),
    "survey": ("survey", "cx-team", "consent"),
    "consent": ("consent", "legal", "legal obligation"),
    "campaign": ("campaign", "marketing", "consent"),
}


@dataclass(frozen=True)
class Running:
    """A started demo: its configuration and its servers."""

    config: Path
    servers: tuple[Server, ...]


def build(folder: Path, say: Say = lambda text: None) -> Path:
    """Build the company in `folder` unless it is there already; the path of its silos.yaml."""
    folder = folder.absolute()
    config = folder / CONFIG
    mark = folder / MARK
    wanted = fingerprint()
    if config.exists() and mark.exists() and mark.read_text() == wanted:
        return config
    mark.unlink(missing_ok=True)
    (folder / PASSWORD).parent.mkdir(parents=True, exist_ok=True)
    (folder / PASSWORD).write_text(secrets.token_hex(16))
    say("Making two years of Bergluft Outdoor …")
    world = make_world()
    with _servers(folder) as servers:
        _write(folder, world, servers, say)
        _write_config(folder, servers)
    shutil.rmtree(folder / ".rundblick", ignore_errors=True)
    shutil.copytree(HERE / "semantic", folder / "semantic", dirs_exist_ok=True)
    mark.write_text(wanted)
    return config


@contextmanager
def start(folder: Path) -> Iterator[Running]:
    """The servers of a built demo, until the context ends; silos.yaml gets their ports."""
    folder = folder.absolute()
    with _servers(folder) as servers:
        yield Running(_write_config(folder, servers), tuple(servers.values()))


def fingerprint() -> str:
    """Changes with the generator, the semantic files and the kinds of databases at hand."""
    digest = hashlib.sha256(str(mariadb_binary() is not None).encode())
    for file in sorted([*HERE.glob("*.py"), *HERE.glob("semantic/*.yaml")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()


@contextmanager
def _servers(folder: Path) -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        servers = {"postgres": start_postgres(folder / "postgres")}
        stack.callback(servers["postgres"].stop)
        mariadb = start_mariadb(folder / "mariadb")
        if mariadb is not None:
            servers["mariadb"] = mariadb
            stack.callback(mariadb.stop)
        yield servers


def _write(folder: Path, world: World, servers: dict[str, Server], say: Say) -> None:
    admin, password = servers["postgres"].admin_url, (folder / PASSWORD).read_text()
    say("Writing CRM and service desk into PostgreSQL …")
    stores.write_postgres(admin, "crm", stores.CRM, world.silo("crm"), password)
    stores.write_postgres(admin, "service", stores.SERVICE, world.silo("service"), password)
    if "mariadb" in servers:
        say("Writing campaigns into MariaDB …")
        port = servers["mariadb"].port
        stores.write_campaign_mariadb(port, world.silo("campaign"), password)
    else:
        say("Writing campaigns into a second PostgreSQL database (there is no mariadbd) …")
        stores.write_campaign_postgres(admin, world.silo("campaign"), password)
    say("Writing web events and warehouse into DuckDB, surveys and consents into SQLite …")
    stores.write_duckdb(folder / "cdp.duckdb", world.silo("cdp"))
    stores.write_duckdb(folder / "dwh.duckdb", world.silo("dwh"))
    answers, consents = world.silo("survey"), world.silo("consent")
    stores.write_sqlite(
        folder / "survey.db", stores.SURVEY, "nps_antworten", answers["nps_antworten"]
    )
    stores.write_sqlite(
        folder / "consent.db", stores.CONSENT, "einwilligungen", consents["einwilligungen"]
    )
    write_truth(folder, world)


def _write_config(folder: Path, servers: dict[str, Server]) -> Path:
    postgres = f"postgresql://{stores.READER}@127.0.0.1:{servers['postgres'].port}"
    campaign = f"{postgres}/campaign"
    if "mariadb" in servers:
        campaign = f"mysql://{stores.READER}@127.0.0.1:{servers['mariadb'].port}/campaign"
    urls = {
        "crm": f"{postgres}/crm",
        "service": f"{postgres}/service",
        "cdp": "duckdb:///cdp.duckdb",
        "dwh": "duckdb:///dwh.duckdb",
        "survey": "sqlite:///survey.db",
        "consent": "sqlite:///consent.db",
        "campaign": campaign,
    }
    written = {
        "silos": [_silo(name, url) for name, url in urls.items()],
        "catalog": {"path": ".rundblick"},
        "semantic": "semantic/",
        "activation": {"channels": CHANNELS, "worth": WORTH},
        "today": TODAY,
    }
    path = folder / CONFIG
    path.write_text(yaml.safe_dump(written, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def _silo(name: str, url: str) -> dict[str, Any]:
    kind, owner, purpose = ABOUT[name]
    silo: dict[str, Any] = {"name": name, "kind": kind, "url": url}
    if "@" in url:
        silo["password"] = f"${{file:{PASSWORD}}}"
    return {**silo, "owner": owner, "purpose": purpose, "timezone": "Europe/Zurich"}
