"""Profiles as tables: numbers for figures, words for people."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from segmentation.data.schema import DEPARTMENT_VALUE, describe
from segmentation.enrichment.profiles import FeatureStatistic, SegmentProfile
from segmentation.enrichment.strategies import apart
from segmentation.enrichment.words import amount, count, label, measure, share

LOWEST_INDEX = 10


def index_table(profiles: Sequence[SegmentProfile]) -> pd.DataFrame:
    """Return the index of every segment and feature, shape (n_segments, n_features).

    The average customer is 100; columns are labels for people. Features without an index in any
    segment are left out.
    """
    statistics = profiles[0].statistics
    table = pd.DataFrame([[p.statistics[name].index for name in statistics] for p in profiles])
    table.columns = [statistic.label for statistic in statistics.values()]
    return table.loc[:, table.notna().any().to_numpy()]


def strongest(profile: SegmentProfile) -> FeatureStatistic | None:
    """Return the feature whose index is furthest from 100; half is as far as double."""
    known = [s for s in profile.statistics.values() if math.isfinite(s.index)]
    found = [s for s in known if round(s.index) != 100]
    return max(found, key=lambda s: abs(math.log(max(s.index, 1) / 100)), default=None)


def widest(table: pd.DataFrame) -> tuple[str, float, float] | None:
    """Return the column of an index table with the largest ratio, its lowest and highest value.

    Below 10 an index counts as 10: nearly nothing is not many times more than nothing. None if no
    column differs between segments.
    """
    lows, highs = table.min().tolist(), table.max().tolist()
    found = [
        (str(name), low, high)
        for name, low, high in zip(table.columns, lows, highs, strict=True)
        if round(high) > round(low)
    ]
    return max(found, key=lambda entry: entry[2] / max(entry[1], LOWEST_INDEX), default=None)


def peak(table: pd.DataFrame, least: float = 120) -> tuple[int, str, float] | None:
    """Return row, column and value of the highest index; None if nothing stands out."""
    found = [
        (row, str(name), value)
        for row, values in enumerate(table.to_numpy().tolist())
        for name, value in zip(table.columns, values, strict=True)
        if value >= least
    ]
    return max(found, key=lambda entry: entry[2], default=None)


def department_table(profiles: Sequence[SegmentProfile]) -> pd.DataFrame:
    """Return the index of every segment and department, the largest department first.

    Shape (n_segments, n_departments), none without departments; columns are labels for people.
    """
    weights: dict[str, float] = {}
    for profile in profiles:
        for d in profile.department_shares:
            weights[d.name] = weights.get(d.name, 0.0) + d.share * profile.revenue_share
    order = sorted(weights, key=lambda name: -weights[name])
    rows = [{d.name: d.index for d in profile.department_shares} for profile in profiles]
    table = pd.DataFrame(rows, columns=order, index=range(len(profiles)))
    table.columns = [label(describe(DEPARTMENT_VALUE + name).label) for name in order]
    return table


def one_liners(profiles: Sequence[SegmentProfile]) -> list[str]:
    """Return a line on every segment: what its description starts with.

    Where several start alike, their numbers say more.
    """
    leads = [profile.description.split(". ")[0].rstrip(".") for profile in profiles]
    numbers = [profile.description.rpartition(": ")[2].rstrip(".") for profile in profiles]
    return [
        lead if leads.count(lead) == 1 else text[:1].upper() + text[1:]
        for lead, text in zip(leads, numbers, strict=True)
    ]


def key_facts(profile: SegmentProfile, currency: str = "") -> list[tuple[str, str]]:
    """Return three values of a segment, each with its label."""
    weight = (
        (share(profile.revenue_share), "of revenue")
        if math.isfinite(profile.revenue_share)
        else (share(profile.percentage / 100), "of customers")
    )
    facts = [(count(profile.size), "customers"), weight]
    order = profile.statistics.get("avg_order_value")
    if order is not None:
        return [*facts, (amount(order.mean, currency), "average order")]
    different = [*apart(profile), *profile.statistics.values()][:1]
    return [
        *facts,
        *((measure(s.mean, s.unit, currency), f"mean {s.label.lower()}") for s in different),
    ]


def _named(text: str, unit: str) -> str:
    return f"{text}, months" if unit == "months" else text


def _value(customers: pd.DataFrame, name: str, row: int) -> float:
    return float(customers[name].iloc[[row]].to_numpy(dtype=float, na_value=math.nan)[0])


def _cell(value: float, unit: str, currency: str) -> str:
    return measure(value, "" if unit == "months" else unit, currency)


def feature_table(profile: SegmentProfile, currency: str = "") -> pd.DataFrame:
    """Return mean, median and index of every feature of a segment, in words."""
    rows = [
        {
            "Feature": _named(s.label, s.unit),
            "Mean": _cell(s.mean, s.unit, currency),
            "Median": _cell(s.median, s.unit, currency),
            "Mean of all": _cell(s.population_mean, s.unit, currency),
            "Index": count(s.index),
        }
        for s in profile.statistics.values()
    ]
    return pd.DataFrame(rows)


def center_table(profile: SegmentProfile, currency: str = "") -> pd.DataFrame:
    """Return centre, mean and median of the features that entered the distance, in words."""
    rows = []
    for name, value in profile.center.items():
        column, found = describe(name), profile.statistics.get(name)
        rows.append(
            {
                "Feature": _named(label(column.label), column.unit),
                "Centre": _cell(value, column.unit, currency),
                "Mean": _cell(found.mean if found else math.nan, column.unit, currency),
                "Median": _cell(found.median if found else math.nan, column.unit, currency),
            }
        )
    return pd.DataFrame(rows)


def taste_table(profile: SegmentProfile, limit: int = 6) -> pd.DataFrame:
    """Return the largest departments of a segment with share, index and top classes, in words."""
    rows = [
        {
            "Department": d.label,
            "Of revenue": share(d.share),
            "Index": count(d.index),
            "Top classes": ", ".join(c.label for c in d.top_classes),
        }
        for d in profile.department_shares[:limit]
        if d.share > 0
    ]
    table = pd.DataFrame(rows)
    return table if rows and table["Top classes"].any() else table.iloc[:, :3]


def customer_headline(
    customers: pd.DataFrame, row: int, profile: SegmentProfile, currency: str = ""
) -> str:
    """Return a customer's revenue, or else first feature, beside the segment's mean."""
    statistics = profile.statistics
    s = statistics.get("total_revenue") or next(iter(statistics.values()))
    own = measure(_value(customers, s.name, row), s.unit, currency)
    return f"{s.label} {own}, segment mean {measure(s.mean, s.unit, currency)}"


def customer_table(
    customers: pd.DataFrame, row: int, profile: SegmentProfile, currency: str = ""
) -> pd.DataFrame:
    """Return a customer's features beside the means of the segment and of all, in words.

    Only numeric features: labels and personal columns have no place in a profile.
    """
    rows = [
        {
            "Feature": _named(s.label, s.unit),
            "This customer": _cell(_value(customers, s.name, row), s.unit, currency),
            "Segment mean": _cell(s.mean, s.unit, currency),
            "Mean of all": _cell(s.population_mean, s.unit, currency),
        }
        for s in profile.statistics.values()
    ]
    return pd.DataFrame(rows)


def customer_departments(
    customers: pd.DataFrame, row: int, profile: SegmentProfile, currency: str = "", limit: int = 5
) -> pd.DataFrame:
    """Return where a customer spends most, beside the segment's shares, in words."""
    values = {
        d: _value(customers, DEPARTMENT_VALUE + d.name, row) for d in profile.department_shares
    }
    spent = {d: value for d, value in values.items() if value > 0}
    total = sum(spent.values())
    order = sorted(spent, key=lambda d: (-spent[d], d.name))[:limit]
    rows = [
        {
            "Department": d.label,
            "Revenue": amount(spent[d], currency),
            "Of this customer": share(spent[d] / total),
            "Of the segment": share(d.share),
        }
        for d in order
    ]
    return pd.DataFrame(rows)
