"""The rules of the house, checked in the source."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ["data", "methods", "quality", "enrichment", "export", "figures"]


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports, including those inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", sources("segmentation"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_library_does_not_know_the_dashboard(path):
    roots = {name.split(".")[0] for name in imports(path)}
    assert not roots & {"streamlit", "pages"}


@pytest.mark.parametrize("path", sources("pages"), ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_do_not_compute(path):
    roots = {name.split(".")[0] for name in imports(path)}
    assert not roots & {"numpy", "sklearn", "keras", "jax", "scipy", "skfuzzy"}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.name)
def test_every_page_works_as_the_first_request(path):
    start = "from pages.shared import frame\n\nframe.ensure()\n"
    assert path.read_text(encoding="utf-8").startswith(start)


ALLOWED = {
    "data": {"data"},
    "quality": {"data", "methods", "quality"},  # choosing a model means fitting some
    "methods": {"data", "quality", "methods"},
    "enrichment": {"data", "enrichment"},
    "export": {"data", "methods", "enrichment", "quality", "export"},
    "figures": {"figures"},
}


@pytest.mark.parametrize("room", ROOMS)
def test_data_flows_one_way(room):
    for path in sources(f"segmentation/{room}"):
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "segmentation" and len(parts) > 1 and parts[1] in ROOMS:
                assert parts[1] in ALLOWED[room] or (room, parts[1]) == ("enrichment", "export"), (
                    f"{path.name} imports {name}"
                )


def test_every_module_stays_small():
    for path in sources("segmentation") + sources("pages"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path
