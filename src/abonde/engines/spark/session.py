"""A connection to a Spark cluster, made quickly or refused with a sentence: never a hang, never a traceback."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyspark
from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from abonde.engines.spark.java import java_home_for_spark
from abonde.matching import Refusal

CONNECT_SECONDS: Final = 5.0
"""How long a master may take to accept a connection."""

EXECUTOR_SECONDS: Final = 60.0
"""How long a cluster may take to offer the first executor."""

DRIVER_ALONE: Final = 1
"""Spark lists the driver among the executors."""

SparkFailure: Final = (Py4JError, PySparkException)
"""What PySpark raises when Spark itself says no."""

_LOCAL = re.compile(r"local(\[(\*|\d+)\])?")
_STANDALONE = re.compile(r"spark://(.+)")
_ADDRESS = re.compile(r"\[?(?P<host>[^\s,]+?)\]?:(?P<port>\d{1,5})")
_OTHER_MANAGERS = re.compile(r"yarn|k8s://.+")

_OPTIONS: Final = {
    "spark.app.name": "abonde",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.caseSensitive": "true",
    # A sum that does not fit stops the work instead of wrapping.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # No catalogue of tables: nothing is written beside the user's files.
    "spark.sql.catalogImplementation": "in-memory",
}

_LOGGING: Final = """\
rootLogger.level = off
rootLogger.appenderRef.stderr.ref = stderr
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = off
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %c{1}: %m%n
"""
"""Spark's own default tells everything it does until it is connected."""


def start_session(
    master: str, *, driver_memory: str, python: str, scratch: Path, options: Mapping[str, str]
) -> SparkSession:
    """A session on `master` with at least one executor; `scratch` is a folder for spilled data on this machine.

    Raises Refusal where Java is missing, the address is not one, nobody answers there, or no executor is offered.
    """
    addresses = master_addresses(master)
    java_home = java_home_for_spark(scratch / "java")
    if _active_context() is not None:
        raise Refusal("This process is connected to a Spark cluster already; stop that session first.")
    if addresses:
        _check_reachable(master, addresses)
    settings = _settings(master, addresses, driver_memory, scratch) | dict(options)
    conf = SparkConf().setAll(list(settings.items()))
    try:
        with _environment(JAVA_HOME=str(java_home), PYSPARK_PYTHON=python):
            _start_java(conf, scratch / "driver.log")
            return _with_executor(SparkSession.builder.config(conf=conf).getOrCreate(), master)
    except BaseException as error:
        if (unused := _active_context()) is not None:
            unused.stop()
        if isinstance(error, SparkFailure):
            raise Refusal(
                "The Spark cluster at {master} did not take the work on ({reason}); check that it runs Spark {version}, "
                "and see the logs of its master and workers.",
                master=master,
                reason=_reason(error),
                version=pyspark.__version__,
            ) from error
        raise


def _settings(
    master: str, addresses: list[tuple[str, int]], driver_memory: str, scratch: Path
) -> dict[str, str]:
    logging = scratch / "log4j2.properties"
    logging.write_text(_LOGGING)
    settings = _OPTIONS | {
        "spark.master": master,
        "spark.driver.memory": driver_memory,
        "spark.driver.maxResultSize": "0",  # what the driver can hold is bounded by its memory alone
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={logging.as_uri()}",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch),
    }
    if not _OTHER_MANAGERS.fullmatch(master) and all(_is_loopback(host) for host, _ in addresses):
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return settings


def _start_java(conf: SparkConf, log: Path) -> None:
    # What Java writes of its own accord, in no log4j format, goes to a file: a terminal is for sentences.
    if SparkContext._gateway is not None:  # noqa: SLF001 - one Java for the life of the process
        return
    with log.open("wb") as written:
        try:
            gateway = launch_gateway(conf, popen_kwargs={"stderr": written})  # type: ignore[no-untyped-call]
        except PySparkException as error:
            lines = log.read_text(errors="replace").splitlines()
            said = [line for line in lines if not line.startswith(("NOTE", "WARNING", "\tat"))]
            raise Refusal(
                "Java does not start for Spark: {reason}", reason=" ".join(said[:2]) or _reason(error)
            ) from error
    SparkContext(conf=conf, gateway=gateway)


def master_addresses(master: str) -> list[tuple[str, int]]:
    """The (host, port) of each master of a standalone cluster; none for `local[…]`, YARN and Kubernetes."""
    if _LOCAL.fullmatch(master) or _OTHER_MANAGERS.fullmatch(master):
        return []
    standalone = _STANDALONE.fullmatch(master)
    found = [_ADDRESS.fullmatch(part) for part in standalone[1].split(",")] if standalone else [None]
    addresses = [(part["host"], int(part["port"])) for part in found if part is not None]
    if len(addresses) < len(found) or any(not 0 < port < 1 << 16 for _, port in addresses):
        raise Refusal(
            "{master} is not the address of a Spark master; write it as spark://host:7077, or local[*] for this machine.",
            master=master,
        )
    return addresses


def refusal(failure: BaseException, file: Path) -> Refusal:
    """The sentence for work on `file` that Spark gave up."""
    if "ARITHMETIC_OVERFLOW" in str(failure):
        return Refusal(
            "{file}: one person or project is given more than {most} cents in all, which Spark cannot add; check the amounts.",
            file=file,
            most=(1 << 63) - 1,
        )
    return Refusal("Spark gave up on {file}: {reason}", file=file, reason=_reason(failure))


def _reason(failure: BaseException) -> str:
    """What Spark says went wrong, without the Java stack that it prints after it."""
    java = getattr(failure, "java_exception", None)
    said = str(failure) if java is None else java.getMessage() or java.toString()
    return next((line.strip() for line in said.splitlines() if line.strip()), type(failure).__name__)


def _check_reachable(master: str, addresses: list[tuple[str, int]]) -> None:
    # Spark itself would try for a minute and then end in a stack of Java exceptions.
    failures = []
    for address in addresses:
        try:
            socket.create_connection(address, timeout=CONNECT_SECONDS).close()
        except OSError as error:
            failures.append(error)
        else:
            return
    raise Refusal(
        "No Spark master answers at {master} ({reason}); check the address, and that the cluster is running.",
        master=master,
        reason=failures[0].strerror or str(failures[0]),
    ) from failures[0]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _active_context() -> SparkContext | None:
    return SparkContext._active_spark_context  # noqa: SLF001 - PySpark has no public way to ask


def _with_executor(session: SparkSession, master: str) -> SparkSession:
    # Without an executor Spark would wait for ever, saying so only in its log. Where they come and go with the work,
    # none is there before it.
    context = session.sparkContext
    if _LOCAL.fullmatch(master) or context.getConf().get("spark.dynamicAllocation.enabled") == "true":
        return session
    tracker = context.statusTracker()
    deadline = time.monotonic() + EXECUTOR_SECONDS
    while len(tracker.getExecutorInfos()) <= DRIVER_ALONE:
        if time.monotonic() > deadline:
            raise Refusal(
                "The Spark cluster at {master} offered no executor within {seconds} s; "
                "check that its workers run and have memory and cores to spare.",
                master=master,
                seconds=round(EXECUTOR_SECONDS),
            )
        time.sleep(0.1)
    return session


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Environment variables that hold while Spark's Java starts: it can be told in no other way."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
