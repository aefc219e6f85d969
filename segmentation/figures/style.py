"""The house style of every figure, and the small tools that figures share."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from segmentation.figures.palette import (
    DARK_TEXT,
    LIGHT,
    LIGHT_TEXT,
    SEGMENT_COLORS,
    Theme,
    scale_color,
    segment_style,
    text_on,
)

FONT = "Source Sans, sans-serif"
TRANSPARENT = "rgba(0, 0, 0, 0)"
TEXT_SIZE = 13
SMALL_SIZE = 12


def apply(fig: go.Figure, height: int, theme: Theme = LIGHT) -> go.Figure:
    """Give a figure the house style; what a figure does differently is set afterwards.

    Everything is written to the layout, because importing Streamlit replaces plotly's default
    template and its charts overwrite the layout of any template.

    Parameters
    ----------
    fig : Figure
        Changed in place.
    height : int
        In pixels; the width is that of the page.
    theme : Theme
        Colours for the background on which the figure will stand.

    Returns
    -------
    Figure
        The same figure.
    """
    font = {"family": FONT, "size": TEXT_SIZE, "color": theme.ink}
    small = {"family": FONT, "size": SMALL_SIZE, "color": theme.muted}
    fig.update_layout(
        template="none",
        autosize=True,
        height=height,
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        font=font,
        colorway=SEGMENT_COLORS,
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        dragmode=False,
        hovermode="closest",
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "bgcolor": TRANSPARENT,
            "itemsizing": "constant",
            "traceorder": "normal",
            "font": font,
        },
        hoverlabel={
            "align": "left",
            "bgcolor": theme.surface,
            "bordercolor": theme.border,
            "font": font,
            "namelength": -1,
        },
        modebar={"bgcolor": TRANSPARENT, "color": theme.muted, "activecolor": theme.ink},
    )
    axis = {
        "automargin": True,
        # dragmode=False alone still lets the ends of an axis be dragged
        "fixedrange": True,
        "gridcolor": theme.grid,
        "separatethousands": True,
        "showline": False,
        "tickfont": small,
        "ticks": "",
        "title": {"font": small, "standoff": 8},
        "zeroline": False,
    }
    fig.update_xaxes(axis, showgrid=False)
    fig.update_yaxes(axis, showgrid=True, ticklabelstandoff=4)
    return fig


def plain(text: object) -> str:
    """Return text that plotly shows as it is: names can come from uploaded files.

    >>> plain("Food & <b>Drink</b>")
    'Food &amp; &lt;b&gt;Drink&lt;/b&gt;'
    """
    return html.escape(str(text))


def short(text: object, width: int = 24) -> str:
    """Return at most `width` characters of a text, escaped.

    >>> short("Occasional big-basket visitors", 12)
    'Occasional…'
    """
    full = str(text)
    return plain(full if len(full) <= width else full[: width - 1].rstrip() + "…")


def wrapped(text: object, width: int = 14, lines: int = 2) -> str:
    """Return a text broken into lines, escaped; what does not fit ends in an ellipsis.

    >>> wrapped("Gaussian mixture", 10)
    'Gaussian<br>mixture'
    """
    parts = textwrap.wrap(
        str(text), width, max_lines=lines, placeholder="…", break_long_words=False
    )
    return "<br>".join(short(part, max(width, 18)) for part in parts)


def segment_text(name: object, index: int, width: int = 24) -> str:
    """Return a segment's name with its glyph in its colour, for an axis to the right of it."""
    return f"{short(name, width)} {glyph_text(index)}"


def glyph_text(index: int) -> str:
    """Return a segment's glyph in its colour."""
    color, _, glyph = segment_style(index)
    return f'<span style="color:{color}">{glyph}</span>'


def key(fig: go.Figure, entries: Sequence[tuple[str, str, str]]) -> None:
    """Explain glyphs in one line above the figure, as wide as it needs: (glyph, colour, words).

    Plotly's own legend is as narrow as the plot and breaks where row labels are long.
    """
    parts = [f'<span style="color:{color}">{glyph}</span> {text}' for glyph, color, text in entries]
    fig.add_annotation(
        x=1,
        xref="paper",
        xanchor="right",
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=4,
        text="\u2003".join(parts),
        showarrow=False,
    )
    fig.update_layout(showlegend=False, margin={"t": 32})


def rows(fig: go.Figure, texts: Sequence[str], theme: Theme, **where: int) -> None:
    """Turn the y axis into rows 0, 1, … from the top, labelled by texts.

    Rows are numbers, because two segments or departments may share a name.
    """
    fig.update_yaxes(
        tickvals=list(range(len(texts))),
        ticktext=list(texts),
        tickfont={"color": theme.ink, "size": TEXT_SIZE},
        ticklabelstandoff=6,
        range=[len(texts) - 0.5, -0.5],
        showgrid=False,
        **where,
    )


def columns(fig: go.Figure, texts: Sequence[str], theme: Theme, **more: Any) -> None:
    """Turn the x axis into columns 0, 1, … labelled by texts.

    Labels that do not fit side by side are slanted; below the columns they then end at their
    column and cannot leave the figure on the right.
    """
    fig.update_xaxes(
        tickvals=list(range(len(texts))),
        ticktext=list(texts),
        tickfont={"color": theme.ink},
        range=[-0.5, len(texts) - 0.5],
        # slanted labels of two lines would cover each other
        autotickangles=[0, -90] if any("<br>" in text for text in texts) else [0, -40, -90],
        **more,
    )


def continuous(scale: Sequence[str]) -> list[list[float | str]]:
    """Return a scale in plotly's notation."""
    return [[i / (len(scale) - 1), color] for i, color in enumerate(scale)]


def number_grid(
    values: ArrayLike,
    texts: Sequence[Sequence[str]],
    hover: Sequence[Sequence[str]],
    scale: Sequence[str],
    limits: tuple[float, float],
) -> list[go.Heatmap]:
    """Return a heatmap with numbers, in two parts: cells with dark and cells with white text.

    One heatmap has one colour of text; two keep plotly's fitting of numbers to narrow cells.

    Parameters
    ----------
    values : array of shape (n_rows, n_columns)
        NaN leaves a cell empty.
    texts, hover : sequences of the same shape
        The second is already escaped.
    scale : sequence of str
        Colours from low to high.
    limits : tuple of float
        Values at the two ends of the scale.
    """
    grid = np.asarray(values, dtype=np.float32)
    low, high = limits
    shares = np.nan_to_num((grid - low) / (high - low))
    white = np.zeros(grid.shape, dtype=bool)
    for place, share in np.ndenumerate(shares):
        white[place] = text_on(scale_color(scale, float(share))) == LIGHT_TEXT
    known = np.isfinite(grid)
    return [
        go.Heatmap(
            z=np.where(own, grid, np.float32(np.nan)),
            text=np.where(own, np.asarray(texts, dtype=object), ""),
            texttemplate="%{text}",
            textfont={"color": color},
            customdata=np.asarray(hover, dtype=object),
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            colorscale=continuous(scale),
            zmin=low,
            zmax=high,
            xgap=2,
            ygap=2,
            showscale=False,
        )
        for color, own in ((DARK_TEXT, known & ~white), (LIGHT_TEXT, known & white))
    ]


def histogram(values: np.ndarray, edges: np.ndarray, name: str, color: str) -> go.Bar:
    """Return one counted histogram: a figure then holds bins instead of customers."""
    return go.Bar(
        x=((edges[:-1] + edges[1:]) / 2).astype(np.float32),
        y=np.histogram(values, edges)[0],
        width=float(edges[1] - edges[0]) * 0.92,
        name=name,
        marker={"color": color, "line": {"width": 0}},
        customdata=[f"{a:,.4g} to {b:,.4g}" for a, b in pairwise(edges)],
        hovertemplate="%{customdata}<br>%{y:,} customers<extra></extra>",
    )


def spread(values: ArrayLike, gap: float, low: float = -np.inf, high: float = np.inf) -> np.ndarray:
    """Move positions apart until neighbours are at least `gap` away from each other.

    >>> spread([1.0, 1.0, 5.0], 1.0).tolist()
    [0.5, 1.5, 5.0]
    """
    positions = np.asarray(values, dtype=float)
    order = np.argsort(positions, kind="stable")
    steps = gap * np.arange(len(order))
    rest = positions[order] - steps
    upper = np.maximum.accumulate(rest)
    lower = np.minimum.accumulate(rest[::-1])[::-1]
    room = (low, max(low, high - gap * (len(order) - 1)))
    moved = np.empty_like(positions)
    moved[order] = np.clip((upper + lower) / 2, *room) + steps
    return moved


def dodge(x: ArrayLike, y: ArrayLike, width: float, height: float) -> np.ndarray:
    """Return new y positions of labels of equal size, so that none covers another.

    >>> dodge([0.0, 0.1], [1.0, 1.0], 0.5, 0.2).round(1).tolist()
    [1.0, 0.8]
    """
    across, moved = np.asarray(x, dtype=float), np.array(y, dtype=float)
    placed: list[int] = []
    for i in np.argsort(-moved, kind="stable"):
        for j in sorted(placed, key=lambda k: -moved[k]):
            if abs(across[i] - across[j]) < width and abs(moved[i] - moved[j]) < height:
                moved[i] = moved[j] - height
        placed.append(int(i))
    return moved
