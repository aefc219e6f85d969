import numpy as np
import pytest

from segmentation.figures.memberships import (
    confidence_histogram,
    gap_histogram,
    membership_heatmap,
)
from segmentation.figures.palette import LIGHT, SEGMENT_COLORS

MEMBERSHIPS = np.array([[0.6, 0.4], [0.2, 0.8], [0.9, 0.1], [0.45, 0.55]])
LABELS = np.array([0, 1, 0, 1])


def test_heatmap_orders_customers_by_segment_and_falling_membership():
    fig = membership_heatmap(
        MEMBERSHIPS, LABELS, ["A <x>", "B"], customer_ids=["c0", "c1", "c2", "c3"]
    )
    heatmap = fig.data[-1]
    expected = MEMBERSHIPS[[2, 0, 1, 3]].T
    np.testing.assert_allclose(heatmap.z, expected, rtol=1e-6)
    assert heatmap.z.dtype == heatmap.x.dtype == np.float32
    assert list(heatmap.customdata[0]) == ["c2", "c0", "c1", "c3"]
    assert (heatmap.zmin, heatmap.zmax) == (0, 1)
    assert [pair[1] for pair in heatmap.colorscale] == list(LIGHT.sequential)
    texts = fig.layout.yaxis2.ticktext
    assert texts[0].startswith("A &lt;x&gt; ")
    assert "●" in texts[0]


def test_strip_has_one_bar_a_segment_of_the_customers_shown():
    labels = np.repeat([0, 1], [900, 300])
    memberships = np.column_stack([1 - labels, labels]).astype(float)
    fig = membership_heatmap(memberships, labels, ["A", "B"], max_customers=40)
    bars = fig.data[:-1]
    assert [bar.x[0] for bar in bars] == [30, 10]
    assert [bar.marker.color for bar in bars] == list(SEGMENT_COLORS[:2])
    assert fig.data[-1].z.shape == (2, 40)


@pytest.mark.parametrize("limit", [0, 0.17, 0.2, 1])
def test_gaps_are_split_at_the_limit(limit):
    memberships = np.random.default_rng(0).dirichlet(np.ones(3), 500)
    top = np.sort(memberships, axis=1)
    gaps = top[:, 2] - top[:, 1]
    below, above = gap_histogram(memberships, limit).data
    assert sum(below.y) == (gaps < limit).sum()
    assert sum(above.y) == (gaps >= limit).sum()
    total = np.asarray(below.y) + np.asarray(above.y)
    assert total.tolist() == np.histogram(gaps, np.linspace(0, 1, 21))[0].tolist()
    assert below.marker.color == LIGHT.accent


def test_gap_of_a_hand_made_table():
    below, above = gap_histogram(MEMBERSHIPS, 0.15).data
    # gaps 0.2, 0.6, 0.8 and 0.1
    assert sum(below.y) == 1
    assert sum(above.y) == 3


def test_gap_label_and_line():
    fig = gap_histogram(MEMBERSHIPS, 0.2)
    assert fig.layout.annotations[0].text == "limit 0.20"
    assert fig.layout.shapes[0].x0 == fig.layout.shapes[0].x1 == 0.2
    assert fig.layout.shapes[0].line.dash == "dot"


def test_confidence_bands_are_counted_above_the_bars():
    confidence = [0.5, 0.69, 0.7, 0.89, 0.9, 1.0, 1.0 + 1e-9, 0.95]
    fig = confidence_histogram(confidence)
    assert [sum(bar.y) for bar in fig.data] == [2, 2, 4]
    assert [bar.marker.color for bar in fig.data] == list(LIGHT.confidence)
    texts = [a.text for a in fig.layout.annotations]
    assert texts == [
        "<b>Low</b><br>2 · 25%",
        "<b>Medium</b><br>2 · 25%",
        "<b>High</b><br>4 · 50%",
    ]
    assert [shape.x0 for shape in fig.layout.shapes] == [0.7, 0.9]


@pytest.mark.parametrize("bands", [(0.7, 0.9), (0.6, 0.8), (0.1, 0.2), (0.9, 0.95)])
def test_confidence_labels_do_not_meet(bands):
    fig = confidence_histogram(np.linspace(0.2, 1, 50), bands)
    low, high = fig.layout.xaxis.range
    places = np.array([a.x for a in fig.layout.annotations])
    assert (np.diff(places) >= 0.22 * (high - low) - 1e-9).all()
    assert sum(sum(bar.y) for bar in fig.data) == 50
