"""Running methods: forms, queue, progress, cancel, errors."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from segmentation.methods.registry import METHODS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    return app.switch_page("pages/segment.py").run()


def submit(page: AppTest, method: str) -> AppTest:
    return page.button(key=f"run-{method}").click().run()


def wait(page: AppTest, method: str, seconds: float = 60) -> AppTest:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = page.session_state["jobs"].get(method)
        if job is None or job.finished:
            return page.run()
        time.sleep(0.1)
    raise AssertionError(f"{method} did not finish")


@pytest.mark.parametrize("method", list(METHODS))
def test_the_form_is_made_of_the_parameters(page, method):
    spec = METHODS[method].spec
    for parameter in spec.parameters:
        kind = page.selectbox if parameter.choices else page.number_input
        widget = kind(key=f"{method}-{parameter.name}")
        assert widget.label == parameter.label
        assert widget.value == parameter.default


def test_a_run_takes_the_values_of_the_form_and_is_shown(page):
    page.number_input(key="kmeans-n_clusters").set_value(6)
    page = wait(submit(page, "kmeans"), "kmeans")
    assert not page.exception
    result = page.session_state["runs"]["kmeans"]
    assert result.n_clusters == 6
    assert page.session_state["shown"] == "kmeans"
    assert page.number_input(key="kmeans-n_clusters").value == 6


def test_results_survive_other_pages(page):
    page = wait(submit(page, "kmeans"), "kmeans")
    before = page.session_state["runs"]["kmeans"]
    page.switch_page("pages/overview.py").run()
    page.switch_page("pages/segment.py").run()
    assert page.session_state["runs"]["kmeans"] is before


def test_a_running_job_can_be_cancelled(page):
    page.number_input(key="neural-epochs").set_value(1000)
    page = submit(page, "neural")
    job = page.session_state["jobs"]["neural"]
    page.button(key="cancel-neural").click().run()
    assert job.status == "cancelled"
    assert "neural" not in page.session_state["jobs"]
    assert not job.folder.exists()
    page = wait(submit(page, "kmeans"), "kmeans")
    assert "kmeans" in page.session_state["runs"]


def test_the_autoencoder_runs_in_the_worker(page):
    page.number_input(key="neural-epochs").set_value(2)
    page = wait(submit(page, "neural"), "neural", 120)
    assert not page.error
    assert len(page.session_state["runs"]["neural"].history["loss"]) == 2


def test_sessions_do_not_see_each_other(page):
    page = wait(submit(page, "kmeans"), "kmeans")
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert "kmeans" not in other.session_state["runs"]


def test_running_all_keeps_the_result_that_is_shown(page):
    page.number_input(key="neural-epochs").set_value(2)
    page = next(b for b in page.button if b.label == "Run all").click().run()
    for method in METHODS:
        page = wait(page, method, 120)
    assert set(page.session_state["runs"]) == set(METHODS)
    assert [e.label for e in page.expander] == ["How the training went"]  # of the autoencoder
    assert page.main.markdown[0].value.count(" and ") == 1
    assert page.session_state["shown"] == "fuzzy"
