"""Who may read what: roles, masks and row filters, read from policy.yaml (docs/policy.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.errors import ConfigurationError, PolicyViolation
from connectors.masks import Mask, read_mask
from connectors.schema import Column, Table

DEFAULT_ROLE = "default"


@dataclass(frozen=True)
class Role:
    """What one role may read. Globs are over lower-case names, ``*`` also spans dots.

    Attributes:
        name: As requests name it.
        read: Globs over ``silo.schema.table`` the role may read.
        deny: Globs over ``silo.schema.table`` it may not, whatever `read` says.
        columns: Mask by glob over ``silo.schema.table.column``; the first that fits counts.
        rows: Canonical SQL condition by glob over ``silo.schema.table``; all that fit count.
        purposes: What the role may use data for; empty means any. Shown in the notes.
    """

    name: str
    read: tuple[str, ...] = ("*",)
    deny: tuple[str, ...] = ()
    columns: Mapping[str, Mask] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)
    purposes: tuple[str, ...] = ()

    def reads(self, table: Table) -> bool:
        """True when the role may read the table."""
        name = table.full_name.lower()
        return _any(name, self.read) and not _any(name, self.deny)

    def mask(self, table: Table, column: Column) -> Mask | None:
        """The mask on a column, or None when it is read as it is."""
        name = f"{table.full_name}.{column.name}".lower()
        return next((mask for glob, mask in self.columns.items() if _fits(name, glob)), None)

    def filters(self, table: Table) -> tuple[str, ...]:
        """Conditions each row of the table must meet."""
        name = table.full_name.lower()
        return tuple(text for glob, text in self.rows.items() if _fits(name, glob))


@dataclass(frozen=True)
class Rights:
    """The roles one request runs under: a thing is allowed when each of them allows it.

    A requested role stands beside the caller's own, so it can narrow rights but never widen them.
    """

    roles: tuple[Role, ...]

    @property
    def name(self) -> str:
        """The narrowest role's name."""
        return self.roles[-1].name

    def reads(self, table: Table) -> bool:
        """True when every role may read the table."""
        return all(role.reads(table) for role in self.roles)

    def mask(self, table: Table, column: Column) -> Mask | None:
        """The strictest mask of all roles."""
        masks = [m for m in (role.mask(table, column) for role in self.roles) if m]
        return max(masks, key=lambda mask: mask.strictness, default=None)

    def filters(self, table: Table) -> tuple[str, ...]:
        """Conditions of all roles, each once."""
        found = [text for role in self.roles for text in role.filters(table)]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Policy:
    """All roles, and the one a request has that names none."""

    roles: Mapping[str, Role]
    default_role: str = DEFAULT_ROLE

    @classmethod
    def open(cls) -> "Policy":
        """Without a policy file: one role, everything readable."""
        return cls({DEFAULT_ROLE: Role(DEFAULT_ROLE)})

    def rights(self, requested: str | None = None, own: str | None = None) -> Rights:
        """The rights of a request: the caller's own role (or the default), narrowed.

        Raises:
            PolicyViolation: There is no such role.
        """
        base = self._role(own or self.default_role)
        if requested is None or requested == base.name:
            return Rights((base,))
        return Rights((base, self._role(requested)))

    def _role(self, name: str) -> Role:
        if name not in self.roles:
            message = f"there is no role {name!r} in the policy"
            raise PolicyViolation(message, hint=f"Roles: {', '.join(self.roles)}.")
        return self.roles[name]


class _RoleFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    read: tuple[str, ...]
    deny: tuple[str, ...] = ()
    columns: dict[str, Any] = {}
    rows: dict[str, str] = {}
    purposes: tuple[str, ...] = ()


class _PolicyFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    default_role: str
    roles: Annotated[dict[str, _RoleFile], Field(min_length=1)]


def load_policy(path: Path | None) -> Policy:
    """Read policy.yaml; without a path everything is readable.

    Raises:
        ConfigurationError: The file is missing, not YAML, or a key is unknown, missing or wrong.
    """
    if path is None:
        return Policy.open()
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        parsed = _PolicyFile.model_validate(raw)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: is not YAML: {error}") from error
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {_first_problem(error)}") from error
    roles = {name: _role(name, given, path) for name, given in parsed.roles.items()}
    if parsed.default_role not in roles:
        message = f"{path}: default_role is {parsed.default_role!r}, which is not among the roles"
        raise ConfigurationError(message, hint=f"Roles: {', '.join(roles)}.")
    return Policy(roles, parsed.default_role)


def _role(name: str, given: _RoleFile, path: Path) -> Role:
    place = f"{path}: roles.{name}.columns"
    masks = {glob: read_mask(value, f"{place}.{glob}") for glob, value in given.columns.items()}
    return Role(name, given.read, given.deny, masks, given.rows, given.purposes)


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}"


def _any(name: str, globs: tuple[str, ...]) -> bool:
    return any(_fits(name, glob) for glob in globs)


def _fits(name: str, glob: str) -> bool:
    return fnmatchcase(name, glob.lower())
