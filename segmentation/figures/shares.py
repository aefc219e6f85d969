"""How much a segment weighs: its revenue, and its share of customers against its share of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from segmentation.figures.palette import LIGHT, Theme, segment_style, tint
from segmentation.figures.style import (
    TEXT_SIZE,
    TRANSPARENT,
    apply,
    glyph_text,
    key,
    plain,
    rows,
    segment_text,
    wrapped,
)


def revenue_treemap(
    names: Sequence[str],
    revenue: ArrayLike,
    texts: Callable[[float], str] | Sequence[str],
    *,
    theme: Theme = LIGHT,
    height: int = 400,
) -> go.Figure:
    """Draw the revenue of the segments as areas.

    Parameters
    ----------
    names : sequence of str, length n_clusters
    revenue : array of shape (n_clusters,)
        Negative revenue has no area and is drawn as 0.
    texts : callable or sequence of str
        Writes an amount, or the amounts already written.
    """
    values = np.maximum(np.asarray(revenue, dtype=float), 0)
    amounts = [texts(float(v)) for v in np.asarray(revenue)] if callable(texts) else list(texts)
    shares = values / values.sum() if values.sum() > 0 else values
    parts = list(zip(names, amounts, shares, strict=True))
    colors = [segment_style(i)[0] for i in range(len(parts))]
    fig = go.Figure(
        go.Treemap(
            ids=[str(i) for i in range(len(parts))],
            labels=[plain(name) for name in names],
            parents=[""] * len(parts),
            values=values,
            text=[_tile(i, *part) for i, part in enumerate(parts)],
            customdata=[
                f"<b>{plain(name)}</b><br>{plain(amount)} · {share:.1%} of revenue"
                for name, amount, share in parts
            ],
            texttemplate="%{text}",
            hovertemplate="%{customdata}<extra></extra>",
            textposition="top left",
            textfont={"color": theme.ink, "size": TEXT_SIZE + 1},
            marker={
                "colors": [tint(color, 0.26) for color in colors],
                "line": {"color": colors, "width": 1.5},
                "pad": {"t": 4, "l": 4, "r": 4, "b": 4},
            },
            root={"color": TRANSPARENT},
            pathbar={"visible": False},
            tiling={"pad": 4},
        )
    )
    apply(fig, height, theme)
    fig.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0})
    return fig


def _tile(index: int, name: str, amount: str, share: float) -> str:
    glyph = glyph_text(index)
    if share < 0.04:
        return f"{glyph} {share:.0%}"
    title = wrapped(name, 12 if share < 0.2 else 24)
    return f"{glyph} <b>{title}</b><br>{share:.0%} · {plain(amount)}"


def share_dumbbell(
    names: Sequence[str],
    customer_share: ArrayLike,
    revenue_share: ArrayLike,
    *,
    theme: Theme = LIGHT,
    height: int = 400,
) -> go.Figure:
    """Draw share of customers (open) against share of revenue (solid), one row a segment.

    Parameters
    ----------
    names : sequence of str, length n_clusters
    customer_share, revenue_share : arrays of shape (n_clusters,)
        0 to 1.
    """
    pairs = 100 * np.column_stack([customer_share, revenue_share]).astype(float)
    fig = go.Figure()
    for i, (name, pair) in enumerate(zip(names, pairs, strict=True)):
        color, _, _ = segment_style(i)
        fig.add_trace(
            go.Scatter(
                x=pair,
                y=[i, i],
                mode="lines+markers",
                name=plain(name),
                line={"color": tint(color, 0.5), "width": 4},
                marker={
                    "size": 12,
                    "opacity": 1,
                    "symbol": ["circle", "circle"],
                    "color": [theme.background, color],
                    "line": {"color": color, "width": [2.5, 0]},
                },
                cliponaxis=False,
                customdata=["of customers", "of revenue"],
                hovertemplate="<b>%{fullData.name}</b><br>%{x:.1f}% %{customdata}<extra></extra>",
            )
        )
    apply(fig, height, theme)
    fig.update_layout(margin={"r": 24})
    ring, dot = ("○", theme.muted, "share of customers"), ("●", theme.muted, "share of revenue")
    key(fig, [ring, dot])
    fig.update_xaxes(
        showgrid=True,
        ticksuffix="%",
        nticks=6,
        tickangle=0,
        range=[-3, max(10.0, float(pairs.max()) * 1.08)],
    )
    rows(fig, [segment_text(name, i) for i, name in enumerate(names)], theme)
    return fig
