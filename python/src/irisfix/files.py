"""Files of a fixture: their checksums, and the manifest when a part of it is set."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Union

_CHUNK = 65536


def sha256(path: Union[str, Path], chunk_size: int = _CHUNK) -> str:
    """The checksum of a file in the form ``sha256:…``. Raises FileNotFoundError."""
    __tracebackhide__ = True
    if not Path(path).exists():
        raise FileNotFoundError(f"File not found: {path}")
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        for chunk in iter(lambda: f.read(chunk_size), b""):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def rewrite(manifest: Path, **keys: Any) -> None:
    """Sets keys in a manifest. It is there in full or as before, whatever happens meanwhile."""
    data = {**json.loads(manifest.read_text(encoding="utf-8")), **keys}
    handle, name = tempfile.mkstemp(dir=manifest.parent, prefix=".irisfix-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as f:
            f.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
            f.flush()
            os.fsync(f.fileno())
        os.chmod(name, manifest.stat().st_mode & 0o777)
        os.replace(name, manifest)
    except BaseException:
        os.unlink(name)
        raise
