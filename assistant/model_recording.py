"""Replies of a chat model kept in a file, so that a run can be had again without the model."""

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from connectors.errors import ConfigurationError, ModelUnavailable


@dataclass(frozen=True)
class ToolCall:
    """A tool the model wants called, with its arguments."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """One whole reply. Tokens are estimated from bytes where the endpoint reports none."""

    content: str
    tool_calls: tuple[ToolCall, ...]
    prompt_tokens: int
    completion_tokens: int

    def as_message(self) -> Mapping[str, Any]:
        """The reply as a message of the conversation that goes on."""
        calls = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
            }
            for call in self.tool_calls
        ]
        message: dict[str, Any] = {"role": "assistant", "content": self.content}
        return {**message, "tool_calls": calls} if calls else message


class Recording:
    """One file of replies, a JSON object a line, found again by their request. Thread-safe.

    Tool calls get ids by their place, so that a conversation gone on from a recorded reply is the
    same request in every run.
    """

    def __init__(self, path: Path, *, replay_only: bool) -> None:
        """Read what the file holds already.

        Raises:
            ConfigurationError: The file cannot be read, or must be there and is not.
        """
        self._path = path
        self._replay_only = replay_only
        self._lock = threading.Lock()
        self._replies = dict(_read(path)) if path.exists() or replay_only else {}

    def find(self, key: str) -> Reply | None:
        """The recorded reply to a request, or None.

        Raises:
            ModelUnavailable: There is none, and no model may be asked.
        """
        found = self._replies.get(key)
        if found is None and self._replay_only:
            message = f"the recording {self._path.name!r} holds no reply to this request"
            raise ModelUnavailable(message, hint="Record it: rundblick eval … --record FILE")
        return found

    def keep(self, key: str, reply: Reply, about: str) -> Reply:
        """Append a reply; returns it with the ids it will have when replayed."""
        calls = tuple(
            ToolCall(f"call_{place}", call.name, call.arguments)
            for place, call in enumerate(reply.tool_calls)
        )
        kept = Reply(reply.content, calls, reply.prompt_tokens, reply.completion_tokens)
        line = json.dumps({"key": key, "about": about, "reply": asdict(kept)}, ensure_ascii=False)
        with self._lock:
            self._replies[key] = kept
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        return kept


def request_key(
    messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], sample: int = 0
) -> str:
    """Names a request by everything that decides its reply; `sample` tells repeated ones apart."""
    parts = [list(messages), list(tools), *([sample] if sample else [])]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _read(path: Path) -> list[tuple[str, Reply]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [_entry(json.loads(line)) for line in lines]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"the recording {str(path)!r} cannot be read: {error}"
        raise ConfigurationError(message) from error


def _entry(entry: Mapping[str, Any]) -> tuple[str, Reply]:
    reply = entry["reply"]
    calls = tuple(ToolCall(c["id"], c["name"], c["arguments"]) for c in reply["tool_calls"])
    tokens = (reply["prompt_tokens"], reply["completion_tokens"])
    return entry["key"], Reply(reply["content"], calls, *tokens)
