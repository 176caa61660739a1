"""The architecture, held by tests: layers, cycles, homes of heavy libraries, sizes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("app", "assistant", "catalog", "connectors")
ROOMS = (*LAYERS, "demo")
HOMES = {
    "chromadb": {"catalog/vector_index.py"},
    "langchain_core": {"assistant/chat_model.py", "assistant/translators/llm.py"},
    "langchain_openai": {"assistant/chat_model.py", "assistant/translators/llm.py"},
    "openai": {"assistant/chat_model.py", "assistant/translators/llm.py"},
    "gradio": {"assistant/interfaces/ui.py", "assistant/interfaces/ui_people.py"},
    "fastapi": {"assistant/interfaces/api.py", "assistant/interfaces/people_routes.py"},
}
MAX_FILE = 400
MAX_FUNCTION = 50


def sources() -> list[Path]:
    files = [ROOT / "app.py"] if (ROOT / "app.py").exists() else []
    for room in ROOMS:
        files += sorted((ROOT / room).rglob("*.py"))
    return files


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Modules a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def graph() -> dict[str, set[str]]:
    modules = {module_name(path): path for path in sources()}
    return {
        name: {target for target in imports(path) if target in modules and target != name}
        for name, path in modules.items()
    }


def test_imports_point_down_the_layers():
    wrong = [
        f"{name} imports {target}"
        for name, targets in graph().items()
        for target in targets
        if name.split(".")[0] in LAYERS and target.split(".")[0] in LAYERS
        if LAYERS.index(target.split(".")[0]) < LAYERS.index(name.split(".")[0])
    ]
    assert wrong == []


def test_no_module_imports_itself_in_a_circle():
    edges = graph()
    leaves = {name for name, targets in edges.items() if not targets}
    while leaves:
        edges = {n: targets - leaves for n, targets in edges.items() if n not in leaves}
        leaves = {name for name, targets in edges.items() if not targets}
    assert sorted(edges) == []


def test_only_the_command_line_knows_the_demo():
    users = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if any(target.split(".")[0] == "demo" for target in imports(path))
    }
    allowed = {name for name in users if name.startswith("demo/")}
    assert users - allowed <= {
        "assistant/interfaces/cli.py",
        "assistant/interfaces/demo_command.py",
    }


@pytest.mark.parametrize("library", sorted(HOMES))
def test_a_heavy_library_has_one_home(library):
    users = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if any(target.split(".")[0] == library for target in imports(path))
    }
    assert users <= HOMES[library]


def test_duckdb_is_reached_only_behind_the_door_and_by_the_demo():
    users = {
        path.relative_to(ROOT).parts[0]
        for path in sources()
        if any(target.split(".")[0] == "duckdb" for target in imports(path))
    }
    assert users <= {"connectors", "demo"}


def test_files_stay_below_400_lines():
    long = {module_name(path): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in long.items() if lines > MAX_FILE} == {}


def test_functions_stay_below_50_lines():
    long = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1 - _docstring_lines(node)
                if length > MAX_FUNCTION:
                    long.append(f"{module_name(path)}.{node.name}: {length}")
    assert long == []


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return (first.end_lineno or 0) - first.lineno + 1
    return 0
