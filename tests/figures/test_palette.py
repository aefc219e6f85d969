import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from segmentation import figures
from segmentation.figures.palette import (
    DARK,
    LIGHT,
    SEGMENT_COLORS,
    SEGMENT_GLYPHS,
    SEGMENT_SYMBOLS,
    scale_color,
    segment_style,
    symbol_3d,
    text_on,
    tint,
)

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(color):
    srgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    light, dark = sorted((linear(c) @ TO_XYZ[1] for c in (first, second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    ratio = TO_XYZ @ np.clip(rgb, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(first, second):
    """Sharma, Wu and Dalal (2005)."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    mean_c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(mean_c7 / (mean_c7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = 0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    delta_l, delta_c = l2 - l1, c2 - c1
    delta_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    t = (
        1
        - 0.17 * np.cos(np.radians(mean_h - 30))
        + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6))
        - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    r_c = 2 * np.sqrt(mean_c**7 / (mean_c**7 + 25**7))
    r_t = -r_c * np.sin(np.radians(60 * np.exp(-(((mean_h - 275) / 25) ** 2))))
    parts = delta_l / s_l, delta_c / s_c, delta_h / s_h
    return np.sqrt(sum(part**2 for part in parts) + r_t * parts[1] * parts[2])


@pytest.mark.parametrize(
    ("first", "second", "published"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (61, -5, 29), 22.8977),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_ciede2000_matches_published_pairs(first, second, published):
    assert ciede2000(first, second) == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize("vision", VISION)
def test_segment_colors_stay_apart_for_every_vision(vision):
    seen = [lab(VISION[vision] @ linear(color)) for color in SEGMENT_COLORS]
    assert min(ciede2000(a, b) for a, b in itertools.combinations(seen, 2)) >= 10


@pytest.mark.parametrize("background", ["#FFFFFF", "#11151C"])
@pytest.mark.parametrize("color", SEGMENT_COLORS)
def test_segment_colors_stand_out_on_both_pages(color, background):
    assert contrast(color, background) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_text_is_readable_on_the_page_and_on_boxes(theme):
    for text in (theme.ink, theme.muted):
        for background in (theme.background, theme.surface):
            assert contrast(text, background) >= 4.5
    assert contrast(theme.accent, theme.background) >= 3
    assert contrast(theme.context, theme.background) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_scales_move_from_the_page_towards_full_contrast(theme):
    steps = [contrast(color, theme.background) for color in theme.sequential]
    assert steps == sorted(steps)
    middle = contrast(theme.diverging[4], theme.diverging[5])
    assert middle < contrast(theme.diverging[0], theme.diverging[5])
    assert len(set(theme.confidence)) == 3


@pytest.mark.parametrize("color", [*SEGMENT_COLORS, *LIGHT.sequential, *DARK.diverging])
def test_text_on_takes_the_more_readable_text(color):
    chosen = text_on(color)
    assert contrast(chosen, color) == max(contrast(t, color) for t in ("#11151C", "#FFFFFF"))


def test_text_on_segment_colors_follows_the_design():
    dark = [i + 1 for i, color in enumerate(SEGMENT_COLORS) if text_on(color) == "#11151C"]
    assert dark == [1, 2, 6, 8]


def test_styles_pair_colors_with_glyphs_without_repeating():
    styles = [segment_style(i) for i in range(128)]
    assert len(set(styles)) == 128
    assert [style[0] for style in styles[:8]] == list(SEGMENT_COLORS)
    assert styles[8][0] == SEGMENT_COLORS[0]
    assert len({style[2] for style in styles[:16]}) == 16
    assert len(SEGMENT_SYMBOLS) == len(SEGMENT_GLYPHS) == 16
    pairs = [(segment_style(i)[0], symbol_3d(i)) for i in range(64)]
    assert len(set(pairs)) == 64


def test_tint_and_scale():
    assert tint("#A8465D", 0.26) == "rgba(168, 70, 93, 0.26)"
    scale = ["#000000", "#FFFFFF", "#FF0000"]
    assert [scale_color(scale, f) for f in (-1, 0, 0.5, 1, 2)] == [
        "#000000",
        "#000000",
        "#FFFFFF",
        "#FF0000",
        "#FF0000",
    ]


def test_colors_live_in_the_palette_only():
    for path in Path(figures.__file__).parent.glob("*.py"):
        if path.name != "palette.py":
            assert not re.search(r"#[0-9A-Fa-f]{6}\b", path.read_text(encoding="utf-8")), path.name
