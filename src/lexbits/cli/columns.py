"""The columns of what commands print, each described once: identifier, title, meaning.

A table on the screen has titles, and below it on a terminal the meanings of those that need one.
TSV has the identifiers, which are the names of the fields in JSON, and all columns, those too that
would be too many on a screen. docs/columns.md lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: what TSV and JSON call it: an identifier.
        title: what people see; the name, in words, unless given.
        meaning: one short line; "" where the title says it all.
        shown: whether it is on the screen unless a command says otherwise; TSV has it always.
        wrapped: whether it holds sentences, which a terminal folds.
    """

    name: str
    title: str = ""
    meaning: str = ""
    shown: bool = True
    wrapped: bool = False

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", self.name.replace("_", " "))


def hidden(column: Column) -> Column:
    """Return a column that is in TSV only."""
    return replace(column, shown=False)


WORD = Column("word")
CODE = Column("code")
STATUS = Column(
    "status", meaning='split of the model\'s data that has the word; or "source", "new"'
)
ENDED = Column("ended", meaning="whether the word ended by itself, not cut", shown=False)
UNSEEN = Column("unseen", "unseen characters", "characters that the model has never seen", False)
LOG_PROB = Column("log_prob", "log P(word)", "nats, the end of the word counted")
STANDING = (
    Column(
        "bits_per_character",
        meaning="−log2 P(word) / characters; the end of the word counts in P only",
    ),
    Column(
        "percentile",
        meaning="how many in a hundred of the run's held-out words of that length are less "
        "probable",
    ),
)
GIVEN_CODE = Column(
    "log_prob_given_code", "log P(word | code)", "nats, the end of the word counted"
)

METRICS = {
    column.name: column
    for column in (
        Column("nll", "NLL", "−log P(word), importance-sampled (an upper bound on average)"),
        Column("exact_nll", "exact NLL", "−log P(word), summed over all codes"),
        Column("exact_elbo", "exact ELBO", "evidence lower bound, summed over all codes"),
        Column("exact_rate", "exact rate", "rate, summed over all codes"),
        Column("exact_distortion", "exact distortion", "distortion, summed over all codes"),
        Column("gap", "gap", "exact log P(word) − exact ELBO = KL(Q ‖ true posterior)"),
        Column(
            "mean_field_gap",
            meaning="part of it that no posterior of independent bits can close (at most)",
        ),
        Column(
            "amortisation_gap", meaning="part of it that a better encoder could close (at least)"
        ),
        Column("nll_upper_bound", "NLL at most", "−log P(word) by the most probable codes only"),
        Column("nll_se", "standard error of NLL", "of the mean over words"),
        Column(
            "unseen_words",
            meaning="words with characters that the model has never seen: too cheap to compare",
        ),
        Column("seen_nll", "NLL without those", "NLL of the words without such characters"),
        Column("ngram_nll", "n-gram NLL", "that of a Kneser-Ney n-gram model of the same words"),
        Column("perplexity_per_symbol", meaning="exp(NLL / symbols), the end of the word counted"),
        Column("elbo", "ELBO", "evidence lower bound = −(distortion + rate)"),
        Column("rate", "rate", "KL(Q‖P) of posterior and prior = mutual information + marginal KL"),
        Column("distortion", meaning="what the decoder still has to say, given the bits"),
        Column("mutual_information", meaning="what the bits know of the word"),
        Column("marginal_kl", "marginal KL", "mismatch of the bits' distribution and the prior"),
        Column(
            "total_correlation",
            meaning="what the bits know of one another: copies show here (noisy around 0)",
        ),
        Column("active_bits", meaning="bits that know more than 0.02 nats"),
        Column("ess", "ESS", "effective number of the importance samples"),
    )
}
"""The measurements of words, in nats per word unless they say otherwise."""

VALUES = (Column("measure"), Column("value", wrapped=True))
FACTS = (Column("name"), Column("value", wrapped=True))
FILES = (Column("file"),)
PAGE = (Column("path"), Column("bytes"))
BOUND = Column("bound", meaning="what is estimated: the ELBO, or a bound of several samples")

TABLES: dict[str, tuple[Column, ...]] = {
    "train": VALUES,
    "sweep rate": (
        Column(
            "rate_target",
            "target",
            "rate that was asked for; plain: the model without bits",
        ),
        METRICS["rate"],
        replace(METRICS["mutual_information"], title="MI"),
        METRICS["marginal_kl"],
        METRICS["active_bits"],
        METRICS["distortion"],
        METRICS["nll"],
        hidden(METRICS["nll_se"]),
        Column(
            "nll_difference",
            "NLL − plain",
            "NLL beyond that of the plain model [95 % interval over words]",
        ),
        Column("difference_low", meaning="lower end of its 95 % interval", shown=False),
        Column("difference_high", meaning="upper end of its 95 % interval", shown=False),
        Column(
            "exact",
            meaning="share of words that come back from their most probable code",
        ),
        Column("edit_distance", meaning="characters that the words coming back are off, mean"),
        Column("sample_exact", meaning="the same share from a sampled code", shown=False),
        Column("sample_edit_distance", meaning="the same from a sampled code", shown=False),
        Column("epochs", meaning="epochs that were trained", shown=False),
        Column("best_epoch", meaning="epoch of the lowest dev NLL", shown=False),
        Column("run", meaning="run folder", shown=False),
    ),
    "tune": (
        Column("trial", meaning="number of the trial, from 0"),
        Column("dev_nll", "dev NLL", "nats per word, of the best epoch"),
        Column("epoch", meaning="the best epoch"),
        Column("dev_rate", "rate", METRICS["rate"].meaning),
        Column("dev_mutual_information", "MI", METRICS["mutual_information"].meaning),
    ),
    "baseline ngram": (
        Column("model"),
        Column("dev_nll", "dev NLL", "nats per word, on dev words that are not in training"),
        Column("nll", "test NLL", "nats per word"),
        Column("nll_se", "standard error", "of the test NLL, over words"),
        Column("perplexity_per_symbol", meaning=METRICS["perplexity_per_symbol"].meaning),
        Column(
            "seen_nll",
            "test NLL without unseen characters",
            "of the words whose characters all occur in training",
        ),
    ),
    "evaluate": VALUES,
    "sample": (
        WORD,
        LOG_PROB,
        GIVEN_CODE,
        *STANDING,
        STATUS,
        CODE,
        ENDED,
    ),
    "reconstruct": (
        WORD,
        Column("code", meaning="the most probable code"),
        Column("searched_code", meaning="code that a search from there finds (--search)"),
        Column("searched", meaning="decoded from it"),
        Column("mode", meaning="decoded from the most probable code"),
        Column("mean", meaning="decoded from the posterior's mean, which is no code"),
        Column("samples", meaning="decoded from codes drawn from the posterior"),
        Column("exact", meaning="whether mode is the word", shown=False),
        UNSEEN,
    ),
    "interpolate": (
        Column("position", meaning="0 at the first word, 1 at the second"),
        Column("code", meaning="the nearest code"),
        WORD,
    ),
    "encode": (
        WORD,
        CODE,
        Column("rate", "KL(Q‖P)", "nats that the word's bits cost: the rate"),
        Column("probabilities", meaning="of a one, for each bit", shown=False),
        UNSEEN,
    ),
    "decode": (
        CODE,
        WORD,
        STATUS,
        LOG_PROB,
        GIVEN_CODE,
        *map(hidden, STANDING),
        ENDED,
    ),
    "score": (
        WORD,
        LOG_PROB,
        Column("standard_error", meaning="of log P(word), by its importance samples"),
        Column("bits_per_symbol", meaning="−log2 P(word) / symbols, the end of the word counted"),
        Column("symbols", meaning="characters and the end of the word", shown=False),
        hidden(METRICS["ess"]),
        UNSEEN,
    ),
    "plot": FILES,
    "report": PAGE,
    "explore": PAGE,
    "info": FACTS,
    "models list": (
        Column("name", meaning="RUN, wherever a command takes one"),
        Column("language"),
        Column("train_words", "words", "training words"),
        Column("dev_words", meaning="dev words", shown=False),
        Column("test_words", meaning="test words", shown=False),
        Column("bits", meaning="size of the latent variable"),
        Column("settings", meaning="those that are not the usual ones", shown=False),
        Column("parameters", meaning="of its networks", shown=False),
        Column("dev_nll", "dev NLL", "−log P(dev word), nats, S = 100", shown=False),
        Column("plain_dev_nll", meaning="that of the plain model, its teacher", shown=False),
        Column("ngram_dev_nll", meaning="that of a Kneser-Ney n-gram", shown=False),
        Column("test_nll", "NLL", "−log P(test word), nats, S = 100"),
        Column("test_nll_se", meaning="standard error of the test NLL", shown=False),
        Column("plain_test_nll", "plain", "NLL of the plain model, its first teacher"),
        Column("ngram_test_nll", "n-gram", "NLL of a Kneser-Ney n-gram of the same words"),
        Column("mutual_information", "MI", METRICS["mutual_information"].meaning),
        Column("megabytes", "MB", "size of its weights, in half precision"),
        Column("sha256", "SHA-256", "of its weights, here the first digits"),
        Column("date", meaning="when it was trained"),
        Column("data", meaning="the data set", shown=False),
        Column("sources", meaning="where its words come from, and their licence", shown=False),
    ),
    "models card": FACTS,
    "model-card": FACTS,
    "data list": (
        Column("language"),
        Column("name", meaning="DATA, wherever a command takes one"),
        Column("description"),
        Column("model", meaning="RUN, wherever a command takes one: it has learned such words"),
    ),
    "data show": FACTS,
    "data pack": FACTS,
    "data fetch": FILES,
    "estimators list": (
        Column("name"),
        BOUND,
        Column("unbiased", meaning="whether the mean of its estimates is the gradient"),
        Column("bias", meaning="where a bias comes from, or a scale", shown=False),
        Column("evaluations", meaning="of the decoder for a word: S samples, K bits"),
        Column("needs", meaning="Q: a factorised posterior; dz: a decoder differentiable in z"),
        Column("least_samples", meaning="fewest samples", shown=False),
        Column("most_bits", meaning="most bits, if there is a bound", shown=False),
        Column("summary", "what it does", wrapped=True),
        Column("reference", wrapped=True),
    ),
    "estimators compare": (
        Column("estimator"),
        BOUND,
        Column("unbiased", meaning="whether it says it is unbiased", shown=False),
        Column("samples", "S", "samples of each word"),
        Column("evaluations", meaning="of the decoder for a word"),
        Column("variance", meaning="of the gradient, summed over its entries"),
        Column("signal_to_noise", "signal/noise", "length of the mean gradient / its deviation"),
        Column("cosine", meaning="mean, of an estimate and the reference gradient"),
        Column("relative_bias", "bias", "of the mean, beside the length of the reference"),
        Column("bias_noise", meaning="that bias of an unbiased estimator, by chance", shown=False),
        Column("variance_times_evaluations", "variance × evaluations"),
        Column("milliseconds", "ms", "for an estimate and its backward pass"),
        Column("variance_times_seconds", "variance × s"),
        Column("reference", meaning="exact, or what it is an average of", shown=False),
    ),
    "estimators check": (
        Column("estimator"),
        Column("toy", meaning="the words it is measured on", shown=False),
        hidden(BOUND),
        Column("samples", "S"),
        Column("evaluations", meaning="of the function of z, for an estimate"),
        Column("method", meaning="whether all noise is weighed, or drawn at random"),
        Column("unbiased", meaning="whether it is so here"),
        Column("declared_unbiased", meaning="whether it says so", shown=False),
        Column("max_abs_bias", "largest bias", "of an entry of the mean gradient in Q's logits"),
        Column("max_abs_bias_of_f", meaning="the same in the parameters of f", shown=False),
        Column("abs_bias_of_value", meaning="of the mean value", shown=False),
        Column("total_variance", "variance", "of the gradient, summed over its entries"),
        Column("z_score", "z", "largest error / standard error, where noise is drawn"),
        Column("note", meaning="what it says of a bias of its own", wrapped=True),
    ),
    "estimators check FILE.py:NAME": (
        Column("name", "check"),
        Column("passed", "verdict", "nothing where it is a description, neither good nor bad"),
        Column("detail", "found", wrapped=True),
    ),
}
"""The columns of each command's records, as TSV has them."""

MEASURES = (Column("measure"), Column("value"), Column("meaning", wrapped=True))
USAGE = (
    Column("bit", meaning="its place in a code"),
    Column("ones", "on", "share of the words that switch it on"),
    Column("nats", meaning="what it alone knows of the words, at most ln 2 = 0.69"),
    Column("bar", " "),
    Column("active", meaning="whether it knows more than 0.02 nats"),
)
REBUILT = (
    Column("decoded_from"),
    Column("exact", meaning="share of words that come back"),
    Column("edit_distance", meaning="characters that a word is off, mean"),
)
GAINS = (Column("position"), Column("from_the_start"), Column("from_the_end"))
QUALITY = (
    Column("measure"),
    Column("model", " model"),
    Column("ngram", "n-gram"),
    Column("held_out", "held-out words"),
    Column("meaning", wrapped=True),
)
ORDERS = (Column("order"), TABLES["baseline ngram"][1], Column("chosen", " "))
DIFFERENCES = (
    Column("pair", "on the same test words"),
    Column("nll", "NLL", "nats per word; negative where the first is better"),
    Column("se", "standard error", "over words"),
)
"""Tables that only people see."""


def named(columns: Sequence[Column], *names: str) -> list[Column]:
    """Return some of the columns, in the order of `names`."""
    known = {column.name: column for column in columns}
    return [known[name] for name in names]
