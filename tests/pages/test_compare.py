"""Compare: metrics, agreement, where customers go from one method to another."""

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from segmentation.data.dataset import Dataset
from segmentation.methods.registry import METHODS
from segmentation.quality.agreement import compare

ROOT = Path(__file__).parents[2]


def opened(dataset: Dataset, found: dict[str, int]) -> AppTest:
    """Open the page with results of some methods, each with its number of segments."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    customers = dataset.customers
    app.session_state["dataset"] = dataset
    app.session_state["names"] = {}
    app.session_state["runs"] = {
        method: METHODS[method](n_clusters=k).fit(customers).result(customers)
        for method, k in found.items()
    }
    return app.run().switch_page("pages/compare.py").run()


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in page.main.markdown)


def test_two_methods(dataset):
    page = opened(dataset, {"fuzzy": 4, "gmm": 4})
    assert not page.exception
    first, second = page.session_state["runs"].values()
    alike = compare(first.labels, second.labels).share_alike
    finding = f"Fuzzy c-means and Gaussian mixture place **{alike:.0%} of customers alike**."
    assert page.main.markdown[0].value == finding
    table = page.dataframe[0].value
    assert list(table.columns)[:2] == ["Method", "Silhouette ↑"]
    assert table["Silhouette ↑"].is_monotonic_decreasing
    assert "has not run" in texts(page)


def test_the_choice_moves_everything(dataset):
    page = opened(dataset, {"fuzzy": 4, "gmm": 4, "kmeans": 4})
    assert page.selectbox(key="compare_columns").options == ["Gaussian mixture", "K-means"]
    page.selectbox(key="compare_columns").select("kmeans").run()
    assert page.main.markdown[0].value.startswith("Fuzzy c-means and K-means place")
    assert list(page.dataframe[1].value.columns) == ["customer", "first", "second", "revenue"]
    assert page.dataframe[1].value["revenue"].is_monotonic_decreasing
    page.selectbox(key="compare_rows").select("kmeans").run()
    assert not page.exception
    assert page.main.markdown[0].value.startswith("K-means and Fuzzy c-means place")
    assert "of 2 have a higher silhouette" in texts(page)


@pytest.mark.parametrize("sizes", [(2, 5), (12, 3), (6, 2)])
def test_unequal_numbers_of_segments(dataset, sizes):
    page = opened(dataset, dict(zip(("kmeans", "fuzzy"), sizes, strict=True)))
    assert not page.exception
    assert f"{sizes[0]} segments become {sizes[1]}" in texts(page)
    assert "without a counterpart" in page.main.markdown[0].value
    assert page.dataframe[0].value["Segments"].tolist() != []
    listed = page.dataframe[1].value
    assert not (listed[["first", "second"]] == "").any().any()


def test_the_same_result_twice(dataset):
    page = opened(dataset, {"kmeans": 3, "fuzzy": 3})
    runs = page.session_state["runs"]
    runs["fuzzy"].labels[:] = runs["kmeans"].labels
    page.run()
    assert not page.exception
    assert "**100% of customers alike**" in page.main.markdown[0].value
    assert "No customer changes segment" in texts(page)
    assert len(page.dataframe) == 1


def test_one_result_is_not_enough(dataset):
    page = opened(dataset, {"kmeans": 3})
    assert not page.exception
    assert page.title[0].value == "Compare"
    assert "Go to Segment" in [link.value for link in page.main.get("page_link")]


def test_without_revenue():
    table = pd.DataFrame(
        {
            "customer_id": [str(i) for i in range(60)],
            "visits": [float(i % 7) + 1 for i in range(60)],
            "minutes": [float((i * i) % 31) + 5 for i in range(60)],
        }
    )
    page = opened(Dataset("file.csv", table, "file"), {"kmeans": 3, "gmm": 4})
    assert not page.exception
    assert list(page.dataframe[1].value.columns) == ["customer", "first", "second"]


def test_a_metric_that_is_missing_shows_a_dash(dataset):
    page = opened(dataset, {"kmeans": 3, "fuzzy": 3})
    page.session_state["runs"]["fuzzy"].metrics["davies_bouldin_index"] = float("nan")
    page.run()
    assert "–" in page.dataframe[0].value["Davies-Bouldin ↓"].tolist()
