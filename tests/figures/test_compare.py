import numpy as np
import pytest

from segmentation.figures.compare import agreement_matrix, contingency, flow, flow_minimum
from segmentation.figures.palette import LIGHT, SEGMENT_COLORS, tint


def test_agreement_shows_every_pair_once(cells):
    values = np.array([[1, 0.86, 0.78], [0.86, 1, -0.001], [0.78, -0.001, 1]])
    fig = agreement_matrix(["Fuzzy c-means", "GMM", "Autoencoder"], values)
    shown, texts = cells(fig)
    np.testing.assert_allclose(shown, [[0.86, np.nan], [0.78, -0.001]], rtol=1e-6)
    assert texts.tolist() == [["0.86", ""], ["0.78", "0.00"]]
    assert list(fig.layout.xaxis.ticktext) == ["Fuzzy<br>c-means", "GMM"]
    assert list(fig.layout.yaxis.ticktext) == ["GMM", "Autoencoder"]
    assert fig.layout.yaxis.range[0] > fig.layout.yaxis.range[1]
    assert (fig.data[0].zmin, fig.data[0].zmax) == (0, 1)


@pytest.mark.parametrize("count", [0, 1])
def test_agreement_needs_two(count):
    with pytest.raises(ValueError, match=f"at least two entries, received {count}"):
        agreement_matrix(["A"] * count, np.eye(count))


def test_contingency_leaves_zeros_blank(cells):
    fig = contingency(["A", "B"], ["A", "B"], [[99.8, 0.2], [30, 70]])
    assert cells(fig)[1].tolist() == [["100", ""], ["30", "70"]]
    assert fig.layout.xaxis.side == "top"
    assert "●" in fig.layout.xaxis.ticktext[0]
    assert "A" not in fig.layout.xaxis.ticktext[0]


def test_contingency_names_columns_that_differ_from_rows():
    fig = contingency(["A", "B"], ["X & Y", "Z", "W"], np.full((2, 3), 33.3))
    assert fig.layout.xaxis.ticktext[0].startswith("X &amp; Y")
    assert fig.layout.xaxis.side == "bottom"
    assert "33.3%" in fig.data[0].customdata[0][0]


def test_flow_draws_large_streams_in_the_color_of_their_source():
    counts = np.array([[500, 4], [6, 490]])
    fig = flow(["A", "B"], ["A", "B"], counts, "Fuzzy", "GMM <1>")
    sankey = fig.data[0]
    assert flow_minimum(counts) == 5
    assert list(sankey.link.source) == [0, 1, 1]
    assert list(sankey.link.target) == [2, 2, 3]
    assert list(sankey.link.value) == [500, 6, 490]
    assert sankey.link.color[1] == tint(SEGMENT_COLORS[1], 0.35)
    assert list(sankey.node.color) == [*SEGMENT_COLORS[:2]] * 2
    assert list(sankey.node.label) == ["● A", "■ B"] * 2
    # totals include the hidden streams
    assert "504 customers" in sankey.node.customdata[0]
    assert [a.text for a in fig.layout.annotations] == ["<b>Fuzzy</b>", "<b>GMM &lt;1&gt;</b>"]
    assert sankey.textfont.color == LIGHT.ink


def test_flow_between_different_numbers_of_segments():
    fig = flow(["A"], ["A", "B", "C"], [[10, 0, 1]], "x", "y", minimum=1)
    assert list(fig.data[0].link.value) == [10, 1]
    assert list(fig.data[0].link.target) == [1, 3]


def test_segments_share_the_signs_of_their_partners():
    counts = np.array([[5, 0], [2, 3], [0, 9]])
    fig = flow(["a", "b", "c"], ["x", "y"], counts, "A", "B", right_numbers=[0, 2])
    colors = fig.data[0].node.color
    assert list(colors[3:]) == [colors[0], colors[2]]
    grid = contingency(["a", "b", "c"], ["x", "y"], counts, column_numbers=[0, 2])
    assert "▲" in grid.layout.xaxis.ticktext[1]
