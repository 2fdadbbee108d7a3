from lexbits.training.records import best_record


def test_the_best_is_the_earliest_of_lowest_dev_nll():
    records = [{"epoch": i + 1, "dev_nll": nll} for i, nll in enumerate((3.0, 2.0, 2.5, 2.0))]
    assert best_record(records)["epoch"] == 2
