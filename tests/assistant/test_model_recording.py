"""Replies of a chat model are kept and had again without it."""

import json

import pytest

from assistant.chat_model import ChatModel
from assistant.model_recording import Recording, request_key
from connectors.config import ModelSettings
from connectors.errors import ConfigurationError, ModelUnavailable
from tests.scripted_model import Scripted, scripted_endpoint

ASK = [{"role": "user", "content": "Wie viele?"}]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


def chat(url: str, path, *, replay_only: bool = False) -> ChatModel:
    settings = ModelSettings(
        base_url=url, api_key="k", chat="scripted", recording=path, replay_only=replay_only
    )
    return ChatModel(settings)


def test_a_recorded_reply_needs_no_model(tmp_path):
    path = tmp_path / "replies.jsonl"
    with scripted_endpoint(Scripted(tool_calls=(("look", {"words": "Zürich"}),))) as endpoint:
        first = chat(endpoint.url, path).complete(ASK, [TOOL])
    again = chat("http://127.0.0.1:9/v1", path, replay_only=True).complete(ASK, [TOOL])
    assert again == first
    assert again.prompt_tokens == 120


def test_a_run_that_was_broken_off_goes_on_with_what_it_has(tmp_path):
    path = tmp_path / "replies.jsonl"
    with scripted_endpoint(Scripted("eins")) as endpoint:
        chat(endpoint.url, path).complete(ASK)
    with scripted_endpoint(Scripted("zwei")) as endpoint:
        model = chat(endpoint.url, path)
        assert model.complete(ASK).content == "eins"
        assert model.complete([*ASK, *ASK]).content == "zwei"
        assert len(endpoint.requests) == 1
    assert len(path.read_text().splitlines()) == 2


def test_a_request_that_was_never_recorded_is_not_guessed(tmp_path):
    path = tmp_path / "replies.jsonl"
    path.touch()
    with pytest.raises(ModelUnavailable, match="holds no reply"):
        chat("http://127.0.0.1:9/v1", path, replay_only=True).complete(ASK)


@pytest.mark.parametrize("text", ["no json", '{"key": "k"}', '{"key": "k", "reply": {"a": 1}}'])
def test_a_broken_recording_is_named(tmp_path, text):
    path = tmp_path / "replies.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"replies\.jsonl"):
        Recording(path, replay_only=True)


def test_a_recording_to_replay_must_be_there(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Recording(tmp_path / "none.jsonl", replay_only=True)


def test_a_conversation_gone_on_from_a_replay_is_the_same_request(tmp_path):
    path = tmp_path / "replies.jsonl"
    with scripted_endpoint(Scripted(tool_calls=(("look", {}),))) as endpoint:
        first = chat(endpoint.url, path).complete(ASK, [TOOL])
    again = chat("http://127.0.0.1:9/v1", path, replay_only=True).complete(ASK, [TOOL])
    on = [[*ASK, reply.as_message()] for reply in (first, again)]
    assert request_key(on[0], [TOOL]) == request_key(on[1], [TOOL])


def test_tools_and_messages_both_name_a_request():
    assert request_key(ASK, []) != request_key(ASK, [TOOL])
    assert request_key(ASK, []) == request_key(json.loads(json.dumps(ASK)), [])
