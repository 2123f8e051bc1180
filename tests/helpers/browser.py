"""A headless Chromium that is driven through a pipe by the DevTools protocol; no package is needed for it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --remote-debugging-pipe"
).split()


class Browser:
    """One page of a browser without a network; ``errors`` are what it has written to its console."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp()
        (read, self.out), (self.into, write) = os.pipe(), os.pipe()
        command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={self.folder}", "about:blank"]
        wrapped = ["bash", "-c", f'exec "$@" 3<&{read} 4>&{write}', "bash", *command]
        null = subprocess.DEVNULL
        self.process = subprocess.Popen(wrapped, pass_fds=(read, write), stdin=null, stdout=null, stderr=null)
        os.close(read)
        os.close(write)
        self.number, self.rest, self.errors = 0, b"", list[str]()
        self.session = ""
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        offline = {"latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        self.call("Network.emulateNetworkConditions", offline=True, **offline)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)
        os.close(self.out)
        os.close(self.into)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        text = json.dumps(message | ({"sessionId": self.session} if self.session else {}))
        sent = memoryview(text.encode() + b"\0")
        while sent:
            sent = sent[os.write(self.out, sent) :]
        while True:
            found = self._read()
            if found.get("id") == self.number:
                assert "error" not in found, (method, found["error"])
                return dict(found["result"])
            self._event(found)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            got = os.read(self.into, 1 << 20)
            assert got, "the browser has ended"
            self.rest += got
        message, _, self.rest = self.rest.partition(b"\0")
        return dict(json.loads(message))

    def _event(self, event: dict[str, Any]) -> None:
        name, parameters = event.get("method"), event.get("params", {})
        if (
            name == "Runtime.exceptionThrown"
            or name == "Log.entryAdded"
            and parameters["entry"]["level"] == "error"
        ):
            self.errors.append(json.dumps(parameters))
        if name == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.errors.append(json.dumps(parameters["args"]))
        if name == "Network.requestWillBeSent" and not parameters["request"]["url"].startswith(("file:", "data:")):
            self.errors.append(f"request of {parameters['request']['url']}")

    def open(self, path: Path, width: int = 1280, dark: bool = False) -> None:
        """Open a page from disk, and wait until its charts are drawn."""
        self.resize(width)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        for url in ("about:blank", path.absolute().as_uri()):
            self.call("Page.navigate", url=url)
        for _ in range(300):
            if self.run("document.documentElement?.dataset.drawn === 'true'"):
                return
            time.sleep(0.1)
        raise AssertionError(f"the charts are not drawn: {self.errors}")

    def resize(self, width: int) -> None:
        """Give the page another width."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)

    def run(self, script: str) -> Any:
        """The value of an expression."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key, as a user does."""
        codes = {"Enter": (13, "\r"), "Tab": (9, "")}
        code, text = codes[key]
        own = {"key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}
        self.call("Input.dispatchKeyEvent", type="keyDown", **own)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def screenshot(self, path: Path) -> None:
        """Write the whole page as a picture."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    def pdf(self, path: Path) -> None:
        """Print the page."""
        path.write_bytes(base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"]))
