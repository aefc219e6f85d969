"""Who brings the revenue, what segments look like, what to do next."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from segmentation.data.dataset import Dataset
from segmentation.methods.gmm import GMMCustomerSegmentation
from segmentation.methods.kmeans import KMeansCustomerSegmentation

ROOT = Path(__file__).parents[2]


def opened(dataset: Dataset | None = None, *methods) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    if dataset is not None:
        results = [method.fit(dataset.customers).result(dataset.customers) for method in methods]
        app.session_state["dataset"] = dataset
        app.session_state["runs"] = {result.method: result for result in results}
        app.session_state["names"] = {}
        app.session_state["shown"] = results[0].method
    page = app.run().switch_page("pages/overview.py").run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in page.main.markdown)


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def charts(page: AppTest) -> list[str]:
    return [chart.proto.alt for chart in page.get("plotly_chart")]


def test_the_finding_names_who_brings_most_of_the_revenue():
    page = opened()
    assert page.title[0].value == "Overview"
    finding = page.main.markdown[0].value
    assert finding.startswith("**VIP Champions** make up 20% of customers")
    assert finding.endswith("**65% of revenue**.")


def test_headline_numbers_with_lines_only_where_sales_by_month_exist():
    page = opened()
    assert metrics(page)["Customers"] == "500"
    assert list(metrics(page)) == ["Customers", "Revenue", "Average membership", "Border customers"]
    lines = {metric.label: len(metric.proto.chart_data) for metric in page.metric}
    assert lines == {"Customers": 24, "Revenue": 24, "Average membership": 0, "Border customers": 0}


def test_a_card_for_every_segment_says_how_clear_it_is():
    page = opened()
    found = texts(page)
    for text in ("VIP Champions", "At\\-Risk", "average order", "Customers who come back often"):
        assert text in found
    assert found.count("\\-badge[") + found.count("-badge[") == 4
    assert len(charts(page)) == 2


def test_the_next_steps_link_to_their_segments():
    page = opened()
    links = [link for link in page.main.get("page_link") if link.proto.label == "All strategies"]
    assert [link.proto.query_string for link in links] == ["segment=0", "segment=1", "segment=2"]


def test_crisp_results_have_no_confidence(dataset):
    page = opened(dataset, KMeansCustomerSegmentation())
    assert list(metrics(page)) == ["Customers", "Revenue", "Orders", "Average order"]
    assert "-badge[" not in texts(page)
    assert not any(len(metric.proto.chart_data) for metric in page.metric)


def test_a_mixture_speaks_of_probability(dataset):
    page = opened(dataset, GMMCustomerSegmentation(n_clusters=2))
    assert "Average probability" in metrics(page)
    assert "0.50 says nothing" in texts(page)


@pytest.mark.parametrize("n_clusters", [2, 12])
def test_without_revenue_the_features_tell_segments_apart(customers, n_clusters):
    table = customers[["customer_id", "recency_days", "customer_lifetime_months"]]
    dataset = Dataset("visits", table, "file")
    page = opened(dataset, KMeansCustomerSegmentation(n_clusters=n_clusters))
    assert "the largest" in page.main.markdown[0].value
    assert metrics(page) == {"Customers": "300", "Segments": str(n_clusters)}
    assert charts(page) == ["Index of every segment and feature"]
