import json

import numpy as np
import pandas as pd
import pytest

from segmentation.data.schema import DataError
from segmentation.enrichment.enrichment import ClusterEnrichment


def test_the_published_calls(tmp_path, customers, labels):
    centers = customers.groupby(labels)[["total_revenue", "recency_days"]].mean()
    enrichment = ClusterEnrichment()
    profiles = enrichment.enrich_clusters(customers, labels, centers)
    assert list(profiles) == [0, 1, 2, 3]
    for profile in profiles.values():
        assert profile["segment_name"] and profile["description"]
        assert profile["characteristics"]["size"] > 0
        assert all(str(strategy) for strategy in profile["interaction_strategies"])
    path = tmp_path / "customer_segments_for_ai.json"
    enrichment.export_for_ai_agent(str(path))
    export = json.loads(path.read_bytes())
    assert len(export["customers"]) == len(customers)
    assert export["segments"][0]["segment_name"] == profiles[0]["segment_name"]
    assert export["segments"][0]["center"]["total_revenue"] == pytest.approx(
        centers["total_revenue"].iloc[0], rel=1e-5
    )


def test_currency_stands_before_amounts(customers, labels):
    vip = ClusterEnrichment("€").enrich_clusters(customers, labels)[0]
    assert "mean revenue €" in vip.description


def test_export_before_enrichment_is_a_clear_error(tmp_path):
    with pytest.raises(DataError, match="Call enrich_clusters first"):
        ClusterEnrichment().export_for_ai_agent(tmp_path / "x.json")
    assert not list(tmp_path.iterdir())


def test_lengths_that_differ_are_a_clear_error(customers, labels):
    with pytest.raises(DataError, match="one label for every customer"):
        ClusterEnrichment().enrich_clusters(customers, labels[:-1])


def test_nothing_of_the_caller_is_changed(customers, labels):
    before = customers.copy(deep=True)
    memberships = np.full((len(labels), 4), 0.25)
    ClusterEnrichment().enrich_clusters(customers, labels, None, memberships)
    pd.testing.assert_frame_equal(customers, before)
