"""Listen keys that expire."""

from harness.faults.wire.rules import WireFault
from harness.world.parts import Parts


class ListenKeysExpired(WireFault, frozen=True, kw_only=True):
    """All listen keys expire: `listenKeyExpired`, then silence on sockets that stay open."""

    async def begin(self, parts: Parts) -> None:
        """Expire them."""
        parts.venue.expire_listen_keys()
