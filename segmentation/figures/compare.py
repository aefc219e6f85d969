"""Two and more results side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from segmentation.figures.palette import LIGHT, Theme, segment_style, tint
from segmentation.figures.style import (
    TEXT_SIZE,
    apply,
    columns,
    glyph_text,
    number_grid,
    plain,
    rows,
    segment_text,
    short,
    wrapped,
)

SMALL_FLOW = 0.005


def lower_triangle(
    names: Sequence[str],
    values: ArrayLike,
    scale: Sequence[str],
    limits: tuple[float, float],
    *,
    theme: Theme,
    height: int,
) -> go.Figure:
    """Draw a symmetric matrix once: below its diagonal, with numbers.

    Parameters
    ----------
    names : sequence of str, length n
        At least two.
    values : array of shape (n, n)
        NaN leaves a cell empty.
    scale, limits : colours from low to high, and the values at its ends

    Raises
    ------
    ValueError
        If there are fewer than two names: nothing to compare.
    """
    if len(names) < 2:
        raise ValueError(f"names must hold at least two entries, received {len(names)}.")
    full = np.asarray(values, dtype=float)
    below = np.where(np.tri(len(names), k=-1, dtype=bool), full, np.nan)[1:, :-1]
    # adding zero turns a rounded -0.0 into 0.0
    texts = [[f"{round(value, 2) + 0.0:.2f}" for value in line] for line in below]
    hover = [
        [f"{plain(a)} · {plain(b)}<br><b>{text}</b>" for b, text in zip(names, line, strict=False)]
        for a, line in zip(names[1:], texts, strict=True)
    ]
    fig = go.Figure(number_grid(below, texts, hover, scale, limits))
    apply(fig, height, theme)
    rows(fig, [wrapped(name) for name in names[1:]], theme)
    columns(fig, [wrapped(name, 10) for name in names[:-1]], theme)
    return fig


def agreement_matrix(
    names: Sequence[str], values: ArrayLike, *, theme: Theme = LIGHT, height: int = 240
) -> go.Figure:
    """Draw the adjusted Rand index of every pair of results: 0 by chance, 1 identical.

    Parameters
    ----------
    names : sequence of str, length n_results
        At least two.
    values : array of shape (n_results, n_results)

    Raises
    ------
    ValueError
        If there are fewer than two results.
    """
    return lower_triangle(names, values, theme.sequential, (0, 1), theme=theme, height=height)


def contingency(
    row_names: Sequence[str],
    column_names: Sequence[str],
    percent: ArrayLike,
    *,
    column_numbers: Sequence[int] | None = None,
    theme: Theme = LIGHT,
    height: int = 400,
) -> go.Figure:
    """Draw which segments of another result the customers of each segment are in.

    Parameters
    ----------
    row_names, column_names : sequence of str
        Segments, the columns aligned to the rows.
    percent : array of shape (n_rows, n_columns)
        Percentages of each row, 0 to 100.
    column_numbers : sequence of int, optional
        Row number whose glyph each column shares; by default its position.
    """
    values = np.asarray(percent, dtype=float)
    texts = [["" if round(value) == 0 else f"{value:.0f}" for value in line] for line in values]
    hover = [
        [
            f"<b>{value:.1f}%</b> of {plain(row)}<br>are in {plain(column)}"
            for column, value in zip(column_names, line, strict=True)
        ]
        for row, line in zip(row_names, values, strict=True)
    ]
    fig = go.Figure(number_grid(values, texts, hover, theme.sequential, (0, 100)))
    apply(fig, height, theme)
    rows(fig, [segment_text(name, i) for i, name in enumerate(row_names)], theme)
    same = list(row_names)[: len(column_names)] == list(column_names)
    numbers = range(len(column_names)) if column_numbers is None else column_numbers
    heads = [
        glyph_text(i) if same else f"{short(name, 18)} {glyph_text(i)}"
        for i, name in zip(numbers, column_names, strict=True)
    ]
    columns(fig, heads, theme, side="top" if same else "bottom")
    return fig


def flow_minimum(counts: ArrayLike) -> int:
    """Return the number of customers below which `flow` hides a stream: 0.5 % of all."""
    return max(1, int(np.ceil(SMALL_FLOW * np.sum(counts))))


def flow(
    left_names: Sequence[str],
    right_names: Sequence[str],
    counts: ArrayLike,
    left_title: str,
    right_title: str,
    *,
    right_numbers: Sequence[int] | None = None,
    minimum: int | None = None,
    theme: Theme = LIGHT,
    height: int = 400,
) -> go.Figure:
    """Draw the streams of customers from the segments of one result to those of another.

    Parameters
    ----------
    left_names, right_names : sequence of str
        Segments, the right ones aligned to the left.
    counts : int array of shape (n_left, n_right)
        Customers.
    left_title, right_title : str
        Names of the two results.
    right_numbers : sequence of int, optional
        Left number whose colour each right segment shares; by default its position.
    minimum : int, optional
        Smaller streams are hidden; by default `flow_minimum(counts)`.
    """
    table = np.asarray(counts)
    limit = flow_minimum(table) if minimum is None else max(minimum, 1)
    sources, targets = np.nonzero(table >= limit)
    names = [*left_names, *right_names]
    numbers = range(len(right_names)) if right_numbers is None else right_numbers
    styles = [segment_style(i) for i in (*range(len(left_names)), *numbers)]
    totals = [*table.sum(axis=1), *table.sum(axis=0)]
    fig = go.Figure(
        go.Sankey(
            arrangement="fixed",
            node={
                "label": [
                    f"{glyph} {short(name)}"
                    for name, (_, _, glyph) in zip(names, styles, strict=True)
                ],
                "color": [color for color, _, _ in styles],
                "line": {"width": 0},
                "pad": 14 if len(names) <= 16 else 8,
                "thickness": 10,
                "sort": "input",
                "customdata": [
                    f"<b>{plain(name)}</b><br>{total:,} customers"
                    for name, total in zip(names, totals, strict=True)
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
            link={
                "source": sources,
                "target": targets + len(left_names),
                "value": table[sources, targets],
                "color": [tint(styles[i][0], 0.35) for i in sources],
                "customdata": [
                    f"<b>{table[i, j]:,} customers</b><br>"
                    f"{plain(left_names[i])} → {plain(right_names[j])}"
                    for i, j in zip(sources, targets, strict=True)
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
            textfont={"color": theme.ink, "size": TEXT_SIZE, "shadow": "none"},
        )
    )
    apply(fig, height, theme)
    fig.update_layout(margin={"l": 16, "t": 32, "b": 16})
    for x, side, title in ((0, "left", left_title), (1, "right", right_title)):
        fig.add_annotation(
            x=x,
            xanchor=side,
            y=1,
            yanchor="bottom",
            yshift=8,
            xref="paper",
            yref="paper",
            text=f"<b>{short(title, 30)}</b>",
            showarrow=False,
        )
    return fig
