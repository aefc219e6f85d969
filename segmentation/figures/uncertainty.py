"""How certain a mixture is: of its components, of its customers, of its own shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from segmentation.figures.palette import LIGHT, Theme, segment_style, text_on, tint
from segmentation.figures.scatter import MAX_POINTS, plane, sample_rows
from segmentation.figures.style import (
    SMALL_SIZE,
    apply,
    dodge,
    glyph_text,
    key,
    plain,
    rows,
    segment_text,
    short,
    spread,
)

MAX_CROSSES = 150
_DASHES = ("dash", "dot", "dashdot", "longdash")
_MARKERS = ("square", "triangle-up", "diamond", "triangle-down")
_ELLIPSE_STEPS = 73


def bands_by_segment(
    confidence: ArrayLike,
    labels: ArrayLike,
    names: Sequence[str],
    bands: tuple[float, float] = (0.7, 0.9),
    *,
    theme: Theme = LIGHT,
    height: int = 320,
) -> go.Figure:
    """Draw the share of low, medium and high confidence per segment, least certain first.

    Parameters
    ----------
    confidence : array of shape (n_customers,)
        Highest membership, 0 to 1.
    labels : int array of shape (n_customers,)
    names : sequence of str, length n_clusters
    bands : tuple of float
        Below the first: low; from the second on: high.
    """
    labels = np.asarray(labels)
    band = np.digitize(np.asarray(confidence, dtype=float), bands)
    counts = np.bincount(labels * 3 + band, minlength=3 * len(names)).reshape(-1, 3)
    percent = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    order = np.lexsort((-percent[:, 1], -percent[:, 0]))
    words = ["Low", "Medium", "High"]
    bars = [
        go.Bar(
            x=percent[order, i],
            y=np.arange(len(names)),
            orientation="h",
            name=words[i],
            width=0.62,
            marker={"color": color, "line": {"color": theme.background, "width": 1}},
            text=[f"{value:.0f}" if value >= 8 else "" for value in percent[order, i]],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            constraintext="none",
            insidetextfont={"color": text_on(color), "size": SMALL_SIZE},
            customdata=[[plain(names[j]), f"{counts[j, i]:,}"] for j in order],
            hovertemplate="<b>%{customdata[0]}</b><br>%{fullData.name}: %{x:.1f}%"
            " · %{customdata[1]} customers<extra></extra>",
        )
        for i, color in enumerate(theme.confidence)
    ]
    fig = go.Figure(bars)
    apply(fig, height, theme)
    fig.update_layout(barmode="stack")
    explained = [f"Low < {bands[0]:.2f}", "Medium", f"High ≥ {bands[1]:.2f}"]
    key(fig, [("■", *pair) for pair in zip(theme.confidence, explained, strict=True)])
    fig.update_xaxes(range=[0, 100], tickvals=[0, 50, 100], ticktext=["0%", "50%", "100%"])
    rows(fig, [segment_text(names[i], i) for i in order], theme)
    return fig


def bic_curves(
    table: pd.DataFrame,
    criterion: str = "bic",
    nearly: int | None = None,
    *,
    theme: Theme = LIGHT,
    height: int = 320,
) -> go.Figure:
    """Draw an information criterion by number of components; lower is better.

    Parameters
    ----------
    table : DataFrame
        Columns n_clusters, covariance_type and the criterion; rows where it is not finite are
        left out.
    criterion : str
        Column to draw.
    nearly : int, optional
        Number of components that is nearly as good as the best; marked on the best curve.

    Raises
    ------
    ValueError
        If no row has a finite value.
    """
    data = table[np.isfinite(table[criterion].to_numpy(dtype=float))].sort_values("n_clusters")
    if data.empty:
        raise ValueError(f"table must hold at least one finite {criterion}, received none.")
    # Under one name, whichever is drawn.
    data = data.assign(value=data[criterion].astype(float))
    best = data.loc[data["value"].idxmin()]
    winner = best["covariance_type"]
    others = [kind for kind in data["covariance_type"].unique() if kind != winner]
    fig = go.Figure()
    for i, kind in enumerate([*others, winner]):
        fig.add_trace(_curve(data[data["covariance_type"] == kind], kind, kind == winner, i, theme))
    fig.add_trace(_mark(best, "minimum", "circle-open", theme))
    own = data[data["covariance_type"] == winner]
    for _, row in own[own["n_clusters"] == nearly].iterrows():
        if nearly != best["n_clusters"]:
            fig.add_trace(_mark(row, "nearly as good", "diamond-open", theme))
    apply(fig, height, theme)
    low, high = float(data["value"].min()), float(data["value"].max())
    span = (high - low) or 1.0
    _end_labels(fig, data, winner, span, theme)
    ks = sorted(data["n_clusters"].unique())
    side = "center" if ks[0] < best["n_clusters"] < ks[-1] else None
    fig.add_annotation(
        x=best["n_clusters"],
        y=best["value"],
        yshift=-12,
        yanchor="top",
        xanchor=side or ("left" if best["n_clusters"] == ks[0] else "right"),
        text=f"<b>k = {best['n_clusters']}</b> · {best['bic']:,.0f}",
        showarrow=False,
    )
    fig.update_layout(showlegend=False, margin={"r": 84})
    fig.update_xaxes(
        title_text="components",
        tickvals=ks if len(ks) <= 12 else None,
        range=[ks[0] - 0.3, ks[-1] + 0.15],
    )
    fig.update_yaxes(range=[low - 0.18 * span, high + 0.08 * span], tickformat=",.0f", nticks=6)
    return fig


def _curve(data: pd.DataFrame, kind: str, wins: bool, number: int, theme: Theme) -> go.Scatter:
    color = theme.accent if wins else theme.context
    dash = "solid" if wins else _DASHES[number % len(_DASHES)]
    symbol = "circle" if wins else _MARKERS[number % len(_MARKERS)]
    return go.Scatter(
        x=data["n_clusters"].to_numpy(),
        y=data["value"].to_numpy(dtype=float),
        mode="lines+markers",
        cliponaxis=False,
        name=plain(kind),
        line={"color": color, "width": 2.5 if wins else 1.5, "dash": dash},
        marker={"color": color, "size": 7 if wins else 6, "symbol": symbol},
        hovertemplate="<b>%{fullData.name}</b><br>k = %{x}: %{y:,.0f}<extra></extra>",
    )


def _mark(row: pd.Series, name: str, symbol: str, theme: Theme) -> go.Scatter:
    ring = {"symbol": symbol, "size": 16, "line": {"width": 2, "color": theme.ink}}
    return go.Scatter(
        x=[row["n_clusters"]],
        y=[float(row["value"])],
        mode="markers",
        name=name,
        cliponaxis=False,
        marker={"color": theme.ink, **ring},
        hoverinfo="skip",
    )


def _end_labels(fig: go.Figure, data: pd.DataFrame, winner: str, span: float, theme: Theme) -> None:
    ends = data.groupby("covariance_type", sort=False).tail(1)
    places = spread(ends["value"].to_numpy(dtype=float), 0.075 * span)
    for (_, end), place in zip(ends.iterrows(), places, strict=True):
        wins = end["covariance_type"] == winner
        text = short(end["covariance_type"], 12)
        fig.add_annotation(
            x=end["n_clusters"],
            y=place,
            xshift=12,
            xanchor="left",
            text=f"<b>{text}</b>" if wins else text,
            font={"color": theme.ink if wins else theme.muted, "size": SMALL_SIZE},
            showarrow=False,
        )


def component_ellipses(
    coordinates: ArrayLike,
    labels: ArrayLike,
    means: ArrayLike,
    covariances: ArrayLike,
    names: Sequence[str],
    explained: Sequence[float],
    uncertain: ArrayLike,
    *,
    customer_ids: Sequence[object] | np.ndarray | None = None,
    max_points: int = 2_000,
    seed: int = 0,
    theme: Theme = LIGHT,
    height: int = 460,
) -> go.Figure:
    """Draw mixture components over customers; crosses mark uncertain customers.

    Parameters
    ----------
    coordinates : array of shape (n_customers, 2)
    labels : int array of shape (n_customers,)
    means : array of shape (n_clusters, 2)
        On the plane of `coordinates`.
    covariances : array of shape (n_clusters, 2, 2)
        The inner ellipse holds 50 % and the outer 90 % of a component.
    names : sequence of str, length n_clusters
    explained : sequence of float
        Share of variance per component, 0 to 1.
    uncertain : bool array of shape (n_customers,)
        At most 150 of them get a cross; the legend says how many there are.
    customer_ids : sequence, optional
        Shown on hover over a cross.
    max_points : int
        Above it, `sample_rows(labels, max_points, seed)` is drawn.
    """
    points, labels = np.asarray(coordinates, dtype=np.float32), np.asarray(labels)
    means, covariances = np.asarray(means, dtype=float), np.asarray(covariances, dtype=float)
    extra = MAX_CROSSES + 2 * _ELLIPSE_STEPS * len(names)
    sample = sample_rows(labels, min(max_points, MAX_POINTS - extra), seed)
    fig = go.Figure()
    for index, name in enumerate(names):
        color, symbol, _ = segment_style(index)
        own = points[sample[labels[sample] == index]]
        fig.add_trace(
            go.Scatter(
                x=own[:, 0],
                y=own[:, 1],
                mode="markers",
                name=plain(name),
                marker={"color": color, "symbol": symbol, "size": 5, "opacity": 0.45},
                hovertemplate="%{fullData.name}<extra></extra>",
                showlegend=False,
            )
        )
    crosses = _crosses(points, np.flatnonzero(uncertain), customer_ids, seed, theme)
    if crosses is not None:
        fig.add_trace(crosses)
    for index in range(len(names)):
        for share, width in ((0.9, 1.4), (0.5, 2.6)):
            fig.add_trace(_ellipse(means[index], covariances[index], share, width, index))
    apply(fig, height, theme)
    fig.update_layout(margin={"l": 16}, showlegend=crosses is not None)
    plane(fig, explained)
    _component_labels(fig, means, points, names, theme)
    return fig


def _crosses(
    points: np.ndarray,
    found: np.ndarray,
    customer_ids: Sequence[object] | np.ndarray | None,
    seed: int,
    theme: Theme,
) -> go.Scatter | None:
    if not found.size:
        return None
    shown = found[sample_rows(np.zeros(found.size, dtype=int), MAX_CROSSES, seed)]
    words = f"{shown.size:,} of {found.size:,}" if shown.size < found.size else f"{found.size:,}"
    ids = shown + 1 if customer_ids is None else np.asarray(customer_ids, dtype=object)[shown]
    return go.Scatter(
        x=points[shown, 0],
        y=points[shown, 1],
        mode="markers",
        name=f"Uncertain customers ({words})",
        marker={
            "symbol": "x-thin",
            "size": 8,
            "line": {"color": theme.ink, "width": 2},
        },
        customdata=[plain(i) for i in ids],
        hovertemplate="<b>%{customdata}</b><br>uncertain<extra></extra>",
    )


def _ellipse(
    mean: np.ndarray, covariance: np.ndarray, share: float, width: float, index: int
) -> go.Scatter:
    values, vectors = np.linalg.eigh(covariance)
    radius = np.sqrt(-2 * np.log(1 - share))  # quantile of chi-squared with two degrees
    angles = np.linspace(0, 2 * np.pi, _ELLIPSE_STEPS)
    circle = radius * np.column_stack([np.cos(angles), np.sin(angles)])
    outline = (mean + circle @ (vectors * np.sqrt(np.maximum(values, 0))).T).astype(np.float32)
    color, _, _ = segment_style(index)
    return go.Scatter(
        x=outline[:, 0],
        y=outline[:, 1],
        mode="lines",
        name=f"{share:.0%}",
        line={"color": color, "width": width, "dash": "solid" if index < 8 else "dash"},
        hoverinfo="skip",
        showlegend=False,
    )


def _component_labels(
    fig: go.Figure, means: np.ndarray, points: np.ndarray, names: Sequence[str], theme: Theme
) -> None:
    wide, tall = (np.ptp(points, axis=0) if len(points) else np.ones(2)).astype(float)
    places = dodge(means[:, 0], means[:, 1], 0.26 * wide, 0.065 * tall)
    for index, name in enumerate(names):
        fig.add_annotation(
            x=means[index, 0],
            y=places[index],
            text=f"{glyph_text(index)} <b>{short(name)}</b>",
            showarrow=False,
            bgcolor=tint(theme.background, 0.8),
            borderpad=2,
        )
