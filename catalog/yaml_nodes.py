"""YAML mappings read key by key, so that every mistake is named by file and key."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from rapidfuzz import fuzz, process

from connectors.errors import ConfigurationError

T = TypeVar("T")
_BOOL = "tag:yaml.org,2002:bool"


class _Loader(yaml.SafeLoader):
    """YAML in which only true and false are booleans, and no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        double = next((key for key in keys if keys.count(key) > 1), None)
        if double is not None:
            raise yaml.MarkedYAMLError(None, None, f"{double!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


# A code such as `no` or `on` is text; YAML 1.1 would make it a boolean.
_Loader.yaml_implicit_resolvers = {
    first: [rule for rule in rules if rule[0] != _BOOL]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|True|false|False)$"), list("tTfF"))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """A hint with the known name most like this one; None when none is like it."""
    found = process.extractOne(name, sorted(known), scorer=fuzz.ratio, score_cutoff=50)
    return f"Did you mean {found[0]!r}?" if found else None


def read_document(path: Path) -> "Node":
    """The mapping a YAML file holds; an empty file is an empty mapping.

    Raises:
        ConfigurationError: The file cannot be read, is not YAML, or holds no mapping.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # a SafeLoader
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {str(path)!r}: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path.name}: not valid YAML: {error}") from error
    return Node(path.name, "", {} if data is None else data)


class Node:
    """A mapping of a file and the place it stands at."""

    def __init__(self, file: str, where: str, data: object) -> None:
        self.file = file
        self.where = where
        if not isinstance(data, Mapping):
            raise self.error("", f"expected a mapping, found {data!r}")
        self.data: Mapping[Any, Any] = data

    def error(self, key: str, problem: str, hint: str | None = None) -> ConfigurationError:
        """A ConfigurationError that names file and key."""
        place = ".".join(part for part in (self.where, key) if part) or "the file"
        return ConfigurationError(f"{self.file}: {place}: {problem}", hint=hint)

    def only(self, *known: str) -> None:
        """Raise ConfigurationError for a key that is not known."""
        for key in self.data:
            if key not in known:
                hint = nearest(str(key), known) or f"Known keys: {', '.join(known)}"
                raise self.error(str(key), "unknown key", hint)

    def value(self, key: str, kind: type[T]) -> T | None:
        """A value of this Python type; None when the key is absent or null."""
        found = self.data.get(key)
        if found is None or (isinstance(found, kind) and (kind is bool or found is not True)):
            return found
        raise self.error(key, f"expected {kind.__name__}, found {found!r}")

    def text(self, key: str) -> str | None:
        """A text; None when absent. A number is not taken for one."""
        found = self.value(key, str)
        return found.strip() if found is not None else None

    def needed(self, key: str) -> str:
        """A text that must be there."""
        found = self.text(key)
        if not found:
            raise self.error(key, "missing")
        return found

    def number(self, key: str, least: float = 0, most: float = float("inf")) -> float | None:
        """A number within bounds; None when absent."""
        found = self.data.get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise self.error(key, f"expected a number, found {found!r}")
        if not least <= found <= most:
            raise self.error(key, f"{found} is not between {least} and {most}")
        return float(found)

    def day(self, key: str) -> date | None:
        """A day such as 2026-10-31, also as the text JSON has for it; None when absent."""
        found = self.data.get(key)
        if not isinstance(found, str):
            return self.value(key, date)
        try:
            return date.fromisoformat(found)
        except ValueError as error:
            raise self.error(key, f"{found!r} is not a day such as 2026-10-31") from error

    def choice(self, key: str, options: Iterable[str]) -> str | None:
        """One of the options; None when absent."""
        found = self.text(key)
        known = tuple(options)
        if found is not None and found not in known:
            raise self.error(key, f"{found!r} is not one of {', '.join(known)}")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text; empty when absent."""
        found = self.data.get(key)
        if found is None:
            return ()
        items = found if isinstance(found, list) else [found]
        if not all(isinstance(item, (str, int, float)) for item in items):
            raise self.error(key, f"expected a list of texts, found {found!r}")
        return tuple(str(item) for item in items)

    def child(self, key: str) -> "Node":
        """The mapping under a key; empty when absent."""
        found = self.data.get(key)
        return Node(self.file, self._below(key), {} if found is None else found)

    def children(self, key: str) -> "Iterator[Node]":
        """The mappings of a list, each placed by its name; none when absent."""
        found = self.data.get(key)
        if found is not None and not isinstance(found, list):
            raise self.error(key, "expected a list")
        for position, item in enumerate(found or ()):
            name = item.get("name", position) if isinstance(item, Mapping) else position
            yield Node(self.file, self._below(f"{key}.{name}"), item)

    def labels(self, key: str) -> dict[str, str]:
        """A text per language (de, en); a plain text serves both. Empty when absent."""
        found = self.data.get(key)
        if isinstance(found, str):
            return {"de": found, "en": found}
        node = self.child(key)
        node.only("de", "en")
        return {language: node.needed(language) for language in node.data}

    def _below(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key
