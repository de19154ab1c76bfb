"""The execution engine's configuration."""

from harness.node.fields import known_fields
from harness.node.reconciliation.config import ReconciliationConfig
from harness.node.reconciliation.native import ExecEngineConfig


def build_exec_engine_config(
    reconciliation: ReconciliationConfig, *, graceful_shutdown_on_exception: bool = True
) -> ExecEngineConfig:
    """Return a `LiveExecEngineConfig`, or in NautilusTrader 2.x a `LiveExecutionEngineConfig`.

    What the installed release does not have is left out, with one warning that names it.
    With `graceful_shutdown_on_exception` the node stops where an exception in its queues would
    otherwise end the process at once.
    """
    values = reconciliation.to_live_exec_engine_config()
    values["graceful_shutdown_on_exception"] = graceful_shutdown_on_exception
    return ExecEngineConfig(**known_fields(ExecEngineConfig, values))
