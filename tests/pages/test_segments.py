"""Choosing, naming and reading one segment."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from segmentation.data.dataset import Dataset
from segmentation.methods.kmeans import KMeansCustomerSegmentation

ROOT = Path(__file__).parents[2]


def opened(app: AppTest | None = None) -> AppTest:
    if app is None:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    page = app.run().switch_page("pages/segments.py").run()
    assert not page.exception
    return page


def with_kmeans(dataset: Dataset, n_clusters: int) -> AppTest:
    result = KMeansCustomerSegmentation(n_clusters=n_clusters).fit(dataset.customers)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.session_state["dataset"] = dataset
    app.session_state["runs"] = {"kmeans": result.result(dataset.customers)}
    app.session_state["names"] = {}
    app.session_state["shown"] = "kmeans"
    return opened(app)


def choose(page: AppTest, segment: int) -> AppTest:
    return page.button_group(key="segment").set_value(segment).run()


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in page.main.markdown)


def name_of(page: AppTest) -> str:
    return page.text_input(key="segment-name").value


def test_first_segment_first():
    page = opened()
    assert page.title[0].value == "Segments"
    assert "**Four segments** found by Fuzzy c-means" in page.main.markdown[0].value
    assert name_of(page) == "VIP Champions"
    assert [metric.value for metric in page.metric][:2] == ["100", "65%"]
    assert "Offer early access and a personal contact" in texts(page)
    assert len(page.get("plotly_chart")) == 3


def test_choosing_changes_everything_and_survives_other_pages():
    page = choose(opened(), 3)
    assert name_of(page) == "At-Risk"
    assert page.metric[0].value == "128"
    assert "Win back with a personal offer" in texts(page)
    page.switch_page("pages/overview.py").run()
    assert name_of(opened(page)) == "At-Risk"


@pytest.mark.parametrize(("asked", "name"), [("2", "Promising Customers"), ("9", "VIP Champions")])
def test_an_address_chooses(asked, name):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    app.switch_page("pages/segments.py")
    app.query_params["segment"] = asked
    page = app.run()
    assert not page.exception
    assert name_of(page) == name


def test_a_name_is_used_on_other_pages_and_can_be_undone():
    page = opened()
    page.text_input(key="segment-name").set_value("  Best  *friends* ").run()
    assert name_of(page) == "Best *friends*"
    assert "Best \\*friends\\*" in page.switch_page("pages/overview.py").run().markdown[0].value
    page = opened(page)
    (undo,) = [button for button in page.main.button if button.label == "Use proposed name"]
    undo.click().run()
    assert name_of(page) == "VIP Champions"
    assert not [button for button in page.main.button if button.label == "Use proposed name"]


@pytest.mark.parametrize("typed", ["", "VIP Champions", "Loyal Regulars"])
def test_no_name_the_proposed_one_and_one_that_is_taken_change_nothing(typed):
    page = opened()
    page.text_input(key="segment-name").set_value(typed).run()
    assert not page.exception
    assert name_of(page) == "VIP Champions"
    assert bool(page.toast) == (typed == "Loyal Regulars")


def test_a_name_that_another_segment_may_go_back_to_is_taken():
    page = opened()
    page.text_input(key="segment-name").set_value("Best").run()
    page = choose(page, 1)
    page.text_input(key="segment-name").set_value("VIP Champions").run()
    assert page.toast
    assert name_of(page) == "Loyal Regulars"


def test_columns_left_out_are_explained():
    found = texts(opened())
    assert "Average order is revenue divided by orders" in found
    assert [e.label for e in opened().expander] == [
        "Numbers behind the chart",
        "Three columns left out of the distance",
    ]


def test_many_segments_are_chosen_from_a_list(dataset):
    page = with_kmeans(dataset, 12)
    assert len(page.selectbox(key="segment").options) == 12
    page.selectbox(key="segment").set_value(11).run()
    assert not page.exception
    assert len(page.metric) == 3  # memberships are crisp


def test_without_departments_there_are_no_tastes(customers):
    table = customers[["customer_id", "recency_days", "customer_lifetime_months"]]
    page = with_kmeans(Dataset("visits", table, "file"), 2)
    assert "Tastes" not in [element.value for element in page.subheader]
    assert len(page.get("plotly_chart")) == 2
