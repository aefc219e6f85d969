"""Exact, bounded caches around library calls.

Streamlit hashes large tables from a sample, so an edited cell could go unnoticed: everything here
is keyed by the SHA-256 of the data and by parameters, and takes the data itself unhashed. Results
are shared between sessions and never changed.
"""

import dataclasses
import json

import streamlit as st

from segmentation import pipeline
from segmentation.data import samples
from segmentation.data.dataset import Dataset
from segmentation.data.lookup import CustomerIndex
from segmentation.enrichment.profiles import SegmentProfile
from segmentation.methods.registry import METHODS
from segmentation.methods.result import SegmentationResult
from segmentation.quality import agreement, clarity, projection
from segmentation.quality.description import (
    Description,
    FeatureValues,
    describe_customers,
    feature_values,
)

ENTRIES = 16


def run_key(result: SegmentationResult) -> str:
    """Return a text that is the same for the same run: data, method, parameters."""
    return json.dumps([result.data_fingerprint, result.method, result.parameters], sort_keys=True)


@st.cache_resource(max_entries=4, show_spinner=False)
def synthetic_dataset(n_customers: int, seed: int, overlap: float = 0.3) -> Dataset:
    """Return generated customers."""
    return samples.synthetic_dataset(n_customers, seed, overlap)


@st.cache_resource(max_entries=ENTRIES, show_spinner=False)
def quick_result(method: str, fingerprint: str, _dataset: Dataset) -> SegmentationResult:
    """Fit a method with its defaults; only for the small data of a first visit."""
    return METHODS[method]().fit(_dataset.customers).result(_dataset.customers)


@st.cache_resource(max_entries=ENTRIES, show_spinner=False)
def profiles(
    key: str, _dataset: Dataset, _result: SegmentationResult
) -> tuple[SegmentProfile, ...]:
    """Return names, statistics and strategies of the segments of a run."""
    return pipeline.name_segments(_dataset, _result)


def renamed(profile: SegmentProfile, name: str | None) -> SegmentProfile:
    """Return a profile under another name."""
    return dataclasses.replace(profile, segment_name=name) if name else profile


@st.cache_resource(max_entries=ENTRIES, show_spinner=False)
def project(fingerprint: str, _dataset: Dataset) -> projection.Projection:
    """Return the principal components of the customers."""
    return projection.project(_dataset.customers)


@st.cache_resource(max_entries=4, show_spinner=False)
def customer_index(fingerprint: str, _dataset: Dataset) -> CustomerIndex:
    """Return the customers' ids, ready to be searched."""
    return CustomerIndex(_dataset.customers["customer_id"])


@st.cache_resource(max_entries=ENTRIES, show_spinner=False)
def border_share(key: str, _result: SegmentationResult) -> float | None:
    """Return the share of customers between two segments; None if memberships are crisp."""
    memberships = _result.memberships
    return None if clarity.is_crisp(memberships) else clarity.border_share(memberships)


@st.cache_resource(max_entries=ENTRIES, show_spinner=False)
def description(fingerprint: str, _dataset: Dataset) -> Description:
    """Return what the customers are like before any method."""
    return describe_customers(_dataset.customers)


@st.cache_resource(max_entries=4, show_spinner=False)
def feature(fingerprint: str, name: str, _dataset: Dataset) -> FeatureValues:
    """Return one feature as given and as it enters the distance."""
    return feature_values(_dataset.customers, name)


@st.cache_resource(max_entries=ENTRIES, show_spinner=False)
def agreement_matrix(
    keys: tuple[str, ...], _results: list[SegmentationResult]
) -> list[list[float]]:
    """Return the adjusted Rand index of every pair of runs."""
    return agreement.agreement_matrix([result.labels for result in _results]).tolist()
