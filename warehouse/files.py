"""Files of a log by their address: a path on a local disk, or `s3://bucket/key` in S3-compatible object storage.

Where object storage is, and who may read it, comes from where AWS's own tools look: AWS_PROFILE and its files, or
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_DEFAULT_REGION, and AWS_ENDPOINT_URL for another
service than Amazon's.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec

from warehouse.errors import LogError, LogNotFoundError, LogNotWritableError

S3 = "s3://"


@dataclass(frozen=True, slots=True)
class FileInfo:
    """Bytes, and when it was written, in seconds since 1970."""

    size: int
    modified: float


def in_s3(address: str) -> bool:
    return address.startswith(S3)


def find(folder: str) -> dict[str, FileInfo]:
    """All files under `folder`, at any depth, by address; none where it is not there. Raises LogError."""
    try:
        with _explained(folder):
            found = _filesystem(folder).find(folder, detail=True)
    except FileNotFoundError:
        raise LogNotFoundError(f"{folder} is not there: make the bucket, or name another one") from None
    return {_address(folder, path): _info(entry) for path, entry in sorted(found.items())}


def remove(files: Iterable[str]) -> None:
    """Delete files; one that is not there is well. Raises LogError."""
    for file in files:
        with suppress(FileNotFoundError), _explained(file):
            _filesystem(file).rm_file(file)


def fetch(file: str, target: Path) -> None:
    """Copy a file to the local `target`, put in place by a rename. Raises LogError, OSError of the local disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    with _explained(file):
        _filesystem(file).get_file(file, str(part))
    part.replace(target)


def put(source: Path, file: str) -> None:
    """Copy a local file to an address, whole or not at all. Raises LogError, OSError of the local disk."""
    if in_s3(file):
        with _explained(file):
            _filesystem(file).put_file(str(source), file)
    else:
        fetch(str(source), Path(file))


def read(file: str) -> bytes | None:
    """What a small file holds, None where it is not there. Raises LogError."""
    try:
        with _explained(file):
            content: bytes = _filesystem(file).cat_file(file)
    except FileNotFoundError:
        return None
    return content


def write(file: str, content: bytes) -> None:
    """Write a small file, whole or not at all. Raises LogError."""
    if in_s3(file):
        with _explained(file):
            _filesystem(file).pipe_file(file, content)
        return
    path = Path(file)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with _explained(file):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)


def last_bytes(file: str, count: int) -> bytes:
    """The last `count` bytes of a file. Raises LogError."""
    with _explained(file):
        content: bytes = _filesystem(file).tail(file, count)
    return content


def secret(folder: str) -> str:
    """SQL that lets a DuckDB connection reach `folder` in object storage, and no other place. Raises LogError.

    The credentials are those of this moment: a connection that outlives them needs it again.
    """
    session, endpoint = _session()
    found = session.get_credentials()
    if found is None:
        raise LogError(f"no credentials for {folder}: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    keys = found.get_frozen_credentials()
    options = {
        "SCOPE": folder,
        "KEY_ID": keys.access_key,
        "SECRET": keys.secret_key,
        "REGION": session.get_config_variable("region") or "us-east-1",
    }
    if keys.token:
        options["SESSION_TOKEN"] = keys.token
    use_ssl = ""
    if endpoint:
        parts = urlsplit(endpoint)
        # Other services than Amazon's have no name of its own for each bucket.
        options |= {"ENDPOINT": parts.netloc, "URL_STYLE": "path"}
        use_ssl = f", USE_SSL {str(parts.scheme == 'https').lower()}"
    said = ", ".join(f"{name} {_quoted(value)}" for name, value in options.items())
    return f"CREATE OR REPLACE TEMPORARY SECRET courant_data (TYPE s3, {said}{use_ssl})"


def credentials_expire() -> bool:
    """Whether what `secret` gives is for a time. Raises LogError."""
    found = _session()[0].get_credentials()
    return found is not None and found.get_frozen_credentials().token is not None


@cache
def _session() -> tuple[Any, str | None]:
    """AWS's settings as this process found them; kept, because credentials that expire are renewed by it."""
    try:
        from botocore.configprovider import ConfiguredEndpointProvider
        from botocore.session import Session
    except ImportError:
        raise LogError("data in S3 need more packages: pip install courant[s3]") from None
    session = Session()
    endpoint: str | None = ConfiguredEndpointProvider(
        full_config=session.full_config, scoped_config=session.get_scoped_config(), client_name="s3"
    ).provide()
    return session, endpoint


def _filesystem(address: str) -> Any:
    if not in_s3(address):
        return fsspec.filesystem("file")
    try:
        # No listing is kept: other machines write to the same place.
        return fsspec.filesystem("s3", use_listings_cache=False)
    except ImportError:
        raise LogError("data in S3 need more packages: pip install courant[s3]") from None


def _address(folder: str, path: str) -> str:
    return f"{S3}{path}" if in_s3(folder) else path


def _info(entry: dict[str, Any]) -> FileInfo:
    written = entry["LastModified"] if "LastModified" in entry else entry["mtime"]
    return FileInfo(int(entry["size"]), written.timestamp() if isinstance(written, datetime) else float(written))


@contextmanager
def _explained(address: str) -> Iterator[None]:
    """What object storage raises, as a line of ours; a local disk's errors as they are, for callers know them."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if not in_s3(address):
            raise
        raise LogNotWritableError(f"object storage refused {address}: {_line(error)}") from None
    except Exception as error:
        if not in_s3(address):
            raise
        raise LogError(f"cannot reach {address}: {_line(error)}") from None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
