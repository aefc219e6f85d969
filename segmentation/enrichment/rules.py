"""Names and descriptions of segments: data tables with cut-offs relative to the population.

Every archetype is a target in the space of mean percentile ranks (0.5 is the average customer), so
currency and scale do not matter. All segments are named at once by an optimal assignment: names
are unique, fit as well as possible together, and do not depend on the order of the segments.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from segmentation.enrichment.archetypes import ARCHETYPES, AXES, WEIGHTS, Archetype, Band
from segmentation.enrichment.plays import HIGH, LOW, RECENCY
from segmentation.enrichment.profiles import FeatureStatistic, SegmentProfile
from segmentation.enrichment.strategies import CLEARLY, apart, evidence, on_side, strategies_for
from segmentation.enrichment.words import share

NEUTRAL_COST = 0.35  # an archetype further away than this says less than a neutral name
IMPOSSIBLE = 1e3
MAX_PARTS = 3

# Words for high and low where "High <label>" would read badly.
_READABLE = {
    RECENCY: ("Long Since Last Order", "Recent Last Order"),
    "total_revenue": ("High Revenue", "Low Revenue"),
    "total_purchases": ("Many Orders", "Few Orders"),
    "avg_order_value": ("Large Orders", "Small Orders"),
    "frequency_per_month": ("Frequent Orders", "Infrequent Orders"),
    "customer_lifetime_months": ("Long Lifetime", "Short Lifetime"),
    "return_rate": ("High Return Rate", "Low Return Rate"),
}
_TYPICAL = "Typical Customers"
_EMPTY = "Empty Segment"


def enrich(profiles: Sequence[SegmentProfile], currency: str = "") -> tuple[SegmentProfile, ...]:
    """Return the profiles with unique names, descriptions and strategies.

    Parameters
    ----------
    profiles : sequence of SegmentProfile
        Of one segmentation, from `segmentation.enrichment.profiles.profile_segments`.
    currency : str
        Sign before amounts, such as "€".
    """
    chosen = assign_archetypes(profiles)
    names = _unique_names(profiles, chosen)
    return tuple(
        replace(
            profile,
            segment_name=name,
            description=_description(profile, archetype, currency),
            interaction_strategies=strategies_for(profile, _play(profile, archetype), currency),
        )
        for profile, archetype, name in zip(profiles, chosen, names, strict=True)
    )


def assign_archetypes(profiles: Sequence[SegmentProfile]) -> list[Archetype | None]:
    """Return the best-fitting archetype of every segment, each used at most once.

    None where no archetype holds or is near: such a segment gets a neutral name.
    """
    k, n = len(profiles), len(ARCHETYPES)
    costs = np.full((k, n + k), IMPOSSIBLE)
    for row, profile in enumerate(profiles):
        costs[row, n + row] = NEUTRAL_COST
        for column, archetype in enumerate(ARCHETYPES):
            if eligible(profile, archetype):
                costs[row, column] = _distance(profile, archetype) + archetype.extra_cost
    rows, columns = linear_sum_assignment(costs)
    return [
        ARCHETYPES[column] if column < n else None
        for _, column in sorted(zip(rows.tolist(), columns.tolist(), strict=True))
    ]


def eligible(profile: SegmentProfile, archetype: Archetype) -> bool:
    """Return whether the data allow the name: every hard condition holds."""
    needed = {axis for axis, t in zip(AXES, archetype.target, strict=True) if t is not None}
    if not profile.size or not needed & profile.statistics.keys():
        return False
    statistics = profile.statistics
    needs = {*archetype.bounds, *archetype.index, *archetype.mean}
    if any(name not in statistics or not math.isfinite(statistics[name].rank) for name in needs):
        return False
    return (
        all(_within(statistics[name], band) for name, band in archetype.bounds.items())
        and all(low <= statistics[n].index <= high for n, (low, high) in archetype.index.items())
        and all(low <= statistics[n].mean <= high for n, (low, high) in archetype.mean.items())
    )


def _within(statistic: FeatureStatistic, band: Band) -> bool:
    low, high = band
    if low >= 0.5 and not on_side(statistic, HIGH):
        return False
    if high <= 0.5 and not on_side(statistic, LOW):
        return False
    return low <= statistic.rank <= high


def _distance(profile: SegmentProfile, archetype: Archetype) -> float:
    """Weighted root mean square distance from the target, over the axes the table has."""
    total = weight_sum = 0.0
    for axis, target, weight in zip(AXES, archetype.target, WEIGHTS, strict=True):
        statistic = profile.statistics.get(axis)
        if target is not None and statistic is not None and math.isfinite(statistic.rank):
            total += weight * (statistic.rank - target) ** 2
            weight_sum += weight
    return math.sqrt(total / weight_sum)


def _unique_names(
    profiles: Sequence[SegmentProfile], chosen: Sequence[Archetype | None]
) -> list[str]:
    names = [archetype.name if archetype else "" for archetype in chosen]
    parts = [[_part(s) for s in apart(p)] for p in profiles]
    for depth in range(1, MAX_PARTS + 1):
        open_ = [i for i, name in enumerate(names) if not name and len(parts[i]) >= depth]
        offered = {i: " and ".join(parts[i][:depth]) for i in open_}
        seen = Counter(offered.values())
        for i, name in offered.items():
            if seen[name] == 1 and name not in names:
                names[i] = name
    # What is still open looks alike in words: number it, the largest segment first.
    order = sorted((i for i, n in enumerate(names) if not n), key=lambda i: _stable(profiles[i]))
    for i in order:
        base = (" and ".join(parts[i][:1]) or _TYPICAL) if profiles[i].size else _EMPTY
        name, number = base, 1
        while name in names:
            number += 1
            name = f"{base} {number}"
        names[i] = name
    return names


def _play(profile: SegmentProfile, archetype: Archetype | None) -> str:
    if archetype:
        return archetype.play
    return "" if apart(profile) else "typical"


def _stable(profile: SegmentProfile) -> tuple[float, ...]:
    """Return a sort key that does not depend on the segment's number."""
    means = [s.mean for s in profile.statistics.values()]
    return (-profile.size, *(-m if math.isfinite(m) else math.inf for m in means))


def _part(statistic: FeatureStatistic) -> str:
    """Return "High <label>" and the like for a feature that sets a segment apart."""
    high_side, label = statistic.rank > 0.5, statistic.label
    if abs(statistic.rank - 0.5) < CLEARLY:
        return f"Slightly {'Higher' if high_side else 'Lower'} {label}"
    high, low = _READABLE.get(statistic.name, (f"High {label}", f"Low {label}"))
    return high if high_side else low


def _description(profile: SegmentProfile, archetype: Archetype | None, currency: str) -> str:
    if not profile.size:
        return "No customer has this segment as the most likely one."
    if archetype:
        lead, facts = archetype.lead, archetype.facts
    elif differing := apart(profile):
        lead, facts = "Customers who differ from the average", tuple(s.name for s in differing[:2])
    else:
        lead, facts = "Customers close to the average", tuple(profile.statistics)[:2]
    size = f"{share(profile.percentage / 100)} of customers"
    if math.isfinite(profile.revenue_share):
        size += f" bring {share(profile.revenue_share)} of revenue"
    return f"{lead}. {size}: {evidence(profile, facts, currency)}."
