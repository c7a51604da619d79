"""Where one job works on a walkthrough's files."""

from __future__ import annotations

from pathlib import Path

from critique.config import Settings
from critique.plumbing.storage import Storage
from critique.walkthroughs.steps import Task


class Bench:
    """Where one job works: its folder, the storage, and the originals once they are at hand."""

    def __init__(self, folder: Path, storage: Storage, settings: Settings) -> None:
        self.folder = folder
        self.storage = storage
        self.settings = settings
        # What this job stored, to be thrown away when its version is removed meanwhile.
        self.kept: list[str] = []
        self._fetched: dict[str, Path] = {}

    def source(self, task: Task) -> Path:
        """The original as a file on this machine; fetched once a job where it is not."""
        return self.file(task.original_key)

    def file(self, key: str) -> Path:
        """A stored file on this machine; fetched once a job where it is not."""
        if key not in self._fetched:
            found = self.storage.local_path(key)
            if found is None:
                found = self.folder / f"original-{len(self._fetched)}"
                self.storage.fetch(key, found)
            self._fetched[key] = found
        return self._fetched[key]

    def keep(self, task: Task, path: Path, content_type: str) -> str:
        """Store a result of this try; gives its key."""
        name = f"{path.stem}-{task.attempt}-{task.tries}{path.suffix}"
        key = f"walkthroughs/{task.walkthrough_id}/{name}"
        self.kept.append(key)
        self.storage.put(key, path, content_type)
        return key
