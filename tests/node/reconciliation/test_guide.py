"""docs/configuration.md says of fields and presets what the code does."""

import re
from pathlib import Path

from harness.node.presets import preset
from harness.node.reconciliation import ReconciliationConfig

GUIDE = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its head."""
    section = re.split(r"^#+ ", GUIDE.partition(f"# {heading}\n")[2], flags=re.MULTILINE)[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_every_field_is_told_with_its_default_and_its_native_name() -> None:
    config = ReconciliationConfig()
    told = {row[0].strip("`"): row for row in rows("The fields")}
    assert list(told) == list(ReconciliationConfig.model_fields)
    natives = list(config.to_live_exec_engine_config())
    for (field, value), native in zip(config, natives, strict=True):
        _, default, _, name = told[field]
        assert default == str(value)
        assert name.strip("`") == (native if native != field else "the same")


def test_the_presets_are_told_as_they_are() -> None:
    told = {row[0].strip("`"): row[1:] for row in rows("Presets")}
    fields = {
        "startup_delay_secs": "reconciliation_startup_delay_secs",
        "lookback_mins": "reconciliation_lookback_mins",
    }
    names = ("conservative", "standard", "aggressive")
    for field, native in fields.items():
        assert told[field][:3] == [f"{preset(name)[native]:g}" for name in names]
    for check, native in (
        ("open check", "open_check_interval_secs"),
        ("position check", "position_check_interval_secs"),
    ):
        assert told[check][0].startswith(f"every {preset('standard')[native]:g} s, 60 min")
        assert told[check][1:3] == ["the same", "the same"]
        assert told[check][3] == "no"
        assert preset("disabled")[native] is None
        assert {preset(name)[native] for name in names} == {preset("standard")[native]}
