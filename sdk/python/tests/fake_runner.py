"""The runner's side of the socket, and scripts that run against it in processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parent.parent / "src"
PATIENCE_SECONDS = 30.0

sys.path.insert(0, str(SOURCE))

Frame = dict[str, Any]


def encode(meta: Frame, tail: bytes = b"") -> bytes:
    text = json.dumps(meta).encode()
    return struct.pack("<II", 4 + len(text) + len(tail), len(text)) + text + tail


class FakeRunner:
    """Listens, writes down every frame, acknowledges. `answer` may take over for some frames."""

    def __init__(self, path: Path, answer: Callable[[Frame], Frame | None] | None = None) -> None:
        self.path = path
        self.answer = answer
        self.acknowledges = True
        self.hellos: list[Frame] = []
        self.frames: list[Frame] = []
        self.results: list[tuple[Frame, bytes]] = []
        self.chunks: list[tuple[Frame, bytes]] = []
        self.executed: list[Frame] = []
        self._seen: set[tuple[int, int]] = set()
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._clients: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.start()

    def start(self) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.path))
        listener.listen()
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def stop(self) -> None:
        """As a runner that dies: the socket is gone, connections break."""
        if self._listener is None:
            return
        # Closing alone would not end an accept() that another thread is in.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._listener = None
        self.path.unlink(missing_ok=True)
        with self._changed:
            for client in self._clients:
                _hang_up(client)
            self._clients.clear()

    def send(self, meta: Frame, tail: bytes = b"") -> None:
        self._send(self._clients[-1], encode(meta, tail))

    def _send(self, client: socket.socket, frame: bytes) -> None:
        # A large frame takes several writes: what the other thread sends must not come between them.
        with self._sending:
            client.sendall(frame)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, PATIENCE_SECONDS):
                raise AssertionError(f"The runner waited in vain; it has {self.frames}")

    def of(self, kind: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == kind]

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with self._changed:
                self._clients.append(client)
            threading.Thread(target=self._read, args=(client,), daemon=True).start()

    def _read(self, client: socket.socket) -> None:
        pid = 0
        while True:
            try:
                header = _exactly(client, 8)
                length, meta_length = struct.unpack("<II", header)
                body = _exactly(client, length - 4)
            except (OSError, EOFError):
                return
            frame: Frame = json.loads(body[:meta_length])
            with self._changed:
                if frame["type"] == "hello":
                    pid = frame["pid"]
                    self.hellos.append(frame)
                elif frame["type"] == "result":
                    self.results.append((frame, body[meta_length:]))
                elif frame["type"] == "chunk":
                    self.chunks.append((frame, body[meta_length:]))
                elif frame["type"] == "executed":
                    self.executed.append(frame)
                elif (pid, frame["seq"]) not in self._seen:
                    self._write_down(pid, frame)
                self._changed.notify_all()
            self._reply(client, frame)

    def _write_down(self, pid: int, frame: Frame) -> None:
        self._seen.add((pid, frame["seq"]))
        if frame["type"] == "save":
            # As the runner does: it takes the folder over.
            kept = Path(tempfile.mkdtemp(dir=self.path.parent)) / "kept"
            shutil.copytree(frame["path"], kept)
            frame = {**frame, "kept": kept}
        self.frames.append({**frame, "pid": pid})

    def _reply(self, client: socket.socket, frame: Frame) -> None:
        if frame["type"] == "hello":
            reply: Frame | None = {"type": "hello"}
        elif frame["type"] in ("result", "chunk", "executed"):
            return
        else:
            reply = self.answer(frame) if self.answer else None
            if reply is None and self.acknowledges:
                reply = {"type": "ack", "seq": frame["seq"]}
        if reply is not None:
            try:
                self._send(client, encode(reply))
            except OSError:
                return


class SdkTest(unittest.TestCase):
    """A folder for the script, one for the runner, and a runner that listens."""

    launcher: tuple[str, ...] = ()

    def setUp(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="podium-sdk-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.code = folder / "code"
        self.code.mkdir()
        self.socket = folder / "runner" / "socket"
        self.socket.parent.mkdir()
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.input = folder / "input"
        self.output = folder / "output"
        self.input.mkdir()

    def runner(self, answer: Callable[[Frame], Frame | None] | None = None) -> FakeRunner:
        runner = FakeRunner(self.socket, answer)
        self.addCleanup(runner.stop)
        return runner

    def start(self, script: str, **variables: str) -> subprocess.Popen[str]:
        """Runs `script` as main.py on the platform; `variables` without their PODIUM_ prefix."""
        return self._spawn(script, {"SOCKET": str(self.socket), "SESSION": "ann/movies/1", **variables})

    def run_script(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return finish(self.start(script, **variables))

    def run_outside(self, script: str) -> subprocess.CompletedProcess[str]:
        return finish(self._spawn(script, {}))

    def infer(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        paths = {"INPUT_PATH": str(self.input), "OUTPUT_PATH": str(self.output)}
        return self.run_script(script, MODE="infer", **{**paths, **variables})

    def predictions(self) -> list[Any]:
        lines = (self.output / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def _spawn(self, script: str, variables: dict[str, str]) -> subprocess.Popen[str]:
        (self.code / "main.py").write_text(textwrap.dedent(script).strip() + "\n", encoding="utf-8")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}
        environment = {**inherited, "PYTHONPATH": str(SOURCE), "TMPDIR": str(self.temporary)}
        environment.update({f"PODIUM_{name}": value for name, value in variables.items()})
        process = subprocess.Popen(
            [sys.executable, *self.launcher, "main.py"],
            cwd=self.code,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(_end, process)
        return process


def finish(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """The output and exit code of a process that ends by itself."""
    output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def _exactly(client: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = client.recv(size - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)


def _hang_up(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)
    client.close()


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
