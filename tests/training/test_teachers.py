import itertools

import numpy as np
import pytest
import torch

from lexbits.config import resolve
from lexbits.data.corpus import Corpus
from lexbits.model import LatentWordModel
from lexbits.ngram import choose_order
from lexbits.training.loop import train
from lexbits.training.memory import train_in_memory
from lexbits.training.ngrams import ORDERS
from lexbits.training.session import Session
from lexbits.training.teachers import draw, synthetic_in_all, teacher_settings
from tests.training.trainings import ALPHABET, DEV, TINY, TRAIN, Hooks, continued

SETTINGS = resolve(TINY | {"teachers": 1, "teacher_epochs": 2, "synthetic_words": 1.5})


def with_certainty(word):
    """Return a plain model that draws one word, of different characters, again and again."""
    settings = teacher_settings(SETTINGS, 0)
    network = LatentWordModel(settings, ALPHABET).eval()
    decoder = network.decoder
    for parameter in decoder.parameters():
        torch.nn.init.zeros_(parameter)
    symbols = ALPHABET.encode(word)
    with torch.no_grad():
        # Each symbol that is read opens the gates of one hidden unit, which asks for the next one.
        size = settings.hidden_size
        gates = decoder.rnn.weight_ih_l0.view(4, size, -1)
        decoder.rnn.bias_ih_l0.view(4, size)[1] = -40  # nothing is remembered
        decoder.rnn.bias_ih_l0.view(4, size)[[0, 3]] = 40
        for unit, (read, said) in enumerate(zip([ALPHABET.start, *symbols], symbols, strict=False)):
            decoder.embedding.weight[read, unit] = 40
            gates[2, unit, unit] = 1
            decoder.logits.weight[said, unit] = 60
    return network


def drawn(networks=(), **changes):
    settings = SETTINGS.model_copy(update=changes)
    return [w for piece in draw(networks, TRAIN, DEV, ALPHABET, settings) for w in piece]


def test_teachers_draw_as_many_words_as_the_epochs_take():
    words = drawn()
    assert len(words) == synthetic_in_all(SETTINGS, len(TRAIN)) == 3 * round(1.5 * len(TRAIN))


def test_each_teacher_and_the_ngram_draw_equally_many():
    words = drawn([with_certainty("cab"), with_certainty("bac")], epochs=60)
    for word in ("cab", "bac"):
        share = words.count(word) / len(words)
        assert share == pytest.approx(1 / 3, abs=0.05)


def test_the_ngram_draws_words_as_often_as_they_are_probable():
    words = drawn(epochs=300)
    corpora = [Corpus.from_words(forms, ALPHABET) for forms in (TRAIN, DEV)]
    ngram, _ = choose_order(*corpora, ALPHABET, ORDERS)
    candidates = ["".join(w) for n in (1, 2, 3) for w in itertools.product("abc", repeat=n)]
    log_prob = ngram.log_prob(Corpus.from_words(candidates, ALPHABET))
    # Among these words only: others, with the unknown symbol, are drawn again.
    expected = np.exp(log_prob) / np.exp(log_prob).sum()
    found = np.array([words.count(word) for word in candidates])
    z = (found - found.sum() * expected) / np.sqrt(found.sum() * expected)
    assert np.abs(z).max() < 4.5


def test_drawn_words_are_whole_and_of_the_alphabet():
    words = drawn(max_length=4, epochs=20)
    assert all(0 < len(word) <= 4 and set(word) <= set("abc") for word in words)


def test_drawn_words_depend_on_the_seed_alone():
    torch.manual_seed(1)
    first = drawn([with_certainty("cab")])
    torch.manual_seed(2)
    assert drawn([with_certainty("cab")]) == first
    assert drawn([with_certainty("cab")], seed=1) != first


def test_drawing_leaves_the_generator_of_torch_alone():
    network = with_certainty("cab")
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    drawn([network])
    assert torch.equal(torch.rand(3), expected)


def test_a_teacher_is_the_same_model_without_bits_and_teachers():
    teacher = teacher_settings(SETTINGS, 1)
    assert (teacher.bits, teacher.teachers, teacher.epochs) == (0, 0, 2)
    assert teacher.hidden_size == SETTINGS.hidden_size
    assert len({teacher_settings(SETTINGS, n).seed for n in range(4)} | {SETTINGS.seed}) == 5
    teacher.refuse_contradictions()


def epochs_of(session):
    """Yield the words of each epoch."""
    for _ in range(session.settings.epochs):
        batches = session.batches()
        assert len(batches) == session.steps_per_epoch
        yield [
            ALPHABET.decode(row)
            for batch in batches
            for row in session.corpus.batch(batch).tolist()
        ]
        session.progress.end_epoch(0.0)


def test_each_epoch_holds_the_real_words_and_the_next_of_the_drawn_ones():
    words = [f"{'ab' * (i % 11)}{'c' * (i // 11)}" for i in range(2 * 60)]
    session = Session.start(SETTINGS, ALPHABET, TRAIN, DEV, words)
    expected = itertools.cycle(words)
    for epoch in epochs_of(session):
        of_epoch = list(itertools.islice(expected, round(1.5 * len(TRAIN))))
        assert sorted(epoch) == sorted([*TRAIN, *of_epoch])


def test_fewer_drawn_words_than_an_epoch_takes_are_all_in_it_once():
    session = Session.start(SETTINGS, ALPHABET, TRAIN, DEV, ["abab", "caca"])
    for epoch in epochs_of(session):
        assert sorted(epoch) == sorted([*TRAIN, "abab", "caca"])


def test_a_training_with_drawn_words_goes_on_as_if_nothing_had_been():
    words = drawn()
    whole, hooks = Session.start(SETTINGS, ALPHABET, TRAIN, DEV, words), Hooks()
    assert train(whole, hooks)
    first, stopped = Session.start(SETTINGS, ALPHABET, TRAIN, DEV, words), Hooks(stop_after=11)
    assert not train(first, stopped)
    again, rest = continued(stopped.saved, drawn=words, settings=SETTINGS), Hooks()
    assert train(again, rest)
    assert stopped.records + rest.records == hooks.records


def test_a_model_in_memory_learns_from_its_teachers():
    network, records = train_in_memory(SETTINGS, ALPHABET, TRAIN, DEV)
    alone, _ = train_in_memory(SETTINGS.model_copy(update={"teachers": 0}), ALPHABET, TRAIN, DEV)
    assert records[0]["step"] == -(-(len(TRAIN) + round(1.5 * len(TRAIN))) // 8)
    assert not torch.equal(network.decoder.logits.weight, alone.decoder.logits.weight)


def test_the_teachers_of_the_preset_best_are_plain_models_of_the_preset_plain():
    teacher = teacher_settings(resolve(preset="best"), 0)
    assert teacher.model_copy(update={"seed": 0}) == resolve(preset="plain")
