"""A real Spark standalone cluster on this machine's loopback: one master and workers, each a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import pyspark

from abonde.engines.spark.java import java_home_for_spark

SPARK_HOME = Path(pyspark.__file__).parent
STARTED = re.compile(r"Starting Spark master at (spark://\S+)")
REGISTERED = re.compile(r"Successfully registered with master")
PATIENCE = 60.0


class SparkCluster:
    """Starts on entering, ends with all its processes on leaving; logs and spilled data are kept under `folder`."""

    def __init__(self, folder: Path, *, workers: int) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self._size = workers
        self._master: subprocess.Popen[bytes] | None = None
        self._java_home = java_home_for_spark(folder / "java")
        self.master_url = ""

    def __enter__(self) -> Self:
        try:
            self._master = self._start("master", "master.Master")
            self.master_url = self._await("master", self._master, STARTED)
            for _ in range(self._size):
                self._start_worker()
            for number in range(self._size):
                self._await_worker(number)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        for process in (*self.workers, *filter(None, [self._master])):
            _end(process)

    def add_worker(self) -> None:
        self._start_worker()
        self._await_worker(len(self.workers) - 1)

    def kill_worker(self, number: int) -> None:
        """As when a machine fails: the worker and its executors are gone at once."""
        _end(self.workers[number], by=signal.SIGKILL)

    def _start_worker(self) -> None:
        options = ("--cores", "1", "--memory", "1g", self.master_url)
        self.workers.append(self._start(f"worker-{len(self.workers)}", "worker.Worker", *options))

    def _await_worker(self, number: int) -> None:
        self._await(f"worker-{number}", self.workers[number], REGISTERED)

    def _start(self, name: str, main: str, *options: str) -> subprocess.Popen[bytes]:
        command = [str(SPARK_HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{main}"]
        command += ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0", *options]
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ
                | {
                    "SPARK_HOME": str(SPARK_HOME),
                    "JAVA_HOME": str(self._java_home),
                    "PYSPARK_PYTHON": sys.executable,
                    "SPARK_DAEMON_MEMORY": "256m",
                    "SPARK_DAEMON_JAVA_OPTS": "-Dspark.master.rest.enabled=false",
                    "SPARK_LOCAL_IP": "127.0.0.1",
                    "SPARK_LOCAL_DIRS": str(self.folder / "spilled"),
                    "SPARK_WORKER_DIR": str(self.folder / "work"),
                },
            )

    def _await(self, name: str, process: subprocess.Popen[bytes], sign: re.Pattern[str]) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            log = (self.folder / f"{name}.log").read_text()
            if found := sign.search(log):
                return found[sign.groups]
            time.sleep(0.1)
        raise RuntimeError(f"The {name} did not start:\n{(self.folder / f'{name}.log').read_text()}")


def _end(process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM) -> None:
    # The executors are of the worker's process group; their Python processes end with them.
    try:
        os.killpg(process.pid, by)
        process.wait(10)
    except ProcessLookupError:
        pass
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
