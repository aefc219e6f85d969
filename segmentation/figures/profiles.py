"""What a segment is like: its habits, and one customer's place in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from segmentation.figures.palette import LIGHT, Theme, segment_style, tint
from segmentation.figures.style import (
    SMALL_SIZE,
    TRANSPARENT,
    apply,
    columns,
    number_grid,
    plain,
    rows,
    segment_text,
    short,
    wrapped,
)

AVERAGE = 100.0
INDEX_CAP = 400.0
RADAR_CAP = 300.0
_COLOR_OCTAVES = 1.6  # an index of 33 or 303 has the full colour


def index_bars(
    index: pd.DataFrame,
    segment: int,
    *,
    limit: int = 12,
    theme: Theme = LIGHT,
    height: int = 320,
) -> go.Figure:
    """Draw how one segment differs from the average customer, the largest difference first.

    Parameters
    ----------
    index : DataFrame of shape (n_clusters, n_features)
        Average customer = 100; columns are labels for people.
    segment : int
        Row of the table.
    limit : int
        Features shown at most. Bars end at an index of 400; the number beside is the true one.
    """
    values = index.iloc[segment].astype(float).replace(np.inf, np.nan).dropna()
    # a half is as far from the average as a double
    distance = np.abs(np.log2(np.maximum(values.to_numpy(), 1) / AVERAGE))
    values = values.iloc[np.argsort(-distance, kind="stable")[:limit]]
    shown = np.minimum(values.to_numpy(), INDEX_CAP)
    color, _, _ = segment_style(segment)
    fig = go.Figure(
        go.Bar(
            x=shown - AVERAGE,
            base=AVERAGE,
            y=np.arange(len(values)),
            orientation="h",
            width=0.62,
            marker={
                "color": [color if v >= AVERAGE else tint(color, 0.45) for v in values],
                "line": {"color": color, "width": 1},
            },
            text=[f"{v:,.0f}{' ▸' if v > INDEX_CAP else ''}" for v in values],
            textposition="outside",
            cliponaxis=False,
            constraintext="none",
            textfont={"color": theme.ink, "size": SMALL_SIZE},
            customdata=[f"<b>{plain(n)}</b><br>index {v:,.0f}" for n, v in values.items()],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    apply(fig, height, theme)
    low, high = min(shown.min(initial=60), 60.0), max(shown.max(initial=140), 140.0)
    margin = 0.14 * (high - low)
    fig.update_xaxes(range=[low - margin, high + margin], showticklabels=False)
    rows(fig, [short(name) for name in values.index], theme)
    fig.add_vline(x=AVERAGE, line={"color": theme.ink, "width": 1.5, "dash": "dot"})
    fig.add_annotation(
        x=AVERAGE,
        y=1,
        yref="paper",
        yanchor="bottom",
        text="average customer = 100",
        showarrow=False,
        font={"size": SMALL_SIZE, "color": theme.muted},
    )
    fig.update_layout(margin={"t": 28})
    return fig


def radar(
    index: pd.DataFrame,
    names: Sequence[str],
    *,
    segments: Sequence[int] | None = None,
    theme: Theme = LIGHT,
    height: int = 460,
) -> go.Figure:
    """Draw the index of every segment around a circle; the dotted ring is the average.

    Parameters
    ----------
    index : DataFrame of shape (n_clusters, n_features)
        Average customer = 100; columns are labels for people.
    names : sequence of str, length n_clusters
    segments : sequence of int, optional
        Rows to draw; all by default. Values above 300 are drawn at 300.
    """
    values = index.to_numpy(dtype=float)
    angles = [360 * i / max(values.shape[1], 1) for i in range(values.shape[1])]
    chosen = list(range(len(names)) if segments is None else segments)
    fig = go.Figure()
    for i in chosen:
        fig.add_trace(_polygon(values[i], angles, i, names[i], list(index.columns)))
    fig.add_trace(
        go.Scatterpolar(
            r=[AVERAGE] * 91,
            theta=np.linspace(0, 360, 91),
            mode="lines",
            line={"color": theme.ink, "width": 1.5, "dash": "dot"},
            name="average customer",
            hoverinfo="skip",
        )
    )
    apply(fig, height, theme)
    top = float(np.nanmax(np.minimum(values[chosen], RADAR_CAP), initial=150))
    small = {"color": theme.muted, "size": SMALL_SIZE}
    fig.update_layout(
        legend={"itemsizing": "trace"},
        polar={
            "bgcolor": TRANSPARENT,
            # room for the labels; a margin would make the legend narrow as well
            "domain": {"x": [0.18, 0.82], "y": [0.08, 0.9]},
            "radialaxis": {
                "range": [0, top * 1.05],
                "gridcolor": theme.grid,
                "showline": False,
                "tickvals": [100, 200],
                "ticks": "",
                "angle": 90,
                "tickangle": 90,
                "tickfont": small,
            },
            "angularaxis": {
                "tickvals": angles,
                "ticktext": [wrapped(name, 16) for name in index.columns],
                "rotation": 90,
                "direction": "clockwise",
                "gridcolor": theme.grid,
                "showline": False,
                "ticks": "",
                "tickfont": {"color": theme.ink},
            },
        },
    )
    return fig


def _polygon(
    values: np.ndarray, angles: list[float], index: int, name: str, features: list[object]
) -> go.Scatterpolar:
    color, symbol, _ = segment_style(index)
    closed = [*range(len(angles)), 0] if angles else []
    return go.Scatterpolar(
        r=np.minimum(values, RADAR_CAP)[closed],
        theta=[angles[i] for i in closed],
        mode="lines+markers",
        fill="toself",
        fillcolor=tint(color, 0.1),
        line={"color": color, "width": 2, "dash": "solid" if index < 8 else "dash"},
        marker={"color": color, "symbol": symbol, "size": 7},
        name=short(name, 22),
        meta=plain(name),
        customdata=[f"{plain(features[i])}: {values[i]:,.0f}" for i in closed],
        hovertemplate="<b>%{meta}</b><br>%{customdata}<extra></extra>",
    )


def index_heatmap(
    index: pd.DataFrame, names: Sequence[str], *, theme: Theme = LIGHT, height: int = 320
) -> go.Figure:
    """Draw the index of every segment and feature; the average customer is 100.

    Parameters
    ----------
    index : DataFrame of shape (n_clusters, n_columns)
        Columns are labels for people; half and double are equally far from the neutral middle.
    names : sequence of str, length n_clusters
    """
    ratio = np.log2(np.maximum(index.to_numpy(dtype=float), 1e-9) / AVERAGE)
    limits = (-_COLOR_OCTAVES, _COLOR_OCTAVES)
    return _table(index, ratio, "{:,.0f}", theme.diverging, limits, names, theme, height)


def department_heatmap(
    table: pd.DataFrame,
    names: Sequence[str],
    *,
    kind: str = "share",
    limit: int = 15,
    theme: Theme = LIGHT,
    height: int = 320,
) -> go.Figure:
    """Draw where the segments spend: rows are segments, columns are departments.

    Parameters
    ----------
    table : DataFrame of shape (n_clusters, n_departments)
        Shares of each segment's spending, 0 to 1, or index values; columns are labels for people.
    names : sequence of str, length n_clusters
    kind : {"share", "index"}
    limit : int
        Departments shown at most, in the table's order.
    """
    part = table.iloc[:, :limit]
    if kind == "index":
        return index_heatmap(part, names, theme=theme, height=height)
    shares = part.to_numpy(dtype=float)
    top = float(np.nanmax(shares, initial=0)) or 1.0
    return _table(part, shares, "{:.0%}", theme.sequential, (0, top), names, theme, height)


def _table(
    table: pd.DataFrame,
    colors: np.ndarray,
    form: str,
    scale: Sequence[str],
    limits: tuple[float, float],
    names: Sequence[str],
    theme: Theme,
    height: int,
) -> go.Figure:
    texts = [[form.format(value) for value in line] for line in table.to_numpy(dtype=float)]
    hover = [
        [
            f"<b>{plain(name)}</b><br>{plain(c)}: {t}"
            for c, t in zip(table.columns, line, strict=True)
        ]
        for name, line in zip(names, texts, strict=True)
    ]
    fig = go.Figure(number_grid(colors, texts, hover, scale, limits))
    apply(fig, height, theme)
    rows(fig, [segment_text(name, i) for i, name in enumerate(names)], theme)
    few = table.shape[1] <= 8
    heads = [wrapped(c, 12) if few else short(c, 18) for c in table.columns]
    columns(fig, heads, theme, side="top" if few else "bottom")
    return fig


def membership_bars(
    memberships: ArrayLike, names: Sequence[str], *, theme: Theme = LIGHT, height: int = 240
) -> go.Figure:
    """Draw one customer's memberships, the strongest first.

    Parameters
    ----------
    memberships : array of shape (n_clusters,)
        0 to 1.
    names : sequence of str, length n_clusters
    """
    values = np.asarray(memberships, dtype=float)
    order = np.argsort(-values, kind="stable")
    fig = go.Figure(
        go.Bar(
            x=values[order],
            y=np.arange(len(values)),
            orientation="h",
            width=0.62,
            marker={"color": [segment_style(i)[0] for i in order], "line": {"width": 0}},
            text=[f"{value:.2f}" for value in values[order]],
            textposition="outside",
            cliponaxis=False,
            constraintext="none",
            textfont={"color": theme.ink, "size": SMALL_SIZE},
            customdata=[plain(names[i]) for i in order],
            hovertemplate="<b>%{customdata}</b><br>membership %{x:.3f}<extra></extra>",
        )
    )
    apply(fig, height, theme)
    fig.update_xaxes(range=[0, 1.08], tickvals=[0, 0.5, 1])
    rows(fig, [segment_text(names[i], i) for i in order], theme)
    return fig
