"""A local server that answers like the hub: some data sets, and failures on request."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Serves each folder ``OWNER/NAME`` below a folder as a data set.

    Args:
        folder: the data sets.
        failures: how many requests for Parquet fail with 503 before one succeeds.
        delays: seconds before each of the first answers.
    """

    def __init__(self, folder: Path, failures: int = 0, delays: tuple[float, ...] = ()) -> None:
        self.folder, self.failures, self.delays = folder, failures, list(delays)
        self.seen: Counter[str] = Counter()  # "METHOD status path" -> how often

    def __enter__(self) -> Hub:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                time.sleep(hub.delays.pop(0) if hub.delays else 0)
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, body = hub.answer(unquote(urlsplit(self.path).path))
                hub.seen[f"{self.command} {status} {self.path}"] += 1
                self.send_response(status)
                for key, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(key, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_POST = do_GET

            def log_message(self, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        match = re.fullmatch(r"/(?:api/)?datasets/([^/]+/[^/]+)(/.*)?", path)
        root = self.folder / (match[1] if match else "-")
        if match is None or not root.is_dir():
            return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"
        place = match[2] or ""
        if file := re.fullmatch(f"/resolve/(?:main|{COMMIT})/(.*)", place):
            return self._file(root / file[1])
        if place in ("", "/revision/main", f"/revision/{COMMIT}"):
            return _json({"id": match[1], "sha": COMMIT, "private": False, "tags": [], "downloads": 0, "likes": 0})
        if place.startswith((f"/tree/{COMMIT}", "/paths-info/")):
            return _json(_tree(root))
        return 404, {"X-Error-Code": "RevisionNotFound"}, b"{}"

    def _file(self, file: Path) -> tuple[int, dict[str, str], bytes]:
        if not file.is_file():
            return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, b""
        if file.suffix == ".parquet" and self.failures:
            self.failures -= 1
            return 503, {}, b"busy"
        body = file.read_bytes()
        tag = hashlib.sha256(body).hexdigest()
        return 200, {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}, body


def _tree(root: Path) -> list[dict[str, object]]:
    return [
        {"type": "directory" if name.is_dir() else "file", "path": name.relative_to(root).as_posix()}
        | {"oid": hashlib.sha1(str(name).encode()).hexdigest(), "size": name.stat().st_size}
        for name in sorted(root.rglob("*"))
    ]


def _json(value: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()
