"""What to do with a segment, and the numbers that made a rule fire."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from segmentation.enrichment.plays import PLAYS, RECENCY, RETURNS, StrategyRule
from segmentation.enrichment.profiles import (
    DepartmentShare,
    FeatureStatistic,
    SegmentProfile,
    Strategy,
)
from segmentation.enrichment.words import count, measure, number, share

AT_LEAST, AT_MOST = 3, 4
LEADS_WITH = "Leads with"
TASTE_INDEX, TASTE_SHARE = 120.0, 0.10
RETURNS_INDEX, RETURNS_RANK = 130.0, 0.55
BORDERLINE_CONFIDENCE = 0.6
CLEARLY, SLIGHTLY = 0.12, 0.02  # distances of a mean rank from 0.5


@dataclass(frozen=True)
class SituationRule:
    """A strategy that fires for any segment when its numbers say so."""

    when: Callable[[SegmentProfile], bool]
    build: Callable[[SegmentProfile, str], Strategy]


def fact(statistic: FeatureStatistic, currency: str = "") -> str:
    """Return one number of a segment in words, beside the population."""
    value, everyone = statistic.mean, statistic.population_mean
    if statistic.name == RECENCY:
        days, usual = number(statistic.median), number(statistic.population_median)
        return f"median last order {days} days ago (all customers {usual})"
    against = (
        f"index {statistic.index:,.0f}"
        if math.isfinite(statistic.index)
        else f"all customers {measure(everyone, statistic.unit, currency)}"
    )
    name = statistic.label[:1].lower() + statistic.label[1:]
    return f"mean {name} {measure(value, statistic.unit, currency)} ({against})"


def evidence(profile: SegmentProfile, features: Iterable[str], currency: str = "") -> str:
    """Return the numbers of the named features that the table has, in words."""
    found = [profile.statistics[n] for n in features if n in profile.statistics]
    shown = [fact(s, currency) for s in found if math.isfinite(s.mean)]
    return ", ".join(shown) or f"{count(profile.size)} customers"


def on_side(statistic: FeatureStatistic, side: int) -> bool:
    """Return whether a feature lies above (side 1) or below (-1) the population.

    Rank and median must agree, and the mean too where texts show it (all but recency): words
    must not contradict the number beside them.
    """
    mean_agrees = (
        statistic.name == RECENCY or side * (statistic.mean - statistic.population_mean) >= 0
    )
    return (
        side * (statistic.rank - 0.5) > 0
        and side * (statistic.median - statistic.population_median) >= 0
        and mean_agrees
    )


def apart(profile: SegmentProfile) -> list[FeatureStatistic]:
    """Return the features that set a segment apart, the strongest first."""
    found = [
        s
        for s in profile.statistics.values()
        if abs(s.rank - 0.5) >= SLIGHTLY and on_side(s, 1 if s.rank > 0.5 else -1)
    ]
    return sorted(found, key=lambda s: -abs(s.rank - 0.5))


def strategies_for(profile: SegmentProfile, play: str, currency: str = "") -> tuple[Strategy, ...]:
    """Return three or four strategies; none for a segment without customers.

    Parameters
    ----------
    profile : SegmentProfile
    play : str
        A key of `PLAYS`; any other key leaves only the rules that fit every segment.
    currency : str
        Sign before amounts.
    """
    if not profile.size:
        return ()
    found = [
        _from_rule(rule, profile, currency) for rule in PLAYS.get(play, ()) if _holds(rule, profile)
    ]
    found += [rule.build(profile, currency) for rule in SITUATIONS if rule.when(profile)]
    fillers = FILLERS if apart(profile) else FILLERS[1:]
    found += [build(profile, currency) for build in fillers[: max(0, AT_LEAST - len(found))]]
    return tuple(
        Strategy(s.action, s.channel, s.why, priority, s.do_not, s.department)
        for priority, s in enumerate(found[:AT_MOST], start=1)
    )


def leading_department(profile: SegmentProfile) -> DepartmentShare | None:
    """Return the department that stands out most against the population, if one does."""
    found = [
        d
        for d in profile.department_shares
        if d.share >= TASTE_SHARE and math.isfinite(d.index) and d.index >= TASTE_INDEX
    ]
    return max(found, key=lambda d: d.index, default=None)


def _holds(rule: StrategyRule, profile: SegmentProfile) -> bool:
    statistics = profile.statistics
    return all(n in statistics and on_side(statistics[n], side) for n, side in rule.when.items())


def _from_rule(rule: StrategyRule, profile: SegmentProfile, currency: str) -> Strategy:
    why = f"{rule.rule}: {evidence(profile, rule.facts, currency)}"
    return Strategy(rule.action, rule.channel, why, 0, rule.do_not)


def _taste(profile: SegmentProfile, currency: str) -> Strategy:
    department = leading_department(profile)
    assert department is not None  # the rule's condition
    return Strategy(
        "Put the favourite department first in offers",
        "e-mail and shop front",
        f"{LEADS_WITH} {department.label}: index {department.index:,.0f}, "
        f"{share(department.share)} of the segment's revenue",
        0,
        "Do not hide the other departments",
        department.label,
    )


def _many_returns(profile: SegmentProfile) -> bool:
    returns = profile.statistics.get(RETURNS)
    return returns is not None and returns.index >= RETURNS_INDEX and returns.rank >= RETURNS_RANK


def _fewer_returns(profile: SegmentProfile, currency: str) -> Strategy:
    return Strategy(
        "Prevent returns with better sizes, pictures and advice",
        "product pages and checkout",
        f"Returns more than others: {evidence(profile, (RETURNS,), currency)}",
        0,
        "Do not reward orders that come back",
    )


def _borderline(profile: SegmentProfile) -> bool:
    confidence = profile.mean_confidence
    return confidence is not None and confidence < BORDERLINE_CONFIDENCE


def _test_first(profile: SegmentProfile, currency: str) -> Strategy:
    return Strategy(
        "Try a campaign on the most typical customers first",
        "any, as a test",
        f"Many customers are between segments: mean membership {profile.mean_confidence:.2f}",
        0,
        "Do not treat border customers as certain members",
    )


def _feature_message(profile: SegmentProfile, currency: str) -> Strategy:
    strongest = [s.name for s in apart(profile)[:1]]
    return Strategy(
        "Write messages for what sets these customers apart",
        "e-mail",
        f"Differs most from all customers: {evidence(profile, strongest, currency)}",
        0,
        "Do not assume more than the numbers show",
    )


def _hold_out(profile: SegmentProfile, currency: str) -> Strategy:
    return Strategy(
        "Measure every campaign against a random hold-out",
        "campaign tool",
        f"Effects are unknown until measured: {count(profile.size)} customers in the segment",
        0,
        "Do not judge by the responses of those who were contacted",
    )


def _listen(profile: SegmentProfile, currency: str) -> Strategy:
    return Strategy(
        "Talk to a few of these customers before spending a budget",
        "interviews",
        f"Numbers show what, not why: {share(profile.percentage / 100)} of customers",
        0,
        "Do not generalize from a single conversation",
    )


SITUATIONS: tuple[SituationRule, ...] = (
    SituationRule(lambda profile: leading_department(profile) is not None, _taste),
    SituationRule(_many_returns, _fewer_returns),
    SituationRule(_borderline, _test_first),
)
FILLERS: tuple[Callable[[SegmentProfile, str], Strategy], ...] = (
    _feature_message,
    _hold_out,
    _listen,
)
