"""An OpenAI-compatible HTTP endpoint that plays a script: real wire, no model."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Scripted:
    """One reply: text, tool calls, or a fault."""

    content: str = ""
    tool_calls: tuple[tuple[str, dict[str, Any] | str], ...] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    finish: str | None = None
    refusal: str | None = None
    cut: bool = False
    garbage: bytes | None = None
    delay: float = 0


def draft(**arguments: Any) -> Scripted:
    """A reply that submits a draft."""
    return Scripted(tool_calls=(("submit_draft", arguments),))


class Endpoint:
    """The running endpoint and what it was sent."""

    def __init__(self, script: list[Scripted]) -> None:
        self.script = list(script)
        self.requests: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        self.url = ""

    def next(self, request: dict[str, Any]) -> Scripted:
        with self.lock:
            self.requests.append(request)
            return self.script.pop(0) if self.script else Scripted(status=500)


class _Handler(BaseHTTPRequestHandler):
    endpoint: Endpoint
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        reply = self.endpoint.next(json.loads(body))
        time.sleep(reply.delay)
        if reply.status != 200:
            return self._plain(reply.status, b'{"error": {"message": "scripted"}}', reply.headers)
        if reply.garbage is not None:
            return self._plain(200, reply.garbage, {"Content-Type": "text/event-stream"})
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in _events(reply):
            self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        if not reply.cut:
            self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True
        return None

    def _plain(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _events(reply: Scripted) -> Iterator[dict[str, Any]]:
    yield _chunk({"role": "assistant", "content": ""})
    for start in range(0, len(reply.content), 7):
        yield _chunk({"content": reply.content[start : start + 7]})
    if reply.refusal:
        yield _chunk({"refusal": reply.refusal})
    for index, (name, arguments) in enumerate(reply.tool_calls):
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        call = {"index": index, "id": f"call_{index}", "type": "function"}
        yield _chunk({"tool_calls": [{**call, "function": {"name": name, "arguments": ""}}]})
        half = len(text) // 2
        for part in (text[:half], text[half:]):
            yield _chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
    if reply.cut:
        return
    yield _chunk({}, reply.finish or ("tool_calls" if reply.tool_calls else "stop"))
    usage = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}
    yield {**_chunk({}), "choices": [], "usage": usage}


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        "choices": [choice],
    }


@contextmanager
def scripted_endpoint(*script: Scripted) -> Iterator[Endpoint]:
    """Serve the script on loopback; requests past its end get HTTP 500."""
    endpoint = Endpoint(list(script))
    handler = type("Handler", (_Handler,), {"endpoint": endpoint})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
