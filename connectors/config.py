"""Reads silos.yaml: read once at the edge, checked, frozen. Secrets stay references until used."""

import os
import re
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from connectors.errors import ConfigurationError

REFERENCE = re.compile(r"\$\{(env|file):([^}]+)\}")
INTERVAL = re.compile(r"(\d{1,5})\s*([mhd])")
TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
UNITS = {"m": 60, "h": 3_600, "d": 86_400}
MINUTES_A_DAY = 1_440
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Frozen):
    """What one question may take from one silo."""

    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    timeout_s: Annotated[float, Field(gt=0)] = 30
    connect_timeout_s: Annotated[float, Field(gt=0)] = 5
    max_rows: Annotated[int, Field(ge=1)] = 2_000_000
    max_bytes: Annotated[int, Field(ge=1)] = 1_000_000_000


class SiloSettings(_Frozen):
    """One silo of silos.yaml. `url` and `password` may hold ``${env:NAME}`` or ``${file:path}``."""

    name: str
    kind: str = "database"
    url: str
    password: str | None = None
    schemas: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    owner: str | None = None
    purpose: str | None = None
    timezone: str = "UTC"
    limits: Limits = Limits()
    base: Path = Path()

    @field_validator("name")
    @classmethod
    def _name_fits_sql(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            message = "a silo's name starts with a-z and holds only a-z, 0-9 and _"
            raise ValueError(message)
        return value

    @property
    def scheme(self) -> str:
        """The database kind in the URL, without the driver: ``mysql`` of ``mysql+pymysql``."""
        return self.url.split("://", 1)[0].split("+", 1)[0].split(":", 1)[0].lower()

    def resolved_url(self) -> URL:
        """The URL with its secrets filled in, file paths made absolute. Never log it.

        Raises:
            ConfigurationError: A reference has no value, or the URL is malformed.
        """
        try:
            url = make_url(resolve(self.url, self.base))
        except ArgumentError as error:
            message = f"silo {self.name!r}: the url is not of the form dialect://host/database"
            raise ConfigurationError(message, silo=self.name) from error
        if self.password is not None:
            url = url.set(password=resolve(self.password, self.base))
        if url.get_backend_name() in ("sqlite", "duckdb") and url.database:
            url = url.set(database=str(self.base / url.database))
        return url


class RefreshSettings(_Frozen):
    """When `serve` reads the silos again: every so often, or at a time of day.

    Attributes:
        every_s: Seconds from one refresh to the next; None when `at` tells.
        at: Time of day in `timezone`, for hours in which the silos have little to do.
        profile: With statistics and links.
    """

    every_s: Annotated[float, Field(ge=60)] | None = None
    at: time | None = None
    timezone: str = "UTC"
    profile: bool = True

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """``6h``, ``30m``, ``1d`` or ``03:30``; YAML reads ``13:30`` as a number of minutes."""
        given = value if isinstance(value, dict) else {"when": value}
        if "when" not in given:
            return given
        rest = {key: item for key, item in given.items() if key != "when"}
        return {**rest, **_when(given["when"])}

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {value!r}") from error
        return value


def _when(value: object) -> dict[str, object]:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MINUTES_A_DAY:
        return {"at": time(*divmod(value, 60))}
    text = str(value).strip().lower()
    if match := INTERVAL.fullmatch(text):
        return {"every_s": int(match[1]) * UNITS[match[2]]}
    if match := TIME_OF_DAY.fullmatch(text):
        return {"at": time(int(match[1]), int(match[2]))}
    raise ValueError(f"{value!r} is no interval such as 6h and no time of day such as 03:30")


class CatalogSettings(_Frozen):
    """Where the catalog store and its vector index live, and when `serve` refreshes them."""

    path: Path = Path(".rundblick")
    refresh: RefreshSettings | None = None


class ModelSettings(_Frozen):
    """An OpenAI-compatible endpoint. Without it the semantic translator serves.

    Attributes:
        narration: Who says results; a model never with `privacy: none`.
        drafts: Drafts of one question that vote; 1 asks once.
        recording: File that replies are kept in and found again, for evaluations.
        replay_only: Never ask the model what the recording does not hold.
    """

    base_url: str | None = None
    api_key: str | None = None
    chat: str | None = None
    embedding: str = "local"
    timeout_s: Annotated[float, Field(gt=0)] = 60
    privacy: Literal["aggregates", "none"] = "aggregates"
    prompt_price: float | None = None
    completion_price: float | None = None
    narration: Literal["templates", "model"] = "templates"
    drafts: Annotated[int, Field(ge=1, le=9)] = 1
    recording: Path | None = None
    replay_only: bool = False
    base: Path = Path()

    def resolved(self, name: Literal["base_url", "api_key"]) -> str | None:
        """A setting with its secret filled in; None when not set."""
        value: str | None = getattr(self, name)
        return None if value is None else resolve(value, self.base)


class EngineSettings(_Frozen):
    """Where fragments meet, and how much it may take."""

    name: str = "duckdb"
    options: dict[str, Any] = {}
    memory_mb: Annotated[int, Field(ge=64)] = 1024
    timeout_s: Annotated[float, Field(gt=0)] = 120
    threads: Annotated[int, Field(ge=1)] = 2


class ChannelSettings(_Frozen):
    """How often a person may be contacted on one channel, what it costs, how much a day it takes.

    Attributes:
        most: Contacts a person may have had in the last `days` days, the next one included.
        cost: Of one contact; None when not known.
        per_day: Contacts the channel can make in a day.
    """

    most: Annotated[int, Field(ge=0)] = 4
    days: Annotated[int, Field(ge=1, le=3_650)] = 30
    cost: Annotated[float, Field(ge=0)] | None = None
    per_day: Annotated[int, Field(ge=1)] = 500


class ActivationSettings(_Frozen):
    """What contacting people must keep to.

    Attributes:
        purposes: Purposes of silos whose data may choose whom to contact.
        channels: By name; a channel that is not named has the defaults.
        currency: Of costs and of the worth of offers.
        worth: Of one unit of a metric, by its name, in the currency; for metrics that are no money.
    """

    purposes: tuple[str, ...] = ("consent", "contract", "legitimate interest")
    channels: dict[str, ChannelSettings] = {}
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "CHF"
    worth: dict[str, Annotated[float, Field(ge=0)]] = {}

    def channel(self, name: str) -> ChannelSettings:
        """The limits of a channel."""
        return self.channels.get(name, ChannelSettings())


class Settings(_Frozen):
    """The whole of silos.yaml, paths absolute."""

    path: Path
    silos: Annotated[tuple[SiloSettings, ...], Field(min_length=1)]
    catalog: CatalogSettings = CatalogSettings()
    model: ModelSettings | None = None
    engine: EngineSettings = EngineSettings()
    activation: ActivationSettings = ActivationSettings()
    policy: Path | None = None
    semantic: Path | None = None
    today: date | None = None

    def silo(self, name: str) -> SiloSettings:
        """The silo of this name; raises KeyError when there is none."""
        return {silo.name: silo for silo in self.silos}[name]


def resolve(text: str, base: Path) -> str:
    """Replace ``${env:NAME}`` and ``${file:path}`` by their values.

    Raises:
        ConfigurationError: The variable is not set, or the file cannot be read.
    """

    def value(match: re.Match[str]) -> str:
        source, name = match.groups()
        if source == "env":
            if name not in os.environ:
                message = f"the environment variable {name!r} is not set"
                raise ConfigurationError(message, hint=f"Set it: export {name}=...")
            return os.environ[name]
        try:
            return (base / name).read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"the secret file {name!r} cannot be read: {error.strerror}"
            raise ConfigurationError(message) from error

    return REFERENCE.sub(value, text)


def load_settings(path: Path) -> Settings:
    """Read silos.yaml.

    Raises:
        ConfigurationError: The file is missing, not YAML, or a key is unknown, missing or wrong.
    """
    base = path.parent.absolute()
    raw = _read_yaml(path)
    raw["path"] = path.absolute()
    raw["silos"] = [{**silo, "base": base} for silo in _silo_maps(raw, path)]
    raw["catalog"] = _absolute_catalog(raw.get("catalog"), base)
    raw["engine"] = _engine(raw.get("engine", "duckdb"))
    for key in ("policy", "semantic"):
        if raw.get(key):
            raw[key] = base / str(raw[key])
    if raw.get("model"):
        raw["model"] = {**raw["model"], "base": base}
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {_first_problem(error)}") from error
    _refuse_double_names(settings)
    return settings


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"cannot read the configuration {str(path)!r}: {error.strerror}"
        hint = "Name one with --config silos.yaml, or try: rundblick demo"
        raise ConfigurationError(message, hint=hint) from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(raw, dict):
        raise ConfigurationError(f"{path}: expected a mapping with the key 'silos'")
    return raw


def _silo_maps(raw: dict[str, Any], path: Path) -> list[dict[str, Any]]:
    silos = raw.get("silos")
    if not isinstance(silos, list) or not all(isinstance(silo, dict) for silo in silos):
        raise ConfigurationError(f"{path}: 'silos' must be a list of mappings")
    return silos


def _absolute_catalog(raw: object, base: Path) -> dict[str, Any]:
    given = dict(raw) if isinstance(raw, dict) else {}
    return {**given, "path": base / str(given.get("path", ".rundblick"))}


def _engine(raw: object) -> dict[str, Any]:
    """``duckdb``, ``{name: duckdb, memory_mb: ...}`` or ``{trino: {url: ...}}``."""
    if isinstance(raw, str):
        return {"name": raw}
    given = dict(raw) if isinstance(raw, dict) else {}
    if "trino" in given:
        return {"name": "trino", "options": given.pop("trino"), **given}
    return given


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}"


def _refuse_double_names(settings: Settings) -> None:
    names = [silo.name for silo in settings.silos]
    double = next((name for name in names if names.count(name) > 1), None)
    if double:
        raise ConfigurationError(f"{settings.path}: two silos are named {double!r}")
