"""The configuration for production code in environments of other releases."""

import json
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from harness.node.presets import preset
from harness.releases import ReleaseMissing, environment_of, install_release

REPOSITORY = Path(__file__).parents[3]
# pydantic is the harness's own: a release's environment has NautilusTrader and msgspec.
PROGRAM = """
import json, sys, warnings
sys.path[:0] = [sys.argv[1]]
sys.path.append(sys.argv[2])
from harness.node import reconciliation
from harness.node.reconciliation import *

with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    config = build_exec_engine_config(
        ReconciliationConfig.from_preset(
            ReconciliationPreset.CONSERVATIVE,
            reconciliation_instrument_ids=("BTCUSDT-PERP.BINANCE",),
        )
    )
values = {name: getattr(config, name) for name in json.loads(sys.argv[3]) if hasattr(config, name)}
values["reconciliation_instrument_ids"] = [str(v) for v in config.reconciliation_instrument_ids]
claims = ExternalOrderClaimConfig(instrument_ids=("ETHUSDT-PERP.BINANCE",))
print(json.dumps({
    "class": type(config).__name__,
    "values": values,
    "left_out": [str(w.message).split(": ")[1] for w in warned],
    "claims": [type(claim).__name__ for claim in claims.external_order_claims([])],
    "names": reconciliation.__all__,
}))
"""


def configured(release: str) -> dict[str, Any]:
    try:
        install_release(release, print)
    except ReleaseMissing as reason:
        pytest.skip(str(reason))
    python = environment_of(release)
    assert python is not None
    ours = sysconfig.get_path("platlib")
    said = subprocess.run(
        [python, "-c", PROGRAM, REPOSITORY, ours, json.dumps(list(preset("conservative")))],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert said.returncode == 0, said.stderr
    told: dict[str, Any] = json.loads(said.stdout)
    return told


def test_2_x_has_a_class_of_its_own_and_every_field_but_one() -> None:
    told = configured("2.0.0rc6")
    assert told["class"] == "LiveExecutionEngineConfig"
    instruments = {"reconciliation_instrument_ids": ["BTCUSDT-PERP.BINANCE"]}
    assert told["values"] == preset("conservative") | instruments
    assert told["left_out"] == ["graceful_shutdown_on_exception"]
    assert told["claims"] == ["InstrumentId"]
    assert "LiveTradingNodeConfig" not in told["names"]


def test_1_221_has_no_position_check() -> None:
    told = configured("1.221.0")
    assert told["class"] == "LiveExecEngineConfig"
    (left_out,) = told["left_out"]
    absent = left_out.split(", ")
    assert absent == [name for name in preset("conservative") if name.startswith("position_check")]
    assert told["values"] == {
        name: value for name, value in preset("conservative").items() if name not in absent
    } | {"reconciliation_instrument_ids": ["BTCUSDT-PERP.BINANCE"]}
    assert "LiveTradingNodeConfig" in told["names"]
