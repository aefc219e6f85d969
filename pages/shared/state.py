"""The only place with keys of the session state."""

import re

import streamlit as st

from pages.shared import cache, jobs
from segmentation.data.dataset import Dataset
from segmentation.methods.registry import METHODS
from segmentation.methods.result import SegmentationResult

SHOWN = "shown"
DATA_JOB = "data"
FIRST_METHODS = ("fuzzy", "gmm")
_DATASET = "dataset"
_RUNS = "runs"
_NAMES = "names"


def prepare() -> None:
    """Give a new session its first data and results, and take in what jobs have finished."""
    if _DATASET not in st.session_state:
        use_dataset(cache.synthetic_dataset(500, 42))
        for method in FIRST_METHODS:
            add_run(cache.quick_result(method, dataset().fingerprint, dataset()), show=False)
    for slot, job in jobs.take_finished([DATA_JOB, *METHODS]).items():
        if slot == DATA_JOB:
            use_dataset(Dataset.load(job.out))
        else:
            result = SegmentationResult.load(job.out)
            if result.data_fingerprint == dataset().fingerprint:
                add_run(result, show=job.request["show"])
        jobs.discard(job)


def dataset() -> Dataset:
    """Return the customers of this session."""
    return st.session_state[_DATASET]


def use_dataset(new: Dataset) -> None:
    """Replace the customers; results of the old ones go."""
    st.session_state[_DATASET] = new
    st.session_state[_RUNS] = {}
    st.session_state[_NAMES] = {}
    st.session_state.pop(SHOWN, None)
    jobs.cancel_all(but=DATA_JOB)


def runs() -> dict[str, SegmentationResult]:
    """Return the newest result of every method that has run, by method key."""
    return st.session_state[_RUNS]


def add_run(result: SegmentationResult, *, show: bool = True) -> None:
    """Keep a result; a method's newest result replaces its older one."""
    found = runs()
    found[result.method] = result
    names = st.session_state[_NAMES]
    st.session_state[_NAMES] = {key: text for key, text in names.items() if key[0] != result.method}
    if show or SHOWN not in st.session_state:
        st.session_state[SHOWN] = result.method


def shown() -> SegmentationResult | None:
    """Return the result that pages show, None before the first run."""
    found = runs()
    return found.get(st.session_state.get(SHOWN)) or next(iter(found.values()), None)


def profiles(result: SegmentationResult) -> tuple:
    """Return the profiles of a result, with the names that the user gave."""
    own = {
        s: text for (method, s), text in st.session_state[_NAMES].items() if method == result.method
    }
    computed = cache.profiles(cache.run_key(result), dataset(), result)
    return tuple(cache.renamed(profile, own.get(profile.segment)) for profile in computed)


def names(result: SegmentationResult) -> list[str]:
    """Return the segment names of a result, in the order of its segments."""
    return [profile.segment_name for profile in profiles(result)]


def rename(result: SegmentationResult, segment: int, name: str | None) -> None:
    """Give a segment the user's name; None brings back the proposed one."""
    if name:
        st.session_state[_NAMES][result.method, segment] = name
    else:
        st.session_state[_NAMES].pop((result.method, segment), None)


def title(result: SegmentationResult) -> str:
    """Return "Gaussian mixture · 4 segments"."""
    return f"{result.title} · {result.n_clusters} segments"


def plain(text: str) -> str:
    """Return text from a file with the signs escaped that Markdown would act on."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~:$])", r"\\\1", " ".join(text.split()))
