"""How strongly customers belong to segments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike
from plotly.subplots import make_subplots

from segmentation.figures.palette import LIGHT, Theme, segment_style, text_on, tint
from segmentation.figures.scatter import sample_rows
from segmentation.figures.style import (
    SMALL_SIZE,
    apply,
    continuous,
    histogram,
    plain,
    rows,
    segment_text,
    spread,
)


def membership_heatmap(
    memberships: ArrayLike,
    labels: ArrayLike,
    names: Sequence[str],
    *,
    customer_ids: Sequence[object] | np.ndarray | None = None,
    max_customers: int = 400,
    seed: int = 0,
    theme: Theme = LIGHT,
    height: int = 320,
) -> go.Figure:
    """Draw memberships: rows are segments, columns are customers under a strip of segments.

    Parameters
    ----------
    memberships : array of shape (n_customers, n_clusters)
    labels : int array of shape (n_customers,)
    names : sequence of str, length n_clusters
    customer_ids : sequence, optional
        Shown on hover.
    max_customers : int
        Above it, `sample_rows(labels, max_customers, seed)` is drawn, ordered by segment and
        falling membership.
    """
    values, labels = np.asarray(memberships, dtype=np.float32), np.asarray(labels)
    chosen = sample_rows(labels, max_customers, seed)
    own = values[chosen, labels[chosen]]
    chosen = chosen[np.lexsort((-own, labels[chosen]))]
    fig = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.05, 0.95], vertical_spacing=0.02
    )
    for trace in _strip(labels[chosen], names):
        fig.add_trace(trace, row=1, col=1)
    ids = chosen + 1 if customer_ids is None else np.asarray(customer_ids, dtype=object)[chosen]
    fig.add_trace(_columns(values[chosen].T, [plain(i) for i in ids], names, theme), row=2, col=1)
    apply(fig, height, theme)
    fig.update_layout(barmode="stack", showlegend=False, bargap=0)
    fig.update_xaxes(showticklabels=False, range=[0, len(chosen)])
    fig.update_yaxes(showticklabels=False, showgrid=False, row=1, col=1)
    rows(fig, [segment_text(name, i) for i, name in enumerate(names)], theme, row=2, col=1)
    return fig


def _strip(labels: np.ndarray, names: Sequence[str]) -> list[go.Bar]:
    strip = []
    for index, name in enumerate(names):
        color, _, glyph = segment_style(index)
        count = int((labels == index).sum())
        bar = go.Bar(
            x=[count],
            y=[0],
            orientation="h",
            name=plain(name),
            marker={"color": color, "line": {"width": 0}},
            # a glyph needs about as much room as one customer in thirty
            text=[glyph if count * 30 >= len(labels) else ""],
            textangle=0,
            textposition="inside",
            insidetextanchor="middle",
            insidetextfont={"color": text_on(color), "size": 10},
            customdata=[f"{count:,} of {len(labels):,} shown"],
            hovertemplate="%{fullData.name}<br>%{customdata}<extra></extra>",
        )
        strip.append(bar)
    return strip


def _columns(values: np.ndarray, ids: list[str], names: Sequence[str], theme: Theme) -> go.Heatmap:
    return go.Heatmap(
        z=values,
        x=np.arange(len(ids), dtype=np.float32) + 0.5,
        customdata=[ids] * len(names),
        text=[[plain(name)] * len(ids) for name in names],
        hovertemplate="<b>%{customdata}</b><br>%{text}: %{z:.2f}<extra></extra>",
        colorscale=continuous(theme.sequential),
        zmin=0,
        zmax=1,
        ygap=2,
        colorbar={
            "thickness": 10,
            "len": 0.95,
            "y": 0.475,
            "tickvals": [0, 0.5, 1],
            "ticks": "",
            "outlinewidth": 0,
            "tickfont": {"color": theme.muted, "size": SMALL_SIZE},
        },
    )


def gap_histogram(
    memberships: ArrayLike,
    limit: float,
    *,
    bins: int = 20,
    theme: Theme = LIGHT,
    height: int = 240,
) -> go.Figure:
    """Draw the difference between every customer's two highest memberships.

    Parameters
    ----------
    memberships : array of shape (n_customers, n_clusters)
        With a single segment the difference is the membership itself.
    limit : float
        Customers below it, between 0 and 1, are on a border: drawn in the accent.
    """
    top = -np.sort(-np.asarray(memberships, dtype=float), axis=1)[:, :2]
    gaps = np.minimum(top[:, 0] - (top[:, 1] if top.shape[1] > 1 else 0), 1)
    groups = [gaps[gaps < limit], gaps[gaps >= limit]]
    fig = go.Figure(
        _stack(
            groups,
            np.linspace(0, 1, bins + 1),
            ["Below the limit", "Above the limit"],
            [theme.accent, tint(theme.context, 0.55)],
        )
    )
    apply(fig, height, theme)
    _bars_layout(fig)
    fig.update_layout(margin={"t": 28})
    _cut(fig, limit, theme)
    side = "left" if limit < 0.15 else "right" if limit > 0.85 else "center"
    fig.add_annotation(
        x=limit,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor=side,
        text=f"limit {limit:.2f}",
        showarrow=False,
    )
    fig.update_xaxes(range=[0, 1], tickvals=[0, 0.5, 1], title_text="gap")
    return fig


def confidence_histogram(
    confidence: ArrayLike,
    bands: tuple[float, float] = (0.7, 0.9),
    *,
    theme: Theme = LIGHT,
    height: int = 320,
) -> go.Figure:
    """Draw the highest membership of every customer with the counts of three bands.

    Parameters
    ----------
    confidence : array of shape (n_customers,)
        0 to 1.
    bands : tuple of float
        Below the first: low; from the second on: high.
    """
    values = np.minimum(np.asarray(confidence, dtype=float), 1)  # a sum may round to above 1
    groups = _bands(values, bands)
    start = min(np.floor(values.min(initial=1) * 10) / 10, bands[0] - 0.2)
    start = max(0.0, round(float(start), 1))
    edges = np.linspace(start, 1, round((1 - start) / 0.025) + 1)
    words = ["Low", "Medium", "High"]
    fig = go.Figure(_stack(groups, edges, words, theme.confidence))
    apply(fig, height, theme)
    _bars_layout(fig)
    fig.update_layout(margin={"t": 48})
    span = 1 - start
    middles = [(start + bands[0]) / 2, (bands[0] + bands[1]) / 2, (bands[1] + 1) / 2]
    places = spread(middles, 0.22 * span, start + 0.1 * span, 1 - 0.1 * span)
    for word, group, place in zip(words, groups, places, strict=True):
        share = len(group) / max(len(values), 1)
        fig.add_annotation(
            x=place,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=f"<b>{word}</b><br>{len(group):,} · {share:.0%}",
            showarrow=False,
        )
    for band in bands:
        _cut(fig, band, theme)
    fig.update_xaxes(range=[start, 1], title_text="highest membership", tickformat=".1f")
    return fig


def _bands(values: np.ndarray, bands: tuple[float, float]) -> list[np.ndarray]:
    low, high = bands
    middle = (values >= low) & (values < high)
    return [values[values < low], values[middle], values[values >= high]]


def _stack(
    groups: Sequence[np.ndarray], edges: np.ndarray, names: Sequence[str], colors: Sequence[str]
) -> list[go.Bar]:
    """Return one histogram split by group; a limit inside a bin splits its bar by height."""
    return [
        histogram(group, edges, name, color)
        for group, name, color in zip(groups, names, colors, strict=True)
    ]


def _bars_layout(fig: go.Figure) -> None:
    fig.update_layout(barmode="stack", showlegend=False)
    fig.update_yaxes(nticks=5, tickformat=",d", rangemode="tozero")


def _cut(fig: go.Figure, at: float, theme: Theme) -> None:
    fig.add_shape(
        type="line",
        x0=at,
        x1=at,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": theme.ink, "width": 1.5, "dash": "dot"},
    )
