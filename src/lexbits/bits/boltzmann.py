"""A Boltzmann distribution over few enough bits to sum over all of their vectors."""

from __future__ import annotations

import torch
from torch import Tensor

from lexbits.bits.base import BitDistribution
from lexbits.bits.codes import all_codes
from lexbits.randomness import UNIFORM_BITS


class Boltzmann(BitDistribution):
    """p(z) ∝ exp(b·z + Σ_{j<k} W_jk z_j z_k), normalised by enumeration of all 2^K vectors.

    Attributes:
        biases: [K].
        couplings: [K, K]; only what is above the diagonal counts.

    Examples:
        >>> p = Boltzmann(torch.zeros(2), torch.tensor([[0.0, 2.0], [0.0, 0.0]]))
        >>> codes = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> p.log_prob(codes).exp()
        tensor([0.0963, 0.0963, 0.0963, 0.7112])
    """

    def __init__(self, biases: Tensor, couplings: Tensor) -> None:
        self.biases = biases
        self.couplings = torch.triu(couplings, diagonal=1)

    @property
    def bits(self) -> int:
        """K, the number of bits."""
        return self.biases.shape[-1]

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats, [...], for z [..., K]."""
        return self._score(z) - torch.logsumexp(self._score(self._codes()), 0)

    @torch.no_grad()
    def sample(self, samples: int) -> Tensor:
        """Draw S independent bit vectors, [S, K], from the table of all probabilities."""
        codes = self._codes()
        probabilities = torch.softmax(self._score(codes), 0)
        return codes[torch.multinomial(probabilities, samples, replacement=True)]

    @torch.no_grad()
    def from_uniform(self, uniform: Tensor) -> Tensor:
        """Look the first of K numbers, the second after its digits, up in a table: [S, ..., K]."""
        codes = self._codes()
        # On the CPU, since not every device has numbers of this precision.
        table = torch.softmax(self._score(codes).cpu().double(), 0).cumsum(0)
        places = uniform[..., : min(2, self.bits)].cpu().double()
        places = places @ places.new_tensor([1.0, 2.0**-UNIFORM_BITS])[: places.shape[-1]]
        number = torch.searchsorted(table, places * table[-1], right=True)
        return codes[number.clamp_max(len(codes) - 1).to(codes.device)]

    def _codes(self) -> Tensor:
        return all_codes(self.bits).to(self.biases)

    def _score(self, z: Tensor) -> Tensor:
        # In full precision: rounded scores of all codes would no longer sum to one.
        with torch.autocast(z.device.type, enabled=False):
            return z @ self.biases + ((z @ self.couplings) * z).sum(-1)
