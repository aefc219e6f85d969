import numpy as np
import pandas as pd
import pytest

from segmentation.figures import data
from segmentation.figures.palette import LIGHT


def test_distribution_counts_every_finite_customer_twice():
    before = np.array([1.0, 2.0, 3.0, np.nan])
    fig = data.distribution(before, np.log(before), "Revenue <€>", bins=4)
    assert [sum(bar.y) for bar in fig.data] == [3, 3]
    assert fig.data[0].x.dtype == np.float32
    assert fig.layout.xaxis.title.text == "Revenue &lt;€&gt;, as given"
    assert fig.data[1].marker.color == LIGHT.accent


@pytest.mark.parametrize("values", [[5.0, 5.0], [np.nan], []])
def test_distribution_of_constant_or_missing_columns(values):
    fig = data.distribution(values, values, "x")
    assert sum(fig.data[0].y) == np.isfinite(values).sum()


def test_correlation_is_a_diverging_triangle(cells):
    matrix = pd.DataFrame([[1, -0.4], [-0.4, 1]], index=list("ab"), columns=["a", "b & c"])
    fig = data.correlation(matrix)
    values, texts = cells(fig)
    np.testing.assert_allclose(values, [[-0.4]])
    assert (fig.data[0].zmin, fig.data[0].zmax) == (-1, 1)
    assert texts.tolist() == [["-0.40"]]


def test_sales_bars_sum_the_rest():
    fig = data.sales_bars(["A", "B <b>", "C", "D"], [1, 10, 5, 2], "€{:.0f}".format, top=2)
    bar = fig.data[0]
    assert list(bar.x) == [10, 5, 3]
    assert list(bar.text) == ["€10", "€5", "€3"]
    assert list(fig.layout.yaxis.ticktext) == ["B &lt;b&gt;", "C", "2 others"]
    assert bar.marker.color[0] == bar.marker.color[1] == LIGHT.accent
    assert bar.marker.color[2] != LIGHT.accent


def test_sales_bars_without_rest_and_without_sales():
    assert len(data.sales_bars(["A"], [0.0], str).data[0].x) == 1
    assert len(data.sales_bars([], [], str).data[0].x) == 0


def test_loss_curves_label_the_ends_and_stress_the_last():
    fig = data.loss_curves({"loss": [3, 2, 1], "val_loss": [4, 3, 1]})
    training, validation = fig.data
    assert (training.name, validation.name) == ("training", "validation")
    assert list(training.x) == [1, 2, 3]
    assert validation.line.color == LIGHT.accent
    assert training.line.dash == "dash"
    labels = fig.layout.annotations
    assert abs(labels[0].y - labels[1].y) >= 0.11 * 3 - 1e-9


@pytest.mark.parametrize("history", [{}, {"loss": []}, {"loss": [1.0]}, {"loss": [np.nan, 1.0]}])
def test_loss_curves_of_short_histories(history):
    assert len(data.loss_curves(history).data) == len(history)


def test_monthly_line_draws_the_chosen_column():
    monthly = pd.DataFrame(
        {
            "month": pd.date_range("2025-01-01", periods=3, freq="MS"),
            "revenue": [1.0, 2.0, 3.0],
            "orders": [10, 20, 30],
        }
    )
    line = data.monthly_line(monthly, "orders", "{:.0f} orders".format).data[0]
    assert list(line.y) == [10, 20, 30]
    assert list(line.customdata) == ["10 orders", "20 orders", "30 orders"]
    assert line.line.color == LIGHT.accent
