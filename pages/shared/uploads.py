"""Uploaded files on their way to the worker process, which alone opens them."""

import re
from datetime import date

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.shared import jobs, state

_TAKEN = "upload_taken"
_LONGEST_NAME = 60  # characters of up to four bytes; file systems take 255 bytes


def take(file: UploadedFile, as_of: date | None) -> bool:
    """Start to read a file; return False if it was taken before with the same date."""
    token = (file.file_id, as_of)
    if st.session_state.get(_TAKEN) == token:
        return False
    st.session_state[_TAKEN] = token
    request = {
        "task": "read",
        "name": file.name,
        "as_of": None if as_of is None else as_of.isoformat(),
    }
    upload = (_safe_name(file.name), file.getvalue())
    jobs.start(state.DATA_JOB, state.plain(file.name), request, upload=upload)
    return True


def _safe_name(name: str) -> str:
    """Return a file name without folders and odd characters; its ending tells the kind."""
    return re.sub(r"[^\w .()-]", "_", name)[-_LONGEST_NAME:].strip(". ") or "upload"
