"""Files in an S3 bucket: parts of 8 MiB in, links of a few minutes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from critique.plumbing.storage.base import NoSuchFile, StorageFailed, checked

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART_BYTES = 8 * 1024 * 1024
LONGEST_LINK_SECONDS = 300
ABSENT = {"404", "NoSuchKey", "NotFound"}
# Refused now, and by the same settings refused again.
PERMANENT = {
    "AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket",
    "EntityTooLarge", "InvalidBucketName",
}  # fmt: skip
UNREACHED = (
    "The storage cannot be reached just now. What was saved before is kept. Try again in a few "
    "minutes; if it stays, tell your admin."
)
REFUSED = (
    "The storage refused this. What was saved before is kept. Tell your admin: the bucket or its "
    "keys are not set up right (`critique doctor` says more)."
)


class S3Storage:
    """Files in one bucket; keys and region come from the usual AWS variables."""

    def __init__(self, bucket: str, endpoint: str | None = None) -> None:
        self.bucket = bucket
        self.client: S3Client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            config=Config(
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=60,
                retries={"max_attempts": 4, "mode": "standard"},
            ),
        )
        self.transfer = TransferConfig(
            multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=4
        )

    def put(self, key: str, path: Path, content_type: str) -> None:
        """Upload in parts; S3 shows the object only when the last one is in."""
        with _failures():
            self.client.upload_file(
                str(path),
                self.bucket,
                checked(key),
                ExtraArgs={"ContentType": content_type},
                Config=self.transfer,
            )

    def fetch(self, key: str, path: Path) -> None:
        """Download in parts, in parallel."""
        with _failures():
            self.client.download_file(self.bucket, checked(key), str(path), Config=self.transfer)

    def read(self, key: str) -> bytes:
        """The whole object."""
        with _failures():
            return self.client.get_object(Bucket=self.bucket, Key=checked(key))["Body"].read()

    def local_path(self, key: str) -> Path | None:
        """Nothing lies on this machine."""
        checked(key)
        return None

    def link(
        self, key: str, *, content_type: str, filename: str | None, seconds: int
    ) -> str | None:
        """A presigned GET, of five minutes at most."""
        told = {
            "Bucket": self.bucket,
            "Key": checked(key),
            "ResponseContentType": content_type,
            "ResponseCacheControl": "private, no-cache",
        }
        if filename is not None:
            # RFC 6266: percent-encoded whole, so nothing in a name can end the header.
            encoded = quote(filename, safe="")
            told["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{encoded}"
        with _failures():
            return self.client.generate_presigned_url(
                "get_object", Params=told, ExpiresIn=min(seconds, LONGEST_LINK_SECONDS)
            )

    def size(self, key: str) -> int | None:
        """Size in bytes, None when there is no such object."""
        try:
            with _failures():
                return self.client.head_object(Bucket=self.bucket, Key=checked(key))[
                    "ContentLength"
                ]
        except NoSuchFile:
            return None

    def delete(self, key: str) -> None:
        """Remove the object; S3 says nothing about one that was not there."""
        with _failures():
            self.client.delete_object(Bucket=self.bucket, Key=checked(key))


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError, Boto3Error) as failure:
        code = _code_of(failure)
        if code in ABSENT:
            raise NoSuchFile from None
        permanent = code in PERMANENT
        raise StorageFailed(REFUSED if permanent else UNREACHED, permanent=permanent) from failure


def _code_of(failure: BaseException) -> str:
    """S3's own code; boto3's upload wraps the error that carries it."""
    while not isinstance(failure, ClientError):
        inner = failure.__cause__ or failure.__context__
        if inner is None:
            return ""
        failure = inner
    return str(failure.response.get("Error", {}).get("Code", ""))
