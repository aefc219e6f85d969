"""Files that are either written completely or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path; what was written there replaces `path` unless the block fails.

    Missing directories are made.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A directory of its own, beside the target: same file system, and the file inside gets the
    # permissions of any new file, which a NamedTemporaryFile does not.
    with TemporaryDirectory(dir=path.parent, prefix=".writing-") as directory:
        temporary = Path(directory) / path.name
        yield temporary
        temporary.replace(path)
