"""What tokens cost, in micro-euros: a price in euros per million tokens is one for each token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from pedabot.config import Price, read_prices


class Prices:
    """The prices of the setting; on a server of the school's own, what has none is free."""

    def __init__(self, prices: Sequence[Price], own_server: bool) -> None:
        self.listed = tuple(prices)
        self._by_model = {price.model: price for price in prices}
        self._own_server = own_server

    def known(self, model: str) -> bool:
        """Tell whether the cost of this model can be told."""
        return self._own_server or model in self._by_model

    def cost(self, model: str, tokens_in: int, tokens_out: int) -> int | None:
        """Return micro-euros, rounded up; None where the price is not known."""
        price = self._by_model.get(model)
        if price is None:
            return 0 if self._own_server else None
        return ceil(tokens_in * price.tokens_in + tokens_out * price.tokens_out)


def make_prices(settings: Mapping[str, Any]) -> Prices:
    """Return the prices that the settings give."""
    return Prices(read_prices(settings["PEDABOT_PRICES"]), bool(settings["MISTRAL_SERVER_URL"]))
