"""From labels to named segments with strategies: the published entry point."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from segmentation.data.schema import DataError, Fault
from segmentation.enrichment.profiles import SegmentProfile, profile_segments
from segmentation.enrichment.rules import enrich


@dataclass(frozen=True, eq=False)
class _Enriched:
    customers: pd.DataFrame
    labels: np.ndarray
    memberships: np.ndarray | None
    profiles: tuple[SegmentProfile, ...]


class ClusterEnrichment:
    """Name, describe and advise on segments.

    Parameters
    ----------
    currency : str
        Sign before amounts, such as "€".
    """

    def __init__(self, currency: str = ""):
        self.currency = currency
        self._last: _Enriched | None = None

    def enrich_clusters(
        self,
        customers: pd.DataFrame,
        labels: np.ndarray,
        centers: pd.DataFrame | None = None,
        memberships: np.ndarray | None = None,
    ) -> dict[int, SegmentProfile]:
        """Return the profile of every segment, by label.

        Parameters
        ----------
        customers : DataFrame of shape (n_customers, n_columns)
        labels : int array of shape (n_customers,)
            From 0.
        centers : DataFrame of shape (n_clusters, n_features), optional
            In original units.
        memberships : float array of shape (n_customers, n_clusters), optional

        Raises
        ------
        DataError
            If lengths differ, or labels are not whole numbers from 0.
        """
        labels = np.asarray(labels)
        memberships = None if memberships is None else np.asarray(memberships, dtype=float)
        profiles = enrich(profile_segments(customers, labels, centers, memberships), self.currency)
        self._last = _Enriched(customers, labels, memberships, profiles)
        return {profile.segment: profile for profile in profiles}

    def export_for_ai_agent(self, path: str | Path) -> None:
        """Write segments and customers of the last `enrich_clusters` as JSON for AI agents.

        Raises
        ------
        DataError
            If nothing has been enriched yet.
        """
        if self._last is None:
            raise DataError(
                [Fault("there are no segments to export.", "Call enrich_clusters first.")]
            )
        # Exports are downstream of enrichment; this published call is the one exception, so the
        # import waits until it is made.
        from segmentation.export.agents import build_agent_export, write_agent_export

        last = self._last
        export = build_agent_export(
            last.customers,
            last.profiles,
            last.labels,
            last.memberships,
            currency=self.currency,
        )
        write_agent_export(export, Path(path))
