"""Where files of people live: a folder, or S3, behind one small interface."""

from __future__ import annotations

from flask import current_app

from critique.config import Settings
from critique.plumbing.storage.base import NoSuchFile, Storage, StorageFailed
from critique.plumbing.storage.folder import FolderStorage

__all__ = ["NoSuchFile", "Storage", "StorageFailed", "open_storage", "storage"]


def open_storage(settings: Settings) -> Storage:
    """The storage these settings name: S3 when there is a bucket, else the folder of files."""
    if settings.s3_bucket is None:
        return FolderStorage(settings.files)
    # boto3 takes a third of a second to import, so only those who use it wait for it.
    from critique.plumbing.storage.s3 import S3Storage

    return S3Storage(settings.s3_bucket, settings.s3_endpoint)


def storage() -> Storage:
    """The running application's storage, opened on first use."""
    found: Storage | None = current_app.extensions.get("critique_storage")
    if found is None:
        found = open_storage(current_app.extensions["critique_settings"])
        current_app.extensions["critique_storage"] = found
    return found
