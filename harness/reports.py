"""The reports' folder: a directory a run (`runs/`), one a session, and `latest`."""

import importlib.metadata
import os
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.report.summary import (
    Environment,
    ScenarioSummary,
    Summary,
    decode_summary,
    encode_summary,
    summarize_session,
)


class SummaryUnreadable(ValueError):
    """A file that is not the summary of a session."""


def read_summary(path: Path) -> Summary:
    """Read a session's summary. Raises SummaryUnreadable with the reason in one line."""
    try:
        return decode_summary(path.read_bytes())
    except OSError as error:
        raise SummaryUnreadable(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SummaryUnreadable(f"{path} is not the summary of a session: {error}") from None


def write_summary(
    reports: Path, runs: Sequence[ScenarioSummary], versions: Mapping[str, str]
) -> Path:
    """Write `sessions/<time>/summary.json`, point `latest` at it and return `latest`'s path.

    `versions` holds those of `toxiproxy`, `store` and `clock`.
    """
    environment = Environment(
        python=platform.python_version(),
        platform=platform.platform(),
        nautilus_trader=", ".join(dict.fromkeys(run.release for run in runs)) or "unknown",
        toxiproxy=versions.get("toxiproxy", "unknown"),
        store=versions.get("store", "unknown"),
        hypothesis=importlib.metadata.version("hypothesis"),
        clock=versions.get("clock", "unknown"),
        cpu_count=os.cpu_count() or 1,
    )
    stamp = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.getpid()}"
    directory = reports / "sessions" / stamp
    directory.mkdir(parents=True)
    (directory / "summary.json").write_bytes(encode_summary(summarize_session(runs, environment)))
    _point(reports / "latest", Path("sessions") / stamp)
    return reports / "latest" / "summary.json"


def _point(link: Path, target: Path) -> None:
    """Make `link` a symbolic link to `target`, replacing what it was at once."""
    new = link.with_name(f"{link.name}.{os.getpid()}")
    new.symlink_to(target)
    new.replace(link)
