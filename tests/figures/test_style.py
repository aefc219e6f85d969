import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from plotly.subplots import make_subplots

from segmentation.figures import style
from segmentation.figures.palette import DARK, LIGHT


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_apply_writes_the_style_to_the_layout(theme):
    fig = style.apply(go.Figure(go.Scatter(x=[1], y=[1])), 320, theme)
    layout = fig.layout
    assert layout.height == 320
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert layout.dragmode is False
    assert layout.margin.r >= 16
    assert layout.font.family == "Source Sans, sans-serif"
    assert layout.font.color == layout.legend.font.color == theme.ink
    assert layout.legend.orientation == "h"
    assert layout.legend.itemsizing == "constant"
    assert layout.hoverlabel.align == "left"
    assert layout.yaxis.gridcolor == theme.grid
    assert (layout.xaxis.showgrid, layout.yaxis.showgrid) == (False, True)
    assert layout.title.text is None


def test_apply_reaches_every_subplot():
    fig = style.apply(make_subplots(rows=2, cols=2), 240)
    for axis in [*fig.select_xaxes(), *fig.select_yaxes()]:
        assert axis.showline is False
        assert axis.fixedrange is True
        assert axis.gridcolor == LIGHT.grid


def test_apply_does_not_depend_on_the_default_template():
    before = pio.templates.default
    texts = []
    try:
        for template in ("plotly", "plotly_dark"):
            pio.templates.default = template
            texts.append(style.apply(go.Figure(go.Bar(y=[1])), 240).to_json())
    finally:
        pio.templates.default = before
    assert texts[0] == texts[1]
    assert '"layout"' not in go.Figure(layout={"template": "none"}).layout.template.to_plotly_json()


@pytest.mark.parametrize("write", [style.plain, style.short, style.wrapped])
def test_names_are_escaped(write):
    assert "<b>" not in write("<b>x</b>")
    assert write("a & b") == "a &amp; b"


def test_short_cuts_before_it_escapes():
    assert style.short("&&&&&&", 4) == "&amp;&amp;&amp;…"


def test_wrapped_keeps_words_whole():
    assert style.wrapped("Autoencoder", 10) == "Autoencoder"
    assert style.wrapped("one two three four five six", 8) == "one two<br>three…"


def test_number_grid_writes_readable_numbers_and_skips_gaps():
    texts = [["a", "b"], ["c", "d"]]
    values = [[0.0, np.nan], [1.0, 0.5]]
    dark, light = style.number_grid(values, texts, texts, ["#FFFFFF", "#000000"], (0, 1))
    assert (dark.textfont.color, light.textfont.color) == ("#11151C", "#FFFFFF")
    assert dark.text.tolist() == [["a", ""], ["", "d"]]
    assert light.text.tolist() == [["", ""], ["c", ""]]
    np.testing.assert_array_equal(dark.z, [[0, np.nan], [np.nan, 0.5]])
    np.testing.assert_array_equal(light.z, [[np.nan, np.nan], [1, np.nan]])
    assert dark.z.dtype == light.z.dtype == np.float32
    assert dark.hoverongaps is light.hoverongaps is False


@pytest.mark.parametrize("seed", range(5))
def test_spread_keeps_order_gap_and_bounds(seed):
    values = np.random.default_rng(seed).uniform(0, 1, 5)
    moved = style.spread(values, 0.15, 0, 1)
    assert (np.argsort(moved) == np.argsort(values)).all()
    assert (np.diff(np.sort(moved)) >= 0.15 - 1e-12).all()
    assert moved.min() >= -1e-12
    assert moved.max() <= 1 + 1e-12


def test_spread_leaves_distant_positions_alone():
    assert style.spread([3.0, 1.0, 2.0], 0.5).tolist() == [3.0, 1.0, 2.0]


@pytest.mark.parametrize("seed", range(5))
def test_dodge_removes_every_overlap(seed):
    x, y = np.random.default_rng(seed).uniform(0, 1, (2, 12))
    moved = style.dodge(x, y, 0.4, 0.1)
    near = np.abs(x[:, None] - x) < 0.4
    close = np.abs(moved[:, None] - moved) < 0.1 - 1e-9
    assert not (near & close & ~np.eye(12, dtype=bool)).any()
