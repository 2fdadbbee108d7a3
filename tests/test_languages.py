"""Languages have English names, and are found by what people call them."""

import pytest

from lexbits.data.embedded import languages
from lexbits.data.remote import LANGUAGES
from lexbits.languages import NAMES, code_of, name_of


def test_every_language_that_there_are_words_of_has_a_name():
    assert {*NAMES} == {*languages(), *LANGUAGES.values()}


def test_the_names_are_those_of_the_shared_task():
    assert {code: name.lower() for name, code in LANGUAGES.items()}.items() <= {
        code: name.lower() for code, name in NAMES.items()
    }.items()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("es", "es"),
        ("ES", "es"),
        ("Spanish", "es"),
        ("es_MX", "es"),
        ("pt-BR", "pt"),
        ("Serbo-Croatian", "hbs"),
        ("ancient greek", "grc"),
        ("Klingon", "klingon"),
    ],
)
def test_a_language_is_found_by_its_name_and_by_a_locale(written, code):
    assert code_of(written) == code


def test_a_code_without_a_name_is_its_own():
    assert name_of("tlh") == "tlh"
