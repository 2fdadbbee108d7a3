from lexbits.data import Entry
from lexbits.data.known import KnownWords


def known(**splits):
    return KnownWords(lambda: {name: [Entry(form) for form in splits[name]] for name in splits})


def test_a_form_in_several_splits_belongs_to_the_first():
    words = known(train=["uno", "dos"], dev=["dos", "tres"], test=["tres"])
    assert dict(words) == {"uno": "train", "dos": "train", "tres": "dev"}


def test_dev_forms_of_train_are_left_out_and_counted():
    assert known(train=["uno"], dev=["uno", "dos"]).unseen_dev == ([Entry("dos")], 1)
    assert known().unseen_dev == ([], 0)


def test_words_are_read_once_when_they_are_first_needed():
    reads = []

    def read():
        reads.append("read")
        return {"train": [Entry("uno")], "dev": [Entry("dos")]}

    words = KnownWords(read)
    assert reads == []
    assert (words["uno"], words.unseen_dev, len(words)) == ("train", ([Entry("dos")], 0), 2)
    assert reads == ["read"]
