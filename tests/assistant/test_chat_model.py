"""The chat model's client against a real HTTP endpoint that plays faults."""

import time

import pytest

from assistant.chat_model import ChatModel, RequestRecord
from connectors.config import ModelSettings
from connectors.errors import (
    ConfigurationError,
    ModelRefused,
    ModelReplyInvalid,
    ModelUnavailable,
)
from tests.scripted_model import Endpoint, Scripted, scripted_endpoint

TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
ASK = [{"role": "user", "content": "Wie viele?"}]


def chat(endpoint: Endpoint, **settings) -> ChatModel:
    return ChatModel(
        ModelSettings(base_url=endpoint.url, api_key="k-secret", chat="scripted", **settings)
    )


def test_text_arrives_streamed_and_whole():
    with scripted_endpoint(Scripted("Zwölf Kundinnen und Kunden.")) as endpoint:
        pieces: list[str] = []
        reply = chat(endpoint).complete(ASK, on_text=pieces.append)
    assert reply.content == "".join(pieces) == "Zwölf Kundinnen und Kunden."
    assert len(pieces) > 2
    assert (reply.prompt_tokens, reply.completion_tokens) == (120, 30)


def test_tool_calls_are_put_together_from_their_pieces():
    with scripted_endpoint(Scripted(tool_calls=(("look", {"words": "Kündigung"}),))) as endpoint:
        reply = chat(endpoint).complete(ASK, [TOOL])
    assert reply.tool_calls[0].name == "look"
    assert reply.tool_calls[0].arguments == {"words": "Kündigung"}
    assert endpoint.requests[0]["tools"][0]["function"]["name"] == "look"


def test_an_overloaded_model_is_asked_again_after_the_time_it_names():
    busy = Scripted(status=429, headers={"Retry-After": "1"})
    with scripted_endpoint(busy, Scripted("da")) as endpoint:
        started = time.monotonic()
        assert chat(endpoint).complete(ASK).content == "da"
    assert time.monotonic() - started >= 1
    assert len(endpoint.requests) == 2


def test_a_failing_model_is_asked_three_times_and_then_given_up():
    with scripted_endpoint() as endpoint, pytest.raises(ModelUnavailable, match="HTTP status 500"):
        chat(endpoint).complete(ASK)
    assert len(endpoint.requests) == 3


def test_a_wrong_key_is_not_tried_again_and_never_shown():
    with (
        scripted_endpoint(Scripted(status=401)) as endpoint,
        pytest.raises(ModelUnavailable, match="API key") as caught,
    ):
        chat(endpoint).complete(ASK)
    assert len(endpoint.requests) == 1
    assert "k-secret" not in str(caught.value)


def test_a_silent_model_times_out():
    slow = [Scripted("spät", delay=2)] * 3
    with (
        scripted_endpoint(*slow) as endpoint,
        pytest.raises(ModelUnavailable, match="in time"),
    ):
        chat(endpoint, timeout_s=0.2).complete(ASK)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Scripted("halb", cut=True), "broke off"),
        (Scripted("zu lang", finish="length"), "length limit"),
        (Scripted(garbage=b"data: <html>oops\n\n"), "not readable"),
        (Scripted(garbage=b"data: [DONE]\n\n"), "broke off|empty|not readable"),
        (Scripted(""), "empty"),
        (Scripted(tool_calls=(("look", '{"words": '),)), "not JSON|not readable"),
    ],
)
def test_a_reply_that_is_not_whole_is_never_used(reply, message):
    with scripted_endpoint(reply) as endpoint, pytest.raises(ModelReplyInvalid, match=message):
        chat(endpoint).complete(ASK, [TOOL])


@pytest.mark.parametrize(
    "reply", [Scripted(refusal="I cannot help"), Scripted("x", finish="content_filter")]
)
def test_a_refusal_is_told_and_not_retried(reply):
    with scripted_endpoint(reply) as endpoint, pytest.raises(ModelRefused, match="declined"):
        chat(endpoint).complete(ASK)
    assert len(endpoint.requests) == 1


def test_an_endpoint_that_is_not_there_is_named_as_such():
    settings = ModelSettings(base_url="http://127.0.0.1:9/v1", api_key="k", chat="x")
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        ChatModel(settings).complete(ASK)


def test_every_request_is_logged_with_its_outcome():
    records: list[RequestRecord] = []
    with scripted_endpoint(Scripted("ja"), Scripted("halb", cut=True)) as endpoint:
        settings = ModelSettings(base_url=endpoint.url, api_key="k", chat="scripted")
        model = ChatModel(settings, records.append)
        model.complete(ASK)
        with pytest.raises(ModelReplyInvalid):
            model.complete(ASK)
    assert [record.outcome for record in records] == ["answered", "model_reply_invalid"]
    assert records[0].messages == tuple(ASK)


def test_cost_is_computed_only_from_configured_prices():
    with scripted_endpoint(Scripted("a"), Scripted("b")) as endpoint:
        free = chat(endpoint)
        priced = chat(endpoint, prompt_price=1.0, completion_price=10.0)
        reply = free.complete(ASK)
    assert free.use("llm", [reply]).cost is None
    assert priced.use("llm", [reply, reply]).cost == pytest.approx(2 * (120 + 300) / 1e6)
    assert priced.use("llm", [reply, reply]).calls == 2


def test_a_model_without_a_name_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match=r"model\.chat"):
        ChatModel(ModelSettings(base_url="http://127.0.0.1:9/v1"))


def test_only_drafts_that_vote_are_sampled():
    with scripted_endpoint(Scripted("a"), Scripted("b")) as endpoint:
        model = chat(endpoint)
        model.complete(ASK)
        model.sampled(1).complete(ASK)
        assert model.sampled(0) is model
    assert [request["temperature"] for request in endpoint.requests] == [0, 0.7]
