"""`python -m benchmarks local_model`: wire, streaming, structured output, faults, weak answers."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answer import Answer
from assistant.chat_model import ChatModel
from assistant.pipeline import AskRequest, ask
from benchmarks.local_model.server import served
from connectors.config import ModelSettings, load_settings
from connectors.errors import ModelError

ASK = [{"role": "user", "content": "Answer in one short sentence: what is a customer?"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "count_rows",
        "description": "Counts the rows of a table.",
        "parameters": {
            "type": "object",
            "properties": {
                "table": {"type": "string", "enum": ["orders", "people"]},
                "limit": {"type": "integer"},
            },
            "required": ["table", "limit"],
            "additionalProperties": False,
        },
    },
}
QUESTIONS = (
    "How many people do we have?",
    "How many people are in the segment Goldkundschaft?",
    "Number of people by segment",
)
TRUE_ROWS = {
    QUESTIONS[0]: {(6,)},
    QUESTIONS[1]: {(3,)},
    QUESTIONS[2]: {("Goldkundschaft", 3), ("Silberkundschaft", 3)},
}
LOW = 0.6


@dataclass(frozen=True)
class Check:
    """One thing that must hold."""

    name: str
    holds: bool
    said: str
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Print what holds; 0 when all does."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks local_model", description=__doc__)
    parser.add_argument("--no-product", action="store_true", help="only the client's checks")
    asked = parser.parse_args(arguments)
    with served() as url:
        checks = [_timed(name, check, url) for name, check in WIRE.items()]
        if not asked.no_product:
            checks.append(_timed("no wrong figure with high confidence", _weak_answers, url))
    checks.append(_timed("a server that is gone is told as such", _gone, url))
    with served(most_tokens=8, context=256) as url:
        checks.append(_timed("a reply cut at its limit is never used", _cut, url))
        checks.append(_timed("a request beyond the context is told as such", _too_long, url))
    for check in checks:
        mark = "yes" if check.holds else "NO"
        print(f"{mark:3} {check.name} ({check.seconds:.1f} s): {check.said}", flush=True)
    return 0 if all(check.holds for check in checks) else 1


def _timed(name: str, check: Callable[[str], tuple[bool, str]], url: str) -> Check:
    began = time.monotonic()
    holds, said = check(url)
    print(f"{name}: {said}", file=sys.stderr, flush=True)
    return Check(name, holds, said, time.monotonic() - began)


def _model(url: str) -> ChatModel:
    return ChatModel(ModelSettings(base_url=url, api_key="none", chat="local", timeout_s=600))


def _streams(url: str) -> tuple[bool, str]:
    pieces: list[str] = []
    try:
        reply = _model(url).complete(ASK, on_text=pieces.append)
    except ModelError as error:
        # A small model may talk on to its limit; what matters is that it is told.
        return len(pieces) > 1 and "length limit" in error.message, f"{len(pieces)} pieces, cut"
    return len(pieces) > 1 and reply.content == "".join(pieces), f"{len(pieces)} pieces"


def _structured(url: str) -> tuple[bool, str]:
    reply = _model(url).complete(ASK, [TOOL])
    call = reply.tool_calls[0] if reply.tool_calls else None
    if call is None:
        return False, f"no tool call: {reply.content[:80]!r}"
    fits = call.arguments.get("table") in ("orders", "people")
    fits = fits and isinstance(call.arguments.get("limit"), int)
    return fits and reply.prompt_tokens > 0, f"{call.name}({dict(call.arguments)})"


def _gone(url: str) -> tuple[bool, str]:
    return _fails(url, "cannot be reached")


def _cut(url: str) -> tuple[bool, str]:
    return _fails(url, "length limit")


def _too_long(url: str) -> tuple[bool, str]:
    return _fails(url, "HTTP status 400", "word " * 2_000)


def _fails(url: str, expected: str, content: str = "Tell a very long story.") -> tuple[bool, str]:
    try:
        reply = _model(url).complete([{"role": "user", "content": content}])
    except ModelError as error:
        return expected in error.message, error.message
    return False, f"answered {reply.content[:60]!r}"


def _weak_answers(url: str) -> tuple[bool, str]:
    """The product with this model: right, unanswered, or of low confidence."""
    import app
    from tests.assistant.model_shop import make_shop

    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(make_shop(Path(folder)))
        model = ModelSettings(base_url=url, api_key="none", chat="local", timeout_s=600)
        services = app.open_services(settings.model_copy(update={"model": model}))
        try:
            answers = [ask(services, AskRequest(q, None, None, "en")) for q in QUESTIONS]
        finally:
            services.close()
    bad = [answer for answer in answers if _is_surely_wrong(answer)]
    return not bad, "; ".join(map(_told, answers))


def _is_surely_wrong(answer: Answer) -> bool:
    wrong = answer.status == "answered" and set(answer.rows) != TRUE_ROWS[answer.question]
    return wrong and (answer.confidence is None or answer.confidence.value >= LOW)


def _told(answer: Answer) -> str:
    right = answer.status == "answered" and set(answer.rows) == TRUE_ROWS[answer.question]
    sure = f", confidence {answer.confidence.value}" if answer.confidence else ""
    fell = ", without the model" if answer.warnings else ""
    return f"{answer.status}{' right' if right else ''}{sure}{fell}"


WIRE: dict[str, Callable[[str], tuple[bool, str]]] = {
    "text arrives in pieces": _streams,
    "a tool call follows its schema": _structured,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
