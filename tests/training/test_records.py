from lexbits.training.records import best_record


def test_the_best_is_the_earliest_of_lowest_score():
    records = [{"epoch": i + 1, "dev_score": score} for i, score in enumerate((3.0, 2.0, 2.5, 2.0))]
    assert best_record(records)["epoch"] == 2
