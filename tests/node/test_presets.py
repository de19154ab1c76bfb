import pytest
from nautilus_trader.config import LiveExecEngineConfig

from harness.node.presets import PRESETS, preset


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_is_a_configuration_of_the_installed_release(name: str) -> None:
    config = LiveExecEngineConfig(**preset(name))
    for field, value in preset(name).items():
        assert getattr(config, field) == value


def test_an_unknown_preset_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="unknown preset 'fast': must be one of default, standard"):
        preset("fast")


def test_quick_is_standard_with_shorter_times() -> None:
    assert preset("quick").keys() == preset("standard").keys()
    for field, value in preset("quick").items():
        assert value <= preset("standard")[field]
