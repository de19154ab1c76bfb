"""Which orders and positions from outside NautilusTrader a strategy takes as its own."""

from collections.abc import Iterable
from typing import Self

from nautilus_trader.model import InstrumentId
from pydantic import model_validator

from harness.node.reconciliation.model import ConfigModel, InstrumentIdText


class ExternalOrderClaimConfig(ConfigModel):
    """The instruments whose external orders and positions a strategy claims.

    By default none; either `instrument_ids`, or `claim_all`. An instrument may be claimed by one
    strategy only: NautilusTrader refuses the second. Raises pydantic's ValidationError.
    """

    instrument_ids: tuple[InstrumentIdText, ...] = ()
    claim_all: bool = False

    @model_validator(mode="after")
    def _require_one_way_to_claim(self) -> Self:
        if self.claim_all and self.instrument_ids:
            raise ValueError(
                f"claim_all was True and instrument_ids {', '.join(self.instrument_ids)}: "
                "must be one or the other"
            )
        return self

    def external_order_claims(self, loaded: Iterable[str]) -> list[InstrumentId]:
        """Return the value of `StrategyConfig.external_order_claims`.

        In NautilusTrader 2.x the field is `external_order_instrument_ids`.
        NautilusTrader has no claim for all instruments: `claim_all` means those that the node
        loads, which are given here.
        """
        claimed = loaded if self.claim_all else self.instrument_ids
        return [InstrumentId.from_str(value) for value in claimed]
