"""Exact answers by enumeration, and models small enough to have them."""

import itertools

import torch

from lexbits.alphabet import Alphabet
from lexbits.bits import FactorisedBernoulli
from lexbits.config import Settings
from lexbits.data.corpus import Corpus
from lexbits.model import LatentWordModel
from lexbits.model.stepping import LstmPrefixes


def all_codes(bits):
    """Return all bit vectors, [2^K, K]."""
    rows = list(itertools.product([0.0, 1.0], repeat=bits))
    return torch.tensor(rows).view(2**bits, bits)


def all_tuples(bits, samples, dtype=None):
    """Return all tuples of S bit vectors, [S, (2^K)^S, K]."""
    rows = list(itertools.product(range(2**bits), repeat=samples))
    return all_codes(bits).to(dtype or torch.get_default_dtype())[torch.tensor(rows).T]


def prescribe_samples(monkeypatch, draws):
    """Let every distribution draw what `draws(samples)` returns, broadcast over its rows."""

    def sample(q, samples):
        z = draws(samples)
        return z.to(q.logits.dtype).expand(samples, *q.logits.shape)

    monkeypatch.setattr(FactorisedBernoulli, "sample", sample)
    monkeypatch.setattr(FactorisedBernoulli, "from_uniform", lambda q, u: sample(q, len(u)))


def rows_of_steps(monkeypatch):
    """Return a list to which every step of an LSTM decoder by hand adds its number of rows."""
    rows = []
    step = LstmPrefixes.step

    def counting(self, symbols, parents):
        rows.append(len(symbols))
        return step(self, symbols, parents)

    monkeypatch.setattr(LstmPrefixes, "step", counting)
    return rows


def tiny_settings(**changes):
    sizes = {
        "bits": 3,
        "embedding_size": 4,
        "hidden_size": 8,
        "encoder_hidden_size": 8,
        "dropout": 0.0,
        "free_nats": 0.0,
        "samples": 2,
    }
    return Settings(**(sizes | changes))


def tiny_model(characters="ab", gain=3.0, **changes):
    """Return a model with weights far enough from zero that the bits matter, in eval mode."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = LatentWordModel(tiny_settings(**changes), Alphabet(characters))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(gain)
    return model.eval()


def corpus(words, characters="ab"):
    """Return words as a corpus of an alphabet."""
    return Corpus.from_words(words, Alphabet(characters))


def as_batch(words, characters="ab"):
    """Return words as symbols [B, T]."""
    return torch.from_numpy(corpus(words, characters).symbols).long()


def joint_by_code(model, words):
    """Return log p(x|z) and log p(z) + log p(x|z) for all codes, both [2^K, B]."""
    z = all_codes(model.bits)[:, None].expand(-1, len(words), -1)
    log_likelihood = model.decoder.log_prob(words, z)
    return log_likelihood, log_likelihood + model.prior().log_prob(z)


def exact_log_prob(model, words):
    """Return log p(x), [B]."""
    return torch.logsumexp(joint_by_code(model, words)[1], 0)


def posterior_by_code(model, words):
    """Return log Q(z|x) for all codes, [2^K, B]."""
    z = all_codes(model.bits)[:, None].expand(-1, len(words), -1)
    return model.posterior(words).log_prob(z)


def exact_negative_elbo(model, words, kl_weight=1.0):
    """Return −E_Q[log p(x|z)] + w KL(Q(z|x) ‖ P(z)), differentiable, [B], by enumeration."""
    log_likelihood, log_joint = joint_by_code(model, words)
    log_q = posterior_by_code(model, words)
    log_prior = log_joint - log_likelihood
    return (log_q.exp() * (kl_weight * (log_q - log_prior) - log_likelihood)).sum(0)


def exact_training_loss(model, words, kl_weight):
    """Return the negative ELBO whose KL has `kl_weight` for the encoder and 1 for the prior, [B].

    Only its gradient means something.
    """
    log_likelihood, log_joint = joint_by_code(model, words)
    log_q = posterior_by_code(model, words)
    log_prior = log_joint - log_likelihood
    encoders = kl_weight * (log_q - log_prior.detach()) - log_likelihood
    return (log_q.exp() * encoders - log_q.exp().detach() * log_prior).sum(0)


def gradients(loss, module):
    """Return the gradient of `loss` for each parameter by name, zeros where it has none."""
    names, parameters = zip(*module.named_parameters(), strict=True)
    found = torch.autograd.grad(loss, parameters, allow_unused=True)
    return {
        name: torch.zeros_like(parameter) if gradient is None else gradient
        for name, parameter, gradient in zip(names, parameters, found, strict=True)
    }


def next_log_probs(decoder, z, prefix):
    """Return log-probabilities of the next symbol that a word may have, [V], by `step`."""
    symbols, state = decoder.start(z[None])
    for symbol in prefix:
        _, state = decoder.step(symbols, state)
        symbols = torch.tensor([symbol])
    logits = decoder.step(symbols, state)[0][0].clone()
    logits[1] = -torch.inf
    if not prefix:
        logits[0] = -torch.inf  # no word is empty
    return torch.log_softmax(logits, -1)


def language(decoder, z, limit, temperature=1.0):
    """Return the log-probability of each way to decode z within `limit` symbols, by symbols.

    A word ends in 0, or is cut after `limit` symbols without one.
    """
    found = {}

    def grow(prefix, log_prob):
        if len(prefix) == limit or prefix[-1:] == (0,):
            found[prefix] = log_prob
            return
        log_probs = torch.log_softmax(next_log_probs(decoder, z, prefix) / temperature, -1)
        for symbol, value in enumerate(log_probs.tolist()):
            if value > -torch.inf:
                grow((*prefix, symbol), log_prob + value)

    with torch.no_grad():
        grow((), 0.0)
    return found
