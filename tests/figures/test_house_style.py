"""What holds for every figure, every number of segments and both themes."""

import json

import numpy as np
import pandas as pd
import pytest

from segmentation.figures import compare, data, memberships, profiles, scatter, shares, uncertainty
from segmentation.figures.palette import DARK, LIGHT, SEGMENT_COLORS

HOSTILE = "Food & <b>Drink</b>"
FEATURES = ["Orders", HOSTILE, "Recency", "Lifetime", "Return rate"]


def names(k):
    return [HOSTILE if i == 0 else f"Segment {i}" for i in range(k)]


def customers(k, n=120):
    rng = np.random.default_rng(k)
    labels = np.arange(n) % k
    soft = rng.dirichlet(np.ones(k), n)
    soft[np.arange(n), labels] += 1
    soft /= soft.sum(axis=1, keepdims=True)
    return rng.normal(size=(n, 3)) + labels[:, None], labels, soft


def index_table(k):
    values = 100 * np.random.default_rng(k).lognormal(0, 0.8, (k, 5))
    return pd.DataFrame(values, columns=FEATURES)


def covariances(k):
    return np.stack([np.array([[1.0, 0.3], [0.3, 0.5]])] * k)


def bic_table():
    rows = [
        (k, kind, 1000.0 + 10 * (k - 4) ** 2) for kind in ("full", HOSTILE) for k in range(1, 8)
    ]
    return pd.DataFrame(rows, columns=["n_clusters", "covariance_type", "bic"])


def by_segment():
    def pca(k, theme):
        points, labels, _ = customers(k)
        return scatter.pca_scatter(
            points[:, :2], labels, names(k), [0.5, 0.2], highlight=3, theme=theme
        )

    def solid(k, theme):
        points, labels, _ = customers(k)
        return scatter.pca_scatter(points, labels, names(k), [0.5, 0.2, 0.1], theme=theme)

    def heatmap(k, theme):
        _, labels, soft = customers(k)
        return memberships.membership_heatmap(soft, labels, names(k), theme=theme)

    def bands(k, theme):
        _, labels, soft = customers(k)
        return uncertainty.bands_by_segment(soft.max(axis=1), labels, names(k), theme=theme)

    def ellipses(k, theme):
        points, labels, soft = customers(k)
        means = np.stack([points[labels == i, :2].mean(axis=0) for i in range(k)])
        return uncertainty.component_ellipses(
            points[:, :2],
            labels,
            means,
            covariances(k),
            names(k),
            [0.5, 0.2],
            soft.max(axis=1) < 0.6,
            theme=theme,
        )

    def contingency(k, theme):
        return compare.contingency(names(k), names(k), 100 * np.eye(k), theme=theme)

    def flow(k, theme):
        return compare.flow(names(k), names(k), 50 * np.eye(k, dtype=int), "A", "B", theme=theme)

    def treemap(k, theme):
        return shares.revenue_treemap(names(k), np.arange(k, 0, -1), "{:.0f}".format, theme=theme)

    def dumbbell(k, theme):
        return shares.share_dumbbell(names(k), np.ones(k) / k, np.ones(k) / k, theme=theme)

    return {
        "pca": pca,
        "pca_3d": solid,
        "membership_heatmap": heatmap,
        "gap_histogram": lambda k, t: memberships.gap_histogram(customers(k)[2], 0.2, theme=t),
        "bands_by_segment": bands,
        "component_ellipses": ellipses,
        "contingency": contingency,
        "flow": flow,
        "revenue_treemap": treemap,
        "share_dumbbell": dumbbell,
        "index_bars": lambda k, t: profiles.index_bars(index_table(k), k - 1, theme=t),
        "radar": lambda k, t: profiles.radar(index_table(k), names(k), theme=t),
        "index_heatmap": lambda k, t: profiles.index_heatmap(index_table(k), names(k), theme=t),
        "department_heatmap": lambda k, t: profiles.department_heatmap(
            index_table(k) / 1000, names(k), theme=t
        ),
        "membership_bars": lambda k, t: profiles.membership_bars(np.ones(k) / k, names(k), theme=t),
    }


def without_segments():
    values = np.random.default_rng(0).lognormal(3, 1, 200)
    months = pd.DataFrame({"month": pd.date_range("2025-01-01", periods=6), "revenue": 1.0})
    return {
        "confidence_histogram": lambda t: memberships.confidence_histogram([0.4, 0.8, 1], theme=t),
        "bic_curves": lambda t: uncertainty.bic_curves(bic_table(), theme=t),
        "agreement_matrix": lambda t: compare.agreement_matrix([HOSTILE, "B"], np.eye(2), theme=t),
        "distribution": lambda t: data.distribution(values, np.log(values), HOSTILE, theme=t),
        "correlation": lambda t: data.correlation(index_table(6).corr(), theme=t),
        "sales_bars": lambda t: data.sales_bars([HOSTILE, "B"], [2.0, 1.0], str, theme=t),
        "loss_curves": lambda t: data.loss_curves({"loss": [2, 1], "val_loss": [3, 2]}, theme=t),
        "monthly_line": lambda t: data.monthly_line(months, theme=t),
    }


BY_SEGMENT = by_segment()
WITHOUT = without_segments()
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def check(fig, theme):
    layout = fig.layout
    assert layout.template.layout.to_plotly_json() == {}
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert layout.font.color == theme.ink
    assert layout.height >= 240
    assert layout.title.text is None
    text = fig.to_json()
    assert "<b>Drink" not in text
    assert "\\u003cb\\u003eDrink" not in text
    json.loads(text)


@THEMES
@pytest.mark.parametrize("k", [1, 2, 8, 9, 12])
@pytest.mark.parametrize("figure", BY_SEGMENT)
def test_every_number_of_segments(figure, k, theme):
    check(BY_SEGMENT[figure](k, theme), theme)


@pytest.mark.parametrize("k", [3, 4, 5, 6, 7, 10, 11])
def test_numbers_of_segments_between(k):
    for figure in BY_SEGMENT.values():
        check(figure(k, LIGHT), LIGHT)


@THEMES
@pytest.mark.parametrize("figure", WITHOUT)
def test_figures_without_segments(figure, theme):
    check(WITHOUT[figure](theme), theme)


@pytest.mark.parametrize("figure", [*BY_SEGMENT, *WITHOUT])
def test_no_color_of_one_theme_in_the_other(figure):
    def build(theme):
        maker = BY_SEGMENT.get(figure)
        return (maker(6, theme) if maker else WITHOUT[figure](theme)).to_json()

    def own(theme):
        return {theme.background, theme.ink, theme.muted, theme.grid, *theme.sequential}

    shared = own(LIGHT) & own(DARK) | {"#FFFFFF", "#11151C", *SEGMENT_COLORS}
    for theme, other in ((LIGHT, DARK), (DARK, LIGHT)):
        text = build(theme)
        assert not [color for color in own(other) - shared if color in text]
