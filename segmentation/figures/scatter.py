"""Customers as points on the plane, or in the space, of their principal components."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from segmentation.figures.palette import LIGHT, Theme, segment_style, symbol_3d, tint
from segmentation.figures.style import (
    FONT,
    SMALL_SIZE,
    TEXT_SIZE,
    TRANSPARENT,
    apply,
    dodge,
    plain,
    short,
)

MAX_POINTS = 20_000
WEBGL_FROM = 2_000


def sample_rows(labels: ArrayLike, maximum: int, seed: int = 0) -> np.ndarray:
    """Choose at most `maximum` rows so that every segment keeps its share.

    Parameters
    ----------
    labels : int array of shape (n_customers,)
    maximum : int
        Rows to choose; all rows are chosen if there are no more.
    seed : int

    Returns
    -------
    int array
        Row numbers in rising order. Every segment keeps at least one row if `maximum` allows.
    """
    labels = np.asarray(labels)
    if len(labels) <= maximum:
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    _, codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    exact = sizes * maximum / len(labels)
    quotas = np.maximum(np.floor(exact).astype(int), 1)
    for i in np.argsort(-(exact - quotas), kind="stable")[: max(0, maximum - quotas.sum())]:
        quotas[i] += 1
    while quotas.sum() > maximum:
        quotas[np.argmax(quotas)] -= 1
    chosen = [
        rng.choice(np.flatnonzero(codes == i), quota, replace=False)
        for i, quota in enumerate(quotas)
    ]
    return np.sort(np.concatenate(chosen))


def component_title(number: int, explained: Sequence[float], words: bool = True) -> str:
    """Return an axis title such as "PC 1 · 49% of variance"; `number` counts from 0."""
    if number >= len(explained):
        return f"PC {number + 1}"
    return f"PC {number + 1} · {explained[number]:.0%}{' of variance' if words else ''}"


def pca_scatter(
    coordinates: ArrayLike,
    labels: ArrayLike,
    names: Sequence[str],
    explained: Sequence[float],
    *,
    customer_ids: Sequence[object] | np.ndarray | None = None,
    size: float | None = None,
    opacity: float | None = None,
    max_points: int = MAX_POINTS,
    seed: int = 0,
    highlight: int | None = None,
    loadings: ArrayLike | None = None,
    features: Sequence[str] = (),
    showlegend: bool = True,
    theme: Theme = LIGHT,
    height: int = 400,
) -> go.Figure:
    """Draw customers by principal component, one trace a segment.

    Parameters
    ----------
    coordinates : array of shape (n_customers, 2) or (n_customers, 3)
        Three columns give a figure that can be turned.
    labels : int array of shape (n_customers,)
    names : sequence of str, length n_clusters
    explained : sequence of float
        Share of variance per component, 0 to 1.
    customer_ids : sequence, optional
        Shown on hover.
    size, opacity : float, optional
        Of a marker; by default they fall with the number of points.
    max_points : int
        Above it, `sample_rows(labels, max_points, seed)` is drawn; at most 20,000.
    highlight : int, optional
        Row number of a customer to ring; it is drawn even if it is not in the sample.
    loadings, features : array of shape (n_features, 2) and their labels, optional
        Arrows for the features (biplot, two dimensions only), scaled to the cloud.
    """
    points = np.asarray(coordinates, dtype=np.float32)
    labels = np.asarray(labels)
    maximum = min(max_points, MAX_POINTS) - (highlight is not None)
    rows = sample_rows(labels, maximum, seed)
    ids = None if customer_ids is None else np.asarray(customer_ids, dtype=object)
    size = size or (7 if len(rows) <= 1_000 else 5 if len(rows) <= 5_000 else 4)
    opacity = opacity or (0.8 if len(rows) <= 1_000 else 0.7 if len(rows) <= 5_000 else 0.6)
    solid = points.shape[1] == 3
    fig = go.Figure()
    for index, name in enumerate(names):
        own = rows[labels[rows] == index]
        color, symbol, _ = segment_style(index)
        marker = {"color": color, "size": size * (0.7 if solid else 1), "opacity": opacity}
        marker["symbol"] = symbol_3d(index) if solid else symbol
        fig.add_trace(
            _cloud(points[own], len(rows), marker, name, None if ids is None else ids[own])
        )
    if highlight is not None:
        text = "" if ids is None else plain(ids[highlight])
        _ring(fig, points[highlight : highlight + 1], text, theme)
    apply(fig, height, theme)
    fig.update_layout(showlegend=showlegend, margin={"l": 16, "r": 16})
    if solid:
        fig.update_layout(scene=_scene(explained, theme), margin={"l": 0, "b": 0})
        return fig
    plane(fig, explained)
    if loadings is not None:
        _arrows(fig, points[rows], np.asarray(loadings, dtype=float), features, theme)
    return fig


def plane(fig: go.Figure, explained: Sequence[float]) -> None:
    """Label the axes of a plane of principal components; its units mean nothing."""
    hidden = {"showticklabels": False, "showgrid": False, "fixedrange": False}
    fig.update_xaxes(title_text=component_title(0, explained), **hidden)
    fig.update_yaxes(title_text=component_title(1, explained), **hidden)


def _cloud(
    points: np.ndarray, total: int, marker: dict, name: str, ids: np.ndarray | None
) -> go.Scatter | go.Scattergl | go.Scatter3d:
    hover = "%{meta}<extra></extra>"
    shared = {"mode": "markers", "marker": marker, "name": short(name, 22), "meta": plain(name)}
    shared["hovertemplate"] = hover
    if ids is not None:
        shared["customdata"] = [plain(i) for i in ids]
        shared["hovertemplate"] = "<b>%{customdata}</b><br>" + hover
    if points.shape[1] == 3:
        return go.Scatter3d(x=points[:, 0], y=points[:, 1], z=points[:, 2], **shared)
    kind = go.Scattergl if total > WEBGL_FROM else go.Scatter
    return kind(x=points[:, 0], y=points[:, 1], **shared)


def _ring(fig: go.Figure, point: np.ndarray, text: str, theme: Theme) -> None:
    ring = {
        "mode": "markers",
        "marker": {
            "symbol": "circle-open",
            "size": 18,
            "color": theme.ink,
            "line": {"width": 2.5, "color": theme.ink},
        },
        "name": "Selected customer",
        "hoverinfo": "skip",
        "showlegend": False,
    }
    label = {
        "text": f"<b>{text}</b>",
        "showarrow": False,
        "yanchor": "bottom",
        "yshift": 12,
        "bgcolor": tint(theme.background, 0.8),
        "font": {"family": FONT, "size": TEXT_SIZE, "color": theme.ink},
    }
    across, up, *depth = point[0].tolist()
    if depth:
        fig.add_trace(go.Scatter3d(x=point[:, 0], y=point[:, 1], z=point[:, 2], **ring))
        fig.update_layout(scene_annotations=[{"x": across, "y": up, "z": depth[0], **label}])
        return
    # WebGL is drawn above everything else, so the ring must be drawn by the same means
    fig.add_trace(type(fig.data[0])(x=point[:, 0], y=point[:, 1], **ring))
    fig.add_annotation(x=across, y=up, **label)


def _scene(explained: Sequence[float], theme: Theme) -> dict:
    def axis(number: int) -> dict:
        title = component_title(number, explained, words=False)
        return {
            "title": {"text": title, "font": {"color": theme.muted, "size": SMALL_SIZE}},
            "showticklabels": False,
            "showbackground": False,
            "showspikes": False,
            "gridcolor": theme.grid,
            "zeroline": False,
            "linecolor": theme.border,
        }

    return {
        "xaxis": axis(0),
        "yaxis": axis(1),
        "zaxis": axis(2),
        "bgcolor": TRANSPARENT,
        "dragmode": "turntable",
        "camera": {"eye": {"x": 1.2, "y": 1.2, "z": 0.7}, "center": {"z": -0.1}},
    }


def _arrows(
    fig: go.Figure,
    points: np.ndarray,
    loadings: np.ndarray,
    features: Sequence[str],
    theme: Theme,
) -> None:
    if not (len(loadings) and len(points)):
        return
    reach = np.abs(points).max(axis=0).astype(float)
    longest = np.abs(loadings[:, :2] / reach).max()
    tips = loadings[:, :2] * (0.85 / longest if longest > 0 else 0)
    places = tips * 1.12
    places[:, 1] = dodge(places[:, 0], places[:, 1], 0.6 * reach[0], 0.13 * reach[1])
    for tip, place, feature in zip(tips, places, features, strict=True):
        fig.add_annotation(
            x=tip[0],
            y=tip[1],
            ax=0,
            ay=0,
            axref="x",
            ayref="y",
            showarrow=True,
            arrowhead=2,
            arrowsize=1,
            arrowwidth=1.6,
            arrowcolor=theme.ink,
            text="",
        )
        fig.add_annotation(
            x=place[0],
            y=place[1],
            text=f"<b>{short(feature)}</b>",
            showarrow=False,
            xanchor="left" if tip[0] >= 0 else "right",
            font={"size": SMALL_SIZE, "color": theme.ink},
            bgcolor=tint(theme.background, 0.75),
            borderpad=1,
        )
