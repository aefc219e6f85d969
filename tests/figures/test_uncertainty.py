import numpy as np
import pandas as pd
import pytest

from segmentation.figures.palette import LIGHT, SEGMENT_COLORS
from segmentation.figures.uncertainty import (
    MAX_CROSSES,
    bands_by_segment,
    bic_curves,
    component_ellipses,
)


def test_bands_are_percentages_least_certain_first():
    labels = [0, 0, 0, 0, 1, 1]
    confidence = [0.95, 0.9, 0.8, 0.99, 0.5, 0.95]
    fig = bands_by_segment(confidence, labels, ["A", "B", "Empty"])
    assert [bar.name for bar in fig.data] == ["Low", "Medium", "High"]
    assert [bar.marker.color for bar in fig.data] == list(LIGHT.confidence)
    np.testing.assert_allclose([bar.x for bar in fig.data], [[50, 0, 0], [0, 25, 0], [50, 75, 0]])
    assert [text.split()[0] for text in fig.layout.yaxis.ticktext] == ["B", "A", "Empty"]
    assert list(fig.data[1].text) == ["", "25", ""]


def table():
    full = [(k, "full", 100.0 + (k - 3) ** 2) for k in (4, 2, 3)]
    tied = [(2, "tied", 130.0), (3, "tied", np.inf), (4, "tied", 120.0)]
    return pd.DataFrame(full + tied, columns=["n_clusters", "covariance_type", "bic"])


def test_bic_winner_in_accent_others_dashed_ring_at_the_minimum():
    fig = bic_curves(table())
    tied, full, ring = fig.data
    assert (full.name, full.line.color, full.line.dash) == ("full", LIGHT.accent, "solid")
    assert list(full.x) == [2, 3, 4]
    assert list(full.y) == [101, 100, 101]
    assert (tied.name, tied.line.color) == ("tied", LIGHT.context)
    assert tied.line.dash != "solid"
    assert list(tied.x) == [2, 4]
    assert (ring.x[0], ring.y[0]) == (3, 100)
    assert ring.marker.symbol == "circle-open"
    texts = [a.text for a in fig.layout.annotations]
    assert set(texts) == {"<b>full</b>", "tied", "<b>k = 3</b> · 100"}


def test_bic_labels_are_apart():
    crowded = table().assign(bic=lambda d: d["bic"].where(d["covariance_type"] == "full", 101.001))
    labels = [a for a in bic_curves(crowded).layout.annotations if a.xshift]
    low, high = crowded["bic"].min(), crowded["bic"].max()
    assert abs(labels[0].y - labels[1].y) >= 0.075 * (high - low) - 1e-9


def test_bic_of_a_single_fit_and_of_none():
    assert len(bic_curves(table().iloc[:1]).data) == 2
    with pytest.raises(ValueError, match="at least one finite bic"):
        bic_curves(table().iloc[4:5])


def ellipses(n=3_000, uncertain=400, **options):
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 2
    mask = np.arange(n) < uncertain
    means = np.array([[1.0, 2.0], [4.0, 0.0]])
    covariances = np.array([[[4.0, 0.0], [0.0, 1.0]], [[1.0, 0.5], [0.5, 2.0]]])
    points = rng.normal(size=(n, 2)) + means[labels]
    return component_ellipses(
        points, labels, means, covariances, ["A", "B & C"], [0.5, 0.2], mask, **options
    ), (means, covariances)


def test_ellipses_hold_their_share_of_a_normal_component():
    fig, (means, covariances) = ellipses()
    lines = [trace for trace in fig.data if trace.mode == "lines"]
    assert [line.name for line in lines] == ["90%", "50%", "90%", "50%"]
    assert [line.line.color for line in lines] == [SEGMENT_COLORS[i] for i in (0, 0, 1, 1)]
    rng = np.random.default_rng(1)
    for number, line in enumerate(lines):
        mean, covariance = means[number // 2], covariances[number // 2]
        inverse = np.linalg.inv(covariance)
        offset = np.column_stack([line.x, line.y]) - mean
        radius = np.einsum("ij,jk,ik->i", offset, inverse, offset)
        np.testing.assert_allclose(radius, radius[0], rtol=1e-3)
        draws = rng.multivariate_normal(mean, covariance, 40_000) - mean
        inside = np.einsum("ij,jk,ik->i", draws, inverse, draws) < radius[0]
        assert inside.mean() == pytest.approx(float(line.name[:-1]) / 100, abs=0.01)


def test_crosses_are_limited_and_counted():
    fig, _ = ellipses()
    crosses = next(trace for trace in fig.data if trace.name.startswith("Uncertain"))
    assert len(crosses.x) == MAX_CROSSES
    assert crosses.name == f"Uncertain customers ({MAX_CROSSES} of 400)"
    assert crosses.x.dtype == np.float32
    assert sum(len(t.x) for t in fig.data if t.mode == "markers") == 2_000 + MAX_CROSSES


def test_no_crosses_without_uncertain_customers():
    fig, _ = ellipses(uncertain=0)
    assert not any(trace.name.startswith("Uncertain") for trace in fig.data)
    assert fig.layout.showlegend is False


def test_points_stay_below_the_limit_whatever_is_asked_for():
    fig, _ = ellipses(n=40_000, max_points=10**6)
    assert sum(len(trace.x) for trace in fig.data) <= 20_000


def test_labels_are_escaped_and_carry_the_glyph():
    fig, _ = ellipses()
    assert fig.layout.annotations[1].text.endswith("<b>B &amp; C</b>")
    assert "■" in fig.layout.annotations[1].text
