"""GMM uncertainty: probabilities, information criteria, uncertain customers."""

import itertools
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.jobs import Job
from segmentation.methods.gmm import COVARIANCE_TYPES, uncertainty_metrics
from segmentation.methods.registry import METHODS
from segmentation.worker import TABLE

ROOT = Path(__file__).parents[2]


def opened(dataset, *methods: str, k: int = 4) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    customers = dataset.customers
    app.session_state["dataset"] = dataset
    app.session_state["names"] = {}
    app.session_state["runs"] = {
        key: METHODS[key](n_clusters=k).fit(customers).result(customers) for key in methods
    }
    return app.run().switch_page("pages/uncertainty.py").run()


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in page.main.markdown)


def finished(dataset, folder: Path, best: int, parameters: dict) -> Job:
    """Return a job as the worker leaves it, lowest for tied covariance with `best` components."""
    rows = [
        (k, kind, 1000 + (k - best) ** 2 + (kind != "tied"), 0.0, (k - 2.0) ** 2)
        for kind, k in itertools.product(COVARIANCE_TYPES, range(1, 13))
    ]
    (folder / "out").mkdir(parents=True)
    columns = ["n_clusters", "covariance_type", "bic", "aic", "icl"]
    pd.DataFrame(rows, columns=columns).to_parquet(folder / "out" / TABLE)
    return Job("BIC curves", {"parameters": parameters}, folder, dataset, status="done")


@pytest.mark.parametrize("k", [2, 4, 12])
def test_finding_and_customers(dataset, k):
    page = opened(dataset, "kmeans", "gmm", k=k)
    assert not page.exception
    result = page.session_state["runs"]["gmm"]
    metrics = uncertainty_metrics(result.memberships)
    assert [metric.value for metric in page.metric][2:] == [
        f"{metrics['mean_confidence']:.2f}",
        f"{metrics['normalized_entropy']:.2f}",
    ]
    assert page.main.markdown[0].value.startswith("**")
    assert "no promise" in page.main.markdown[0].value
    low = int((result.confidence < 0.7).sum())
    assert f"{low} of 300 customers are below 0.70" in texts(page)
    table = page.dataframe[0].value
    assert len(table) == min(low, 200)
    assert table["first_membership"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("best", "words"),
    [
        (6, "lowest for tied covariance with 6"),
        (12, "BIC keeps improving up to 12 components: it has no best value in this range"),
    ],
)
def test_curves_are_taken_from_the_finished_job(dataset, tmp_path, best, words):
    page = opened(dataset, "gmm")
    values = page.session_state["runs"]["gmm"].parameters
    settings = {name: values[name] for name in ("max_iter", "reg_covar", "seed")}
    page.session_state["jobs"] = {"bic": finished(dataset, tmp_path / "job", best, settings)}
    page.run()
    assert not page.exception
    assert words in texts(page)
    assert "bic" not in page.session_state["jobs"]
    assert not (tmp_path / "job").exists()
    assert words in texts(page.run())
    page.button_group(key="criterion").set_value("icl").run()
    assert not page.exception
    assert "ICL is lowest for full covariance with 2 components" in texts(page)


def test_curves_of_another_run_are_not_shown(dataset, tmp_path):
    page = opened(dataset, "gmm")
    page.session_state["jobs"] = {"bic": finished(dataset, tmp_path / "job", 6, {"seed": -1})}
    page.run()
    assert page.button(key="start-bic").label == "Compute the BIC curves"


def test_start_and_cancel(dataset):
    page = opened(dataset, "gmm")
    page.button(key="start-bic").click().run()
    assert not page.exception
    job = page.session_state["jobs"]["bic"]
    assert job.request["task"] == "bic"
    page.button(key="cancel-bic").click().run()
    assert job.status == "cancelled"
    assert "bic" not in page.session_state["jobs"]


def test_a_failed_job_says_why(dataset, tmp_path):
    page = opened(dataset, "gmm")
    job = Job("BIC curves", {}, tmp_path / "job", dataset, status="failed", message="No memory.")
    page.session_state["jobs"] = {"bic": job}
    page.run()
    assert page.error[0].value == "No memory."
    assert page.button(key="start-bic")


def test_without_a_mixture(dataset):
    page = opened(dataset, "kmeans")
    assert not page.exception
    assert page.title[0].value == "GMM uncertainty"
    assert "Go to Segment" in [link.value for link in page.main.get("page_link")]
