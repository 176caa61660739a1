"""Texts become vectors: here, or at an endpoint."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from catalog.embeddings import BATCH, LocalEmbedder, open_embedder
from connectors.config import ModelSettings
from connectors.errors import ConfigurationError, ModelReplyInvalid, ModelUnavailable


class Endpoint(BaseHTTPRequestHandler):
    """Answers with the length of each text; in the wrong order, as the protocol allows."""

    seen: list[tuple[str, str | None, dict[str, object]]]
    fault: str = ""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.path, self.headers["Authorization"], body))
        rows = [
            {"index": i, "embedding": [float(len(text)), 1.0]}
            for i, text in enumerate(body["input"])
        ]
        reply = json.dumps({"data": rows[::-1]} if not self.fault else {"data": []}).encode()
        self.send_response(500 if self.fault == "down" else 200)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[tuple[type[Endpoint], str]]:
    handler = type("Handler", (Endpoint,), {"seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield handler, f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def test_without_a_model_texts_stay_on_this_machine() -> None:
    assert isinstance(open_embedder(None), LocalEmbedder)
    assert isinstance(open_embedder(ModelSettings(base_url="http://x", chat="y")), LocalEmbedder)


def test_meaning_is_near_across_languages() -> None:
    embedder = LocalEmbedder()
    texts = embedder.passages(
        ["Kündigungen von Abonnements", "Wetterbericht für morgen", "a\0b \ud800"]
    )
    near, far, _ = texts @ embedder.query("customers who cancelled")
    assert near > far
    assert np.allclose(np.linalg.norm(texts, axis=1), 1, atol=1e-3)


def test_many_threads_may_embed_at_once() -> None:
    embedder, found = LocalEmbedder(), []
    alone = embedder.query("Umsatz")
    threads = [
        threading.Thread(target=lambda: found.append(embedder.query("Umsatz"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(alone, vector) for vector in found)
    assert len(found) == 8


def test_an_endpoint_is_asked_in_batches(endpoint: tuple[type[Endpoint], str]) -> None:
    handler, url = endpoint
    embedder = open_embedder(ModelSettings(base_url=url + "/", embedding="small", api_key="key"))
    found = embedder.passages(["x" * i for i in range(BATCH + 1)])
    assert found.shape == (BATCH + 1, 2)
    assert found[0, 0] < found[1, 0] < found[BATCH, 0]
    path, key, body = handler.seen[0]
    assert (path, key, body["model"]) == ("/v1/embeddings", "Bearer key", "small")
    assert len(handler.seen) == 2


def test_a_model_of_the_e5_family_gets_its_prefixes(endpoint: tuple[type[Endpoint], str]) -> None:
    handler, url = endpoint
    embedder = open_embedder(
        ModelSettings(base_url=url, embedding="intfloat/multilingual-e5-large")
    )
    embedder.passages(["a"])
    assert embedder.query("b").shape == (2,)
    assert [body["input"] for _, _, body in handler.seen] == [["passage: a"], ["query: b"]]


@pytest.mark.parametrize(
    ("fault", "error"), [("down", ModelUnavailable), ("empty", ModelReplyInvalid)]
)
def test_a_failing_endpoint_is_named_without_its_key(
    endpoint: tuple[type[Endpoint], str], fault: str, error: type[Exception]
) -> None:
    handler, url = endpoint
    handler.fault = fault
    embedder = open_embedder(ModelSettings(base_url=url, embedding="small", api_key="hidden"))
    with pytest.raises(error, match="'small'") as caught:
        embedder.query("a")
    assert "hidden" not in str(caught.value)


def test_nobody_listening_is_unavailable() -> None:
    model = ModelSettings(base_url="http://127.0.0.1:9/v1", embedding="small")
    with pytest.raises(ModelUnavailable):
        open_embedder(model).query("a")


def test_an_embedding_model_needs_an_endpoint() -> None:
    with pytest.raises(ConfigurationError, match=r"model\.base_url"):
        open_embedder(ModelSettings(embedding="small"))
