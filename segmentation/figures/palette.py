"""The only place with colours: segments, themes, and what to write on top of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# At least 3:1 on both page backgrounds and far apart for every common kind of colour vision.
SEGMENT_COLORS: tuple[str, ...] = (
    "#5493E7",
    "#D27E23",
    "#148376",
    "#A8465D",
    "#645B9F",
    "#779A73",
    "#706417",
    "#AD82A5",
)
_SHAPES = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "triangle-down",
    "cross",
    "star",
    "hexagon",
)
# The second half serves segments nine to sixteen, whose colours repeat.
SEGMENT_SYMBOLS: tuple[str, ...] = _SHAPES + tuple(f"{shape}-open" for shape in _SHAPES)
SEGMENT_GLYPHS: tuple[str, ...] = tuple("●■▲◆▼✚★⬢○□△◇▽✛☆⬡")
# Plotly knows only eight symbols in three dimensions.
SYMBOLS_3D: tuple[str, ...] = (
    "circle",
    "square",
    "diamond-open",
    "diamond",
    "circle-open",
    "cross",
    "x",
    "square-open",
)
DARK_TEXT = "#11151C"
LIGHT_TEXT = "#FFFFFF"


@dataclass(frozen=True)
class Theme:
    """Colours of everything that is not a segment, for one page background.

    Attributes
    ----------
    name : str
        "light" or "dark".
    background, surface, border : str
        Page, boxes on the page, and their borders.
    ink, muted, grid : str
        Text, secondary text, grid lines.
    accent, context : str
        What matters, and the grey of everything beside it.
    sequential, diverging : tuple of str
        Ten steps from low to high; the diverging scale is neutral in its middle.
    """

    name: str
    background: str
    surface: str
    border: str
    ink: str
    muted: str
    grid: str
    accent: str
    context: str
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]

    @property
    def confidence(self) -> tuple[str, str, str]:
        """Three steps of one blue: low, medium and high confidence."""
        return self.sequential[9], self.sequential[6], self.sequential[4]


LIGHT = Theme(
    name="light",
    background="#FFFFFF",
    surface="#F3F5F9",
    border="#DFE4EC",
    ink="#1B2430",
    muted="#5A6675",
    grid="#E6EAF1",
    accent="#3B6AAB",
    context="#8592A4",
    sequential=(
        "#F0F5FA",
        "#BFE0FF",
        "#96C8FF",
        "#75B0F6",
        "#5B98E3",
        "#4880CA",
        "#3B6AAB",
        "#325588",
        "#2B4164",
        "#242E3F",
    ),
    diverging=(
        "#803100",
        "#A05D39",
        "#BE896E",
        "#DAB7A5",
        "#F1E6E1",
        "#E2E9F1",
        "#AAC2DD",
        "#759AC5",
        "#4274AA",
        "#014E8E",
    ),
)
DARK = Theme(
    name="dark",
    background="#11151C",
    surface="#1B212B",
    border="#2C3542",
    ink="#E6EAF0",
    muted="#A3AFBF",
    grid="#2C3542",
    accent="#5AA6E9",
    context="#6F7C8E",
    sequential=(
        "#181E2A",
        "#21314C",
        "#284670",
        "#2D5C95",
        "#3473B6",
        "#428CD3",
        "#5AA6E9",
        "#7BC0F9",
        "#A4D9FF",
        "#D1F0FF",
    ),
    diverging=(
        "#F6AB6B",
        "#C38857",
        "#916845",
        "#614935",
        "#332D28",
        "#2A2F35",
        "#3C5167",
        "#51759B",
        "#679BD0",
        "#80C3FF",
    ),
)


def segment_style(index: int) -> tuple[str, str, str]:
    """Return colour, plotly symbol and text glyph of a segment.

    Above eight segments colours repeat with another glyph; the pair is unique up to 128 segments.

    >>> segment_style(0)
    ('#5493E7', 'circle', '●')
    >>> segment_style(8)
    ('#5493E7', 'circle-open', '○')
    """
    count = len(SEGMENT_SYMBOLS)
    shape = (index + 3 * (index // count)) % count
    color = SEGMENT_COLORS[index % len(SEGMENT_COLORS)]
    return color, SEGMENT_SYMBOLS[shape], SEGMENT_GLYPHS[shape]


def symbol_3d(index: int) -> str:
    """Return the plotly symbol of a segment in three dimensions."""
    count = len(SYMBOLS_3D)
    return SYMBOLS_3D[(index + 3 * (index // count)) % count]


def _channels(color: str) -> tuple[int, int, int]:
    value = int(color.removeprefix("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255


def tint(color: str, alpha: float) -> str:
    """Return a colour with an opacity.

    >>> tint("#5493E7", 0.26)
    'rgba(84, 147, 231, 0.26)'
    """
    red, green, blue = _channels(color)
    return f"rgba({red}, {green}, {blue}, {alpha:g})"


def _luminance(color: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in _channels(color))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def text_on(color: str) -> str:
    """Return the more readable of dark and white text on a solid fill (WCAG contrast).

    >>> text_on("#5493E7"), text_on("#148376")
    ('#11151C', '#FFFFFF')
    """
    luminance = _luminance(color) + 0.05
    white, dark = 1.05 / luminance, luminance / (_luminance(DARK_TEXT) + 0.05)
    return DARK_TEXT if dark > white else LIGHT_TEXT


def scale_color(scale: Sequence[str], fraction: float) -> str:
    """Return the colour at a fraction from 0 to 1 of an evenly spaced scale.

    >>> scale_color(["#000000", "#FFFFFF"], 0.2)
    '#333333'
    """
    position = min(max(fraction, 0.0), 1.0) * (len(scale) - 1)
    first = min(int(position), len(scale) - 2)
    share = position - first
    pairs = zip(_channels(scale[first]), _channels(scale[first + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)
