"""A node of the user's own: its build function is imported and called, here in the node's process.

Whatever that code does wrong becomes one line that says where.
"""

import importlib
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.node.safety import NodeRefused, forbid_leaving
from harness.node.spec import OwnNode

_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def check_build_path(build: str) -> None:
    """Raise ValueError unless it has the form `my_package.my_node:build`."""
    if not _PATH.fullmatch(build):
        raise ValueError(
            f"the node was {build!r}: must be a module and a function in it, "
            "as my_package.my_node:build"
        )


def call_build(own: OwnNode) -> Any:
    """Import the build function and return what it returns. Raises NodeRefused.

    From now on the user's code cannot connect to anything beyond this machine.
    """
    forbid_leaving()
    module_name, _, name = own.build.partition(":")
    sys.path += [path for path in own.import_paths if path not in sys.path]
    module = call(f"{module_name} cannot be imported", importlib.import_module, module_name)
    build = getattr(module, name, None)
    if not callable(build):
        raise NodeRefused(f"{module_name} has no function {name!r}")
    return call(f"{name} failed", build)


def call(failed: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the user's code returns. Raises NodeRefused, which begins with `failed`."""
    try:
        return function(*arguments)
    except (Exception, SystemExit) as error:
        raise NodeRefused(f"{failed}: {_told(error)}") from error


def _told(error: BaseException) -> str:
    words = " ".join(str(error).split())
    said = f"{type(error).__name__}: {words}" if words else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    libraries = (sys.prefix, sys.base_prefix, "<frozen", str(Path(__file__).parent))
    users = [frame for frame in frames if not frame.filename.startswith(libraries)]
    if isinstance(error, SyntaxError) or not users:
        return said
    return f"{said} ({Path(users[-1].filename).name}, line {users[-1].lineno})"
