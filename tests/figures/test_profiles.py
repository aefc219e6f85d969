import numpy as np
import pandas as pd
import pytest

from segmentation.figures import profiles, shares
from segmentation.figures.palette import DARK, LIGHT, SEGMENT_COLORS, segment_style, tint

NAMES = ["Champions", "Food & <i>Drink</i>"]
INDEX = pd.DataFrame([[200.0, 90.0, 1240.0], [50.0, np.nan, 100.0]], columns=["a", "b & c", "d"])


@pytest.mark.parametrize("texts", ["€{:.0f}".format, ["€75", "€25"]])
def test_treemap_areas_texts_and_colors(texts):
    tree = shares.revenue_treemap(NAMES, [75, 25], texts).data[0]
    assert list(tree.values) == [75, 25]
    assert list(tree.labels) == ["Champions", "Food &amp; &lt;i&gt;Drink&lt;/i&gt;"]
    assert list(tree.marker.colors) == [tint(c, 0.26) for c in SEGMENT_COLORS[:2]]
    assert list(tree.marker.line.color) == list(SEGMENT_COLORS[:2])
    assert "75% · €75" in tree.text[0]
    assert "●" in tree.text[0]


def test_treemap_of_small_and_negative_revenue():
    tree = shares.revenue_treemap(["A", "B", "C"], [97, 3, -5], str).data[0]
    assert list(tree.values) == [97, 3, 0]
    assert "B" not in tree.text[1].replace(SEGMENT_COLORS[1], "")
    assert tree.text[1].endswith("3%")
    assert shares.revenue_treemap(["A"], [0], str).data[0].values[0] == 0


def test_dumbbell_joins_customers_open_to_revenue_solid():
    fig = shares.share_dumbbell(NAMES, [0.2, 0.8], [0.7, 0.3], theme=DARK)
    first = fig.data[0]
    np.testing.assert_allclose(first.x, [20, 70])
    assert list(first.marker.color) == [DARK.background, SEGMENT_COLORS[0]]
    assert list(first.y) == [0, 0]
    assert "share of customers" in fig.layout.annotations[0].text


def test_index_bars_start_at_the_average_largest_difference_first():
    fig = profiles.index_bars(INDEX, 0)
    bar = fig.data[0]
    assert bar.base == 100
    assert list(bar.text) == ["1,240 ▸", "200", "90"]
    assert list(bar.x) == [300, 100, -10]
    color = SEGMENT_COLORS[0]
    assert list(bar.marker.color) == [color, color, tint(color, 0.45)]
    assert list(fig.layout.yaxis.ticktext) == ["d", "a", "b &amp; c"]


def test_index_bars_skip_unknown_values_and_keep_the_limit():
    assert list(profiles.index_bars(INDEX, 1).layout.yaxis.ticktext) == ["a", "d"]
    assert len(profiles.index_bars(INDEX, 0, limit=1).data[0].x) == 1
    assert len(profiles.index_bars(INDEX.iloc[:, :0], 0).data[0].x) == 0


def test_radar_closes_each_polygon_and_draws_the_average():
    fig = profiles.radar(INDEX.fillna(10), NAMES, segments=[1])
    polygon, ring = fig.data
    assert polygon.line.color == segment_style(1)[0]
    assert list(polygon.r) == [50, 10, 100, 50]
    assert polygon.theta[0] == polygon.theta[-1]
    assert set(ring.r) == {100}


def test_index_heatmap_puts_half_and_double_equally_far(cells):
    table = pd.DataFrame([[50.0, 100.0, 200.0]], columns=list("abc"))
    fig = profiles.index_heatmap(table, ["A"])
    values, texts = cells(fig)
    heatmap = fig.data[0]
    np.testing.assert_allclose(values, [[-1, 0, 1]])
    assert heatmap.zmin == -heatmap.zmax
    assert texts.tolist() == [["50", "100", "200"]]
    assert [pair[1] for pair in heatmap.colorscale] == list(LIGHT.diverging)


def test_index_heatmap_of_zero_and_of_nothing_known(cells):
    values, texts = cells(profiles.index_heatmap(pd.DataFrame([[0.0, np.nan]]), ["A"]))
    assert np.isfinite(values).tolist() == [[True, False]]
    assert texts.tolist() == [["0", ""]]


@pytest.mark.parametrize("kind", ["share", "index"])
def test_department_heatmap(kind, cells):
    table = pd.DataFrame(np.full((2, 20), 0.05), columns=[f"Dept {i}" for i in range(20)])
    fig = profiles.department_heatmap(table, NAMES, kind=kind)
    values, texts = cells(fig)
    assert values.shape == (2, 15)
    assert texts[0, 0] == ("5%" if kind == "share" else "0")


def test_membership_bars_strongest_first():
    fig = profiles.membership_bars([0.2, 0.5, 0.3], ["A", "B", "C"])
    bar = fig.data[0]
    assert list(bar.x) == [0.5, 0.3, 0.2]
    assert list(bar.text) == ["0.50", "0.30", "0.20"]
    assert list(bar.marker.color) == [SEGMENT_COLORS[i] for i in (1, 2, 0)]
    assert [text[0] for text in fig.layout.yaxis.ticktext] == ["B", "C", "A"]
