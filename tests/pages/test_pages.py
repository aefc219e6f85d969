"""Every page, in every state it can be in."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.frame import PAGES
from segmentation.data.dataset import Dataset

ROOT = Path(__file__).parents[2]
NAMES = [name for entries in PAGES.values() for name, *_ in entries]


def opened(name: str, app: AppTest | None = None) -> AppTest:
    app = app or AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    return app.switch_page(f"pages/{name}.py").run()


def test_every_file_is_in_the_navigation():
    assert sorted(NAMES) == sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_first_visit(name):
    page = opened(name)
    assert not page.exception
    assert len(page.title) == 1
    assert not page.error


@pytest.mark.parametrize("name", NAMES)
def test_without_results(name, dataset):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["dataset"] = dataset
    app.session_state["runs"] = {}
    app.session_state["names"] = {}
    page = opened(name, app.run())
    assert not page.exception
    assert len(page.title) == 1
    if name not in {"data", "segment"}:
        assert "Go to Segment" in [link.value for link in page.page_link]


@pytest.mark.parametrize("name", NAMES)
def test_an_uploaded_table_of_unknown_measures(name):
    from segmentation.methods.gmm import GMMCustomerSegmentation
    from segmentation.methods.kmeans import KMeansCustomerSegmentation

    table = pd.DataFrame(
        {
            "customer_id": [f"<b>{i}</b>" for i in range(60)],
            "visits *per* week": [float(i % 7) + 1 for i in range(60)],
            "minutes": [float((i * i) % 31) + 5 for i in range(60)],
        }
    )
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["dataset"] = Dataset("file_[x](y).csv", table, "file")
    app.session_state["names"] = {}
    app.session_state["runs"] = {
        method.spec.key: method(n_clusters=3).fit(table).result(table)
        for method in (KMeansCustomerSegmentation, GMMCustomerSegmentation)
    }
    app.session_state["shown"] = "kmeans"
    page = opened(name, app.run())
    assert not page.exception
    assert len(page.title) == 1


SCRIPT = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
for name in {NAMES!r}:
    assert not app.switch_page(f"pages/{{name}}.py").run().exception, name
print("keras" in sys.modules, "jax" in sys.modules)
"""


def test_the_dashboards_process_never_imports_keras():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]
