"""A Nascent service of one's own for benchmarks: started with workers, asked over REST, stopped."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Service:
    def __init__(self, folder: Path, data: Path, workers: int):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        binary = ROOT / "target/release/nascent"
        self.log = open(folder / "service.log", "w")
        command = [binary, "up", "--listen", f"127.0.0.1:{port}", "--data-dir", folder / "service"]
        environment = {**os.environ, "NASCENT_DATA": str(data)}
        self.process = subprocess.Popen(
            [*map(str, command), "--workers", str(workers)], env=environment, stdout=self.log, stderr=self.log
        )
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            if self.process.poll() is not None:
                raise SystemExit(f"the service has ended; see {self.log.name}")
            try:
                urllib.request.urlopen(self.url + "/readyz", timeout=2)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise SystemExit(f"the service did not become ready; see {self.log.name}")

    def call(self, method: str, path: str, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def submit(self, study: dict) -> str:
        return self.call("POST", "/v1/studies", study)["id"]

    def study(self, study: str) -> dict:
        return self.call("GET", f"/v1/studies/{study}")

    def trials(self, study: str) -> list:
        """All trials of a study, page by page."""
        items, cursor = [], ""
        while True:
            page = self.call("GET", f"/v1/studies/{study}/trials?limit=200{cursor}")
            items += page["items"]
            if not page.get("next"):
                return items
            cursor = f"&cursor={page['next']}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)
