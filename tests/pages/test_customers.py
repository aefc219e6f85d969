"""Looking up one customer."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from segmentation.data.dataset import Dataset
from segmentation.methods.kmeans import KMeansCustomerSegmentation

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    return app.switch_page("pages/customers.py").run()


def look_up(page: AppTest, text: str) -> AppTest:
    page.text_input[0].set_value(text).run()
    assert not page.exception
    return page


def finding(page: AppTest) -> str:
    return page.main.markdown[0].value


def test_the_first_customer_first(page):
    assert not page.exception
    assert page.title[0].value == "Customers"
    assert finding(page).startswith("**CUST\\_00001** belongs to **")
    assert "membership 0.86, then Loyal Regulars with 0.06" in finding(page)


def test_memberships_by_every_method_and_the_place_among_all(page):
    alts = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert alts == [
        "Memberships by Fuzzy c-means",
        "Memberships by Gaussian mixture",
        "Customer CUST_00001 among all customers",
    ]


@pytest.mark.parametrize("typed", ["CUST_00007", "cust_00007", " CUST_00007 "])
def test_another_customer(page, typed):
    assert finding(look_up(page, typed)).startswith("**CUST\\_00007**")
    assert not page.info


def test_a_start_gives_suggestions_to_choose_from(page):
    look_up(page, "CUST_0001")
    assert "No customer has the id **CUST\\_0001**; 10 that come close." in page.info[0].value
    assert len(page.button_group[0].options) == 10
    page.button_group[0].set_value("CUST_00012").run()
    assert finding(page).startswith("**CUST\\_00012**")


def test_suggestions_end_at_fifty_and_unknown_ids_show_neighbours(page):
    assert len(look_up(page, "CUST").button_group[0].options) == 50
    assert len(look_up(page, "*zzz*").button_group[0].options) == 5
    assert "**\\*zzz\\***" in page.info[0].value
    assert not page.get("plotly_chart")


def test_an_empty_field_shows_the_first_customer(page):
    look_up(page, "CUST_00007")
    assert finding(look_up(page, "")).startswith("**CUST\\_00001**")


def test_an_address_asks_for_a_customer(page):
    page.query_params["customer"] = "CUST_00033"
    page.run()
    assert finding(page).startswith("**CUST\\_00033**")


def test_personal_columns_are_never_shown(customers):
    table = customers[["customer_id", "recency_days", "total_revenue"]].assign(
        email="someone@example.org", true_segment="secret"
    )
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.session_state["dataset"] = Dataset("visits", table, "file")
    result = KMeansCustomerSegmentation(n_clusters=3).fit(table).result(table)
    app.session_state["runs"] = {"kmeans": result}
    app.session_state["names"] = {}
    page = app.run().switch_page("pages/customers.py").run()
    assert not page.exception
    shown = " ".join(frame.value.to_string() for frame in page.table)
    assert "Revenue" in shown
    assert "someone@example.org" not in shown
    assert "secret" not in shown
    assert finding(page).endswith("**.")  # crisp: nothing on degrees
