import numpy as np
import plotly.graph_objects as go
import pytest

from segmentation.figures.palette import DARK, segment_style
from segmentation.figures.scatter import MAX_POINTS, component_title, pca_scatter, sample_rows

NAMES = ["Champions", "Regulars", "At risk"]


def cloud(n, dimensions=2):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, dimensions)), np.arange(n) % 3


def points(fig):
    return sum(len(trace.x) for trace in fig.data)


def test_sample_keeps_shares_and_small_segments():
    labels = np.repeat([0, 1, 2], [9_000, 990, 10])
    rows = sample_rows(labels, 100, seed=1)
    assert np.bincount(labels[rows]).tolist() == [90, 9, 1]
    assert (np.diff(rows) > 0).all()
    assert (rows == sample_rows(labels, 100, seed=1)).all()
    assert (rows != sample_rows(labels, 100, seed=2)).any()


@pytest.mark.parametrize("maximum", [1, 2, 7, 50, 99])
def test_sample_has_exactly_the_maximum(maximum):
    labels = np.random.default_rng(0).integers(0, 5, 100)
    assert len(sample_rows(labels, maximum)) == maximum


def test_small_tables_are_not_sampled():
    assert sample_rows([1, 0, 1], 3).tolist() == [0, 1, 2]


def test_one_trace_a_segment_in_its_style():
    coordinates, labels = cloud(30)
    fig = pca_scatter(coordinates, labels, NAMES, [0.49, 0.22], customer_ids=range(100, 130))
    assert [trace.name for trace in fig.data] == NAMES
    for i, trace in enumerate(fig.data):
        color, symbol, _ = segment_style(i)
        assert (trace.marker.color, trace.marker.symbol) == (color, symbol)
        assert trace.x.dtype == trace.y.dtype == np.float32
        np.testing.assert_allclose(trace.x, coordinates[labels == i, 0], rtol=1e-6)
        assert list(trace.customdata) == [str(100 + row) for row in np.flatnonzero(labels == i)]
    assert fig.layout.xaxis.title.text == "PC 1 · 49% of variance"
    assert fig.layout.yaxis.title.text == "PC 2 · 22% of variance"


@pytest.mark.parametrize(("n", "kind"), [(2_000, go.Scatter), (2_001, go.Scattergl)])
def test_webgl_above_two_thousand_points(n, kind):
    fig = pca_scatter(*cloud(n), NAMES, [0.5, 0.2])
    assert {type(trace) for trace in fig.data} == {kind}


@pytest.mark.parametrize("dimensions", [2, 3])
def test_never_more_than_twenty_thousand_points(dimensions):
    coordinates, labels = cloud(50_000, dimensions)
    explained = [0.5, 0.2, 0.1]
    fig = pca_scatter(coordinates, labels, NAMES, explained, max_points=10**6, highlight=49_999)
    assert points(fig) == MAX_POINTS


def test_highlight_rings_the_customer():
    coordinates, labels = cloud(3_000)
    fig = pca_scatter(
        coordinates,
        labels,
        NAMES,
        [0.5, 0.2],
        customer_ids=np.arange(3_000),
        max_points=50,
        highlight=7,
        theme=DARK,
    )
    ring = fig.data[-1]
    assert (ring.x[0], ring.y[0]) == pytest.approx(tuple(coordinates[7]), rel=1e-6)
    assert ring.marker.symbol == "circle-open"
    assert ring.marker.color == DARK.ink
    assert not ring.showlegend
    assert fig.layout.annotations[0].text == "<b>7</b>"


def test_three_columns_give_a_figure_to_turn():
    fig = pca_scatter(*cloud(60, 3), NAMES, [0.5, 0.2, 0.1], highlight=1)
    assert {type(trace) for trace in fig.data} == {go.Scatter3d}
    assert fig.data[0].z.dtype == np.float32
    assert fig.layout.scene.zaxis.title.text == "PC 3 · 10%"
    assert fig.layout.scene.dragmode == "turntable"


def test_arrows_keep_directions_and_stay_inside():
    coordinates, labels = cloud(60)
    loadings = np.array([[1.0, 0.0], [0.0, -0.5]])
    fig = pca_scatter(
        coordinates, labels, NAMES, [0.5, 0.2], loadings=loadings, features=["A & B", "C"]
    )
    arrows = [a for a in fig.layout.annotations if a.showarrow]
    texts = [a.text for a in fig.layout.annotations if not a.showarrow]
    assert texts == ["<b>A &amp; B</b>", "<b>C</b>"]
    assert arrows[0].x > 0
    assert arrows[0].y == 0
    assert arrows[1].y < 0
    assert arrows[1].y == pytest.approx(-arrows[0].x / 2)
    reach = np.abs(coordinates).max(axis=0)
    assert all(abs(a.x) <= reach[0] and abs(a.y) <= reach[1] for a in arrows)


def test_title_without_known_variance():
    assert component_title(2, [0.5, 0.2]) == "PC 3"
