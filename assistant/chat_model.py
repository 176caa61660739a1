"""The one place that talks to a chat model: any OpenAI-compatible endpoint, through LangChain.

Every reply is checked before anybody parses it: cut streams, length limits, content filters and
refusals become errors of the tree. Retries of 429, 5xx and lost connections, with Retry-After and
jitter, are the OpenAI client's.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import httpx2 as httpx
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.tool import ToolCallChunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI
from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    OpenAIError,
    PermissionDeniedError,
)

from assistant.answer import ModelUse
from assistant.model_recording import Recording, Reply, ToolCall, request_key
from connectors.config import ModelSettings
from connectors.errors import (
    ConfigurationError,
    ModelError,
    ModelRefused,
    ModelReplyInvalid,
    ModelUnavailable,
)

RETRIES = 2
SAMPLED = 0.7
"""Temperature of drafts that vote, but for the first."""
BYTES_PER_TOKEN = 4
"""Used only where the endpoint reports no usage."""

Message = Mapping[str, Any]
"""An OpenAI chat message: role, content and, where they apply, tool_calls or tool_call_id."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RequestRecord:
    """What was sent to the model and what became of it: for the request log."""

    at: float
    model: str
    messages: tuple[Message, ...]
    outcome: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Chat(ChatOpenAI):
    """ChatOpenAI that also keeps a streamed refusal, which it drops."""

    def _convert_chunk_to_generation_chunk(
        self,
        chunk: dict[str, Any],
        default_chunk_class: type,
        base_generation_info: dict[str, Any] | None,
    ) -> ChatGenerationChunk | None:
        made = super()._convert_chunk_to_generation_chunk(
            chunk, default_chunk_class, base_generation_info
        )
        choices = chunk.get("choices") or [{}]
        refusal = (choices[0].get("delta") or {}).get("refusal")
        if made is not None and refusal:
            made.message.additional_kwargs["refusal"] = refusal
        return made


class ChatModel:
    """A configured endpoint. Opens nothing until the first request; thread-safe."""

    def __init__(
        self,
        settings: ModelSettings,
        log: Callable[[RequestRecord], None] | None = None,
        sample: int = 0,
    ) -> None:
        if not settings.chat:
            raise ConfigurationError("model.chat is missing: name the chat model to use")
        self.name = settings.chat
        self._settings = settings
        self._log = log or (lambda record: None)
        self._sample = sample
        self._recording = _recording(settings)

    @cached_property
    def _client(self) -> _Chat:
        return _Chat(
            model=self.name,
            base_url=self._settings.resolved("base_url"),
            api_key=self._settings.resolved("api_key") or "none",
            timeout=self._settings.timeout_s,
            max_retries=RETRIES,
            temperature=SAMPLED if self._sample else 0,
            stream_usage=True,
        )

    def sampled(self, number: int) -> "ChatModel":
        """The same endpoint for the draft of a number: only number 0 is the likeliest reply."""
        return ChatModel(self._settings, self._log, number) if number else self

    def complete(
        self,
        messages: Sequence[Message],
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: Literal["any", "auto"] = "any",
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Send the conversation and read the whole reply, streamed.

        Args:
            messages: The conversation so far.
            tools: OpenAI function definitions the model may call.
            tool_choice: ``any`` when it must call one.
            on_text: Called with each piece of text as it arrives.

        Raises:
            ModelUnavailable: Not reached, overloaded or too slow, after the retries.
            ModelRefused: It declined, or its content filter did.
            ModelReplyInvalid: The reply is cut, empty or not readable.
        """
        key = request_key(messages, tools, self._sample)
        known = self._recording.find(key) if self._recording else None
        if known is not None:
            return known
        reply = self._asked(messages, tools, tool_choice, on_text)
        if self._recording is None:
            return reply
        return self._recording.keep(key, reply, str(messages[-1].get("content"))[-200:])

    def _asked(
        self,
        messages: Sequence[Message],
        tools: Sequence[Mapping[str, Any]],
        tool_choice: Literal["any", "auto"],
        on_text: Callable[[str], None] | None,
    ) -> Reply:
        client: Runnable[Any, AIMessage] = self._client
        if tools:
            functions = [dict(tool) for tool in tools]
            client = self._client.bind_tools(functions, tool_choice=tool_choice)
        try:
            stream = client.stream([dict(message) for message in messages])
            reply = _read(stream, messages, on_text)
        except (OpenAIError, httpx.HTTPError, ValueError, TypeError) as error:
            mapped = _mapped(error)
            self._record(messages, mapped.code)
            raise mapped from error
        except ModelError as error:
            self._record(messages, error.code)
            raise
        self._record(messages, "answered", reply)
        return reply

    def use(self, translator: str, replies: Iterable[Reply]) -> ModelUse:
        """What these replies cost; cost None when no prices are configured (per million tokens)."""
        replies = tuple(replies)
        prompt = sum(reply.prompt_tokens for reply in replies)
        completion = sum(reply.completion_tokens for reply in replies)
        cost = None
        if self._settings.prompt_price is not None and self._settings.completion_price is not None:
            cost = prompt * self._settings.prompt_price / 1e6
            cost += completion * self._settings.completion_price / 1e6
        return ModelUse(translator, len(replies), prompt, completion, cost)

    def _record(
        self, messages: Sequence[Message], outcome: str, reply: Reply | None = None
    ) -> None:
        used = (reply.prompt_tokens, reply.completion_tokens) if reply else (0, 0)
        self._log(RequestRecord(time.time(), self.name, tuple(messages), outcome, *used))


def _recording(settings: ModelSettings) -> Recording | None:
    path = settings.recording
    return Recording(path, replay_only=settings.replay_only) if path else None


def _read(
    stream: Iterable[AIMessage],
    messages: Sequence[Message],
    on_text: Callable[[str], None] | None,
) -> Reply:
    whole: AIMessageChunk | None = None
    for chunk in stream:
        if not isinstance(chunk, AIMessageChunk):
            continue
        if on_text and chunk.text:
            on_text(chunk.text)
        whole = chunk if whole is None else whole + chunk
    if whole is None:
        raise ModelReplyInvalid("the model sent an empty reply")
    _check_ending(whole)
    calls = tuple(_tool_call(chunk, i) for i, chunk in enumerate(whole.tool_call_chunks))
    usage = whole.usage_metadata
    sent = usage["input_tokens"] if usage else _estimate(messages)
    received = usage["output_tokens"] if usage else _estimate([whole.text, whole.tool_call_chunks])
    return Reply(whole.text, calls, sent, received)


def _check_ending(whole: AIMessageChunk) -> None:
    """A reply counts only when the model said that it ended, and ended well."""
    reason = whole.response_metadata.get("finish_reason")
    refusal = whole.additional_kwargs.get("refusal")
    if refusal or reason == "content_filter":
        raise ModelRefused(f"the model declined to answer: {refusal or 'content filter'}")
    if reason == "length":
        raise ModelReplyInvalid("the model's reply was cut at its length limit")
    if reason is None:
        raise ModelReplyInvalid("the model's reply broke off before its end")
    if not whole.text and not whole.tool_call_chunks:
        raise ModelReplyInvalid("the model sent an empty reply")


def _tool_call(chunk: ToolCallChunk, index: int) -> ToolCall:
    """The call with its arguments read strictly; LangChain would complete cut JSON by guessing."""
    name = chunk["name"] or ""
    try:
        arguments = json.loads(chunk["args"] or "{}")
    except json.JSONDecodeError as error:
        message = f"the arguments of the tool call {name!r} are not JSON"
        raise ModelReplyInvalid(message) from error
    if not isinstance(arguments, dict):
        raise ModelReplyInvalid(f"the arguments of the tool call {name!r} are not an object")
    return ToolCall(chunk["id"] or f"call_{index}", name, arguments)


def _estimate(parts: Sequence[Any]) -> int:
    return len(json.dumps(list(parts), ensure_ascii=False, default=str).encode()) // BYTES_PER_TOKEN


def _mapped(error: Exception) -> ModelError:
    """The error of the tree for what the client raised. No address and no key is shown."""
    _log.debug("chat model failed", exc_info=error)
    if isinstance(error, (AuthenticationError, PermissionDeniedError)):
        return ModelUnavailable("the chat model refused the API key", hint="Check model.api_key.")
    if isinstance(error, (APITimeoutError, httpx.TimeoutException)):
        return ModelUnavailable("the chat model did not answer in time")
    if isinstance(error, APIStatusError):
        return ModelUnavailable(f"the chat model answered with HTTP status {error.status_code}")
    if isinstance(error, (APIConnectionError,)):
        hint = "Check model.base_url and that the endpoint runs."
        return ModelUnavailable("the chat model cannot be reached", hint=hint)
    if isinstance(error, httpx.HTTPError):
        return ModelReplyInvalid("the connection to the chat model broke off in mid-reply")
    return ModelReplyInvalid("the chat model's reply is not readable")
