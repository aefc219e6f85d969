"""Profiles as tables: numbers for figures, words for people."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from segmentation.data.schema import DEPARTMENT_VALUE, describe
from segmentation.enrichment.profiles import SegmentProfile
from segmentation.enrichment.strategies import apart
from segmentation.enrichment.words import amount, count, label, measure, share


def index_table(profiles: Sequence[SegmentProfile]) -> pd.DataFrame:
    """Return the index of every segment and feature, shape (n_segments, n_features).

    The average customer is 100; columns are labels for people. Features without an index in any
    segment are left out.
    """
    statistics = profiles[0].statistics
    table = pd.DataFrame([[p.statistics[name].index for name in statistics] for p in profiles])
    table.columns = [statistic.label for statistic in statistics.values()]
    return table.loc[:, table.notna().any().to_numpy()]


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


def feature_table(profile: SegmentProfile, currency: str = "") -> pd.DataFrame:
    """Return mean, median and index of every feature of a segment, in words."""
    rows = [
        {
            "Feature": s.label,
            "Mean": measure(s.mean, s.unit, currency),
            "Median": measure(s.median, s.unit, currency),
            "All customers, mean": measure(s.population_mean, s.unit, currency),
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
                "Feature": label(column.label),
                "Centre": measure(value, column.unit, currency),
                "Mean": measure(found.mean if found else math.nan, column.unit, currency),
                "Median": measure(found.median if found else math.nan, column.unit, currency),
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


def customer_table(
    customers: pd.DataFrame, row: int, profile: SegmentProfile, currency: str = ""
) -> pd.DataFrame:
    """Return a customer's features beside the means of the segment and of all, in words.

    Only numeric features: labels and personal columns have no place in a profile.
    """
    rows = [
        {
            "Feature": s.label,
            "This customer": measure(float(customers[s.name].iloc[row]), s.unit, currency),
            "Segment mean": measure(s.mean, s.unit, currency),
            "All customers": measure(s.population_mean, s.unit, currency),
        }
        for s in profile.statistics.values()
    ]
    return pd.DataFrame(rows)


def customer_departments(
    customers: pd.DataFrame, row: int, profile: SegmentProfile, currency: str = "", limit: int = 5
) -> pd.DataFrame:
    """Return where a customer spends most, beside the segment's shares, in words."""
    values = {
        d: float(customers[DEPARTMENT_VALUE + d.name].iloc[row]) for d in profile.department_shares
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
