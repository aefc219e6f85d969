"""The customers before any segment: distributions, correlations, sales; and loss curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import ArrayLike
from plotly.subplots import make_subplots

from segmentation.figures.compare import lower_triangle
from segmentation.figures.palette import LIGHT, Theme, tint
from segmentation.figures.style import SMALL_SIZE, apply, histogram, plain, rows, short, spread

CURVES = {"loss": "training", "val_loss": "validation"}


def distribution(
    before: ArrayLike,
    after: ArrayLike,
    label: str,
    *,
    bins: int = 30,
    theme: Theme = LIGHT,
    height: int = 240,
) -> go.Figure:
    """Draw one column before and after its transform, side by side.

    Parameters
    ----------
    before, after : arrays of shape (n_customers,)
        Values that are not finite are left out.
    label : str
        What is measured, with its unit.
    """
    fig = make_subplots(rows=1, cols=2, horizontal_spacing=0.12)
    parts = ((before, tint(theme.context, 0.55), "as given"), (after, theme.accent, "as used"))
    for column, (values, color, state) in enumerate(parts, start=1):
        numbers = np.asarray(values, dtype=float)
        numbers = numbers[np.isfinite(numbers)]
        # Few distinct values get a bar each, without gaps between.
        edges = np.histogram_bin_edges(numbers, max(1, min(bins, np.unique(numbers).size)))
        fig.add_trace(histogram(numbers, edges, state, color), row=1, col=column)
    apply(fig, height, theme)
    fig.update_layout(showlegend=False)
    fig.update_xaxes(nticks=5, title_text=f"{short(label, 30)}, as given", row=1, col=1)
    fig.update_xaxes(nticks=5, title_text="as used", row=1, col=2)
    fig.update_yaxes(nticks=4, tickformat=",d", rangemode="tozero")
    return fig


def correlation(matrix: pd.DataFrame, *, theme: Theme = LIGHT, height: int = 400) -> go.Figure:
    """Draw correlations below the diagonal.

    Parameters
    ----------
    matrix : DataFrame of shape (n, n)
        -1 to 1; columns are labels for people. NaN (a constant column) leaves a cell empty.

    Raises
    ------
    ValueError
        If there are fewer than two columns.
    """
    names = [str(name) for name in matrix.columns]
    values = matrix.to_numpy(dtype=float)
    return lower_triangle(names, values, theme.diverging, (-1, 1), theme=theme, height=height)


def sales_bars(
    labels: Sequence[str],
    values: ArrayLike,
    formatter: Callable[[float], str],
    *,
    top: int = 15,
    theme: Theme = LIGHT,
    height: int = 400,
) -> go.Figure:
    """Draw sales by department or class, the largest first; the rest is one grey bar.

    Parameters
    ----------
    labels : sequence of str, length n
    values : array of shape (n,)
    formatter : callable
        Writes an amount.
    top : int
        Bars before the rest is summed.
    """
    amounts = np.asarray(values, dtype=float)
    order = np.argsort(-amounts, kind="stable")
    shown, rest = order[:top], order[top:]
    names = [str(labels[i]) for i in shown]
    bars = amounts[shown].tolist()
    colors = [theme.accent] * len(bars)
    if rest.size:
        names.append(f"{rest.size} others")
        bars.append(float(amounts[rest].sum()))
        colors.append(tint(theme.context, 0.55))
    texts = [plain(formatter(value)) for value in bars]
    fig = go.Figure(
        go.Bar(
            x=bars,
            y=np.arange(len(bars)),
            orientation="h",
            width=0.66,
            marker={"color": colors, "line": {"width": 0}},
            text=texts,
            textposition="outside",
            cliponaxis=False,
            constraintext="none",
            textfont={"color": theme.ink, "size": SMALL_SIZE},
            customdata=[plain(name) for name in names],
            hovertemplate="<b>%{customdata}</b><br>%{text}<extra></extra>",
        )
    )
    apply(fig, height, theme)
    low, high = min([0.0, *bars]), max([0.0, *bars])
    room = 0.18 * ((high - low) or 1)
    fig.update_xaxes(showticklabels=False, range=[low - room * (low < 0), high + room])
    rows(fig, [short(name) for name in names], theme)
    return fig


def loss_curves(
    history: Mapping[str, Sequence[float]], *, theme: Theme = LIGHT, height: int = 240
) -> go.Figure:
    """Draw loss by epoch; lower is better.

    Parameters
    ----------
    history : dict of str to sequence of float
        Such as "loss" and "val_loss"; the last one is drawn in the accent.
    """
    curves = {CURVES.get(key, key): list(map(float, curve)) for key, curve in history.items()}
    fig = go.Figure()
    for i, (name, curve) in enumerate(curves.items()):
        main = i == len(curves) - 1
        fig.add_trace(
            go.Scatter(
                x=list(range(1, len(curve) + 1)),
                y=curve,
                mode="lines" if len(curve) > 1 else "markers",
                name=plain(name),
                line={
                    "color": theme.accent if main else theme.context,
                    "width": 2.5 if main else 1.5,
                    "dash": "solid" if main else "dash",
                },
                hovertemplate="<b>%{fullData.name}</b><br>epoch %{x}: %{y:.4f}<extra></extra>",
            )
        )
    apply(fig, height, theme)
    fig.update_layout(showlegend=False, margin={"r": 84})
    last = max(map(len, curves.values()), default=1)
    fig.update_xaxes(title_text="epoch", range=[min(1, last - 1), last])
    fig.update_yaxes(nticks=5)
    every = [value for curve in curves.values() for value in curve if np.isfinite(value)]
    ends = {name: curve[-1] for name, curve in curves.items() if curve and np.isfinite(curve[-1])}
    places = spread(list(ends.values()), 0.11 * (np.ptp(every) if every else 0))
    for place, name in zip(places, ends, strict=True):
        main = name == list(curves)[-1]
        text = short(name, 12)
        fig.add_annotation(
            x=len(curves[name]),
            y=place,
            xshift=8,
            xanchor="left",
            text=f"<b>{text}</b>" if main else text,
            font={"color": theme.ink if main else theme.muted, "size": SMALL_SIZE},
            showarrow=False,
        )
    return fig


def monthly_line(
    monthly: pd.DataFrame,
    column: str = "revenue",
    formatter: Callable[[float], str] = "{:,.0f}".format,
    *,
    theme: Theme = LIGHT,
    height: int = 240,
) -> go.Figure:
    """Draw one measure by month.

    Parameters
    ----------
    monthly : DataFrame
        Columns month (datetime), revenue, orders, customers.
    column : str
        The measure to draw.
    formatter : callable
        Writes a value.
    """
    values = monthly[column].to_numpy(dtype=float)
    fig = go.Figure(
        go.Scatter(
            x=monthly["month"],
            y=values,
            mode="lines" if len(values) > 1 else "markers",
            line={"color": theme.accent, "width": 2.5},
            fill="tozeroy",
            fillcolor=tint(theme.accent, 0.12),
            name=plain(column),
            customdata=[plain(formatter(value)) for value in values],
            hovertemplate="<b>%{x|%B %Y}</b><br>%{customdata}<extra></extra>",
        )
    )
    apply(fig, height, theme)
    fig.update_layout(hovermode="x")
    fig.update_xaxes(nticks=8)
    fig.update_yaxes(nticks=5, tickformat="~s", rangemode="tozero")
    return fig
