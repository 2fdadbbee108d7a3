"""Several threads, each with codes of its own."""

import pytest
import torch

from lexbits.alphabet import Alphabet
from lexbits.bits import distinct_pairs
from lexbits.data.corpus import Corpus
from lexbits.likelihood import workers as module
from lexbits.likelihood.exact import exact_log_prob
from lexbits.likelihood.trie import alphabetical_blocks, build_trie, log_likelihood, part_of
from lexbits.likelihood.workers import workers
from tests.exact import all_codes, as_batch, tiny_model

WORDS = ["ab", "bbab", "", "aba", "b", "aab", "ab"]
CPU = torch.device("cpu")


@pytest.fixture
def three_threads():
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(1)


@pytest.mark.usefixtures("three_threads")
@pytest.mark.parametrize("codes", [1, 2, 7, 8])
def test_the_threads_together_give_what_one_gives_in_the_order_of_the_codes(codes):
    model, corpus = tiny_model(), Corpus.from_words(WORDS, Alphabet("ab"))
    tries = [build_trie(part_of(corpus, block), CPU) for block in alphabetical_blocks(corpus, 3)]
    z = all_codes(3)[:codes]
    alone = torch.cat([log_likelihood(model.decoder, trie, z) for trie in tries], 1)
    with workers(CPU) as team:
        assert team.count == 3
        together = team.log_likelihood(model.decoder, tries, z)
    torch.testing.assert_close(together, alone)


@pytest.mark.usefixtures("three_threads")
@pytest.mark.parametrize("kind", [{}, {"cell": "gru"}, {"layers": 2}, {"bits": 0}])
@pytest.mark.parametrize("pairs_at_once", [1, 2, 5, 4096])
@pytest.mark.parametrize("samples", [1, 9])
def test_pairs_of_words_and_codes_are_read_as_the_decoder_reads_them(
    monkeypatch, float64, kind, pairs_at_once, samples
):
    monkeypatch.setattr(module, "PAIRS", pairs_at_once)
    model = tiny_model(**kind)
    z = torch.randint(2, (samples, len(WORDS), model.bits)).double()
    pairs = distinct_pairs(z)
    with workers(CPU) as team:
        found = team.log_likelihood_of_pairs(
            model.decoder, Corpus.from_words(WORDS, Alphabet("ab")), pairs
        )
    expected = model.decoder.log_prob(as_batch(WORDS), z)
    torch.testing.assert_close(found[pairs.which].view(z.shape[:2]), expected, rtol=0, atol=1e-10)


@pytest.mark.usefixtures("three_threads")
def test_afterwards_torch_has_as_many_threads_as_before():
    exact_log_prob(tiny_model(), Corpus.from_words(WORDS, Alphabet("ab")))
    assert torch.get_num_threads() == 3
    with pytest.raises(RuntimeError), workers(CPU):
        raise RuntimeError
    assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("three_threads")
def test_workers_at_the_same_time_leave_the_number_of_threads_as_it_was():
    def work(team):
        model, corpus = tiny_model(), Corpus.from_words(WORDS, Alphabet("ab"))
        tries = [build_trie(corpus, CPU)]
        team.log_likelihood(model.decoder, tries, all_codes(3))

    first, second = workers(CPU), workers(CPU)
    work(one := first.__enter__())
    other = second.__enter__()
    assert (one.count, other.count) == (3, 3)
    work(other)
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert torch.get_num_threads() == 3
