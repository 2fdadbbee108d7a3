import os
import stat

import pytest

from lexbits.drafts import draft_beside


def test_what_is_renamed_stays_and_nothing_else_does(tmp_path):
    path = tmp_path / "new" / "run"
    with draft_beside(path) as draft:
        (draft / "file").write_text("whole")
        assert not path.exists()
        draft.rename(path)
    assert [p.name for p in path.parent.iterdir()] == ["run"]
    assert (path / "file").read_text() == "whole"


def test_a_failure_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), draft_beside(tmp_path / "run") as draft:
        (draft / "file").write_text("half")
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_it_has_the_permissions_of_any_new_folder(tmp_path):
    earlier = os.umask(0o027)
    try:
        (tmp_path / "other").mkdir()
        with draft_beside(tmp_path / "run") as draft:
            assert stat.S_IMODE(draft.stat().st_mode) == 0o750
            assert draft.stat().st_mode == (tmp_path / "other").stat().st_mode
    finally:
        os.umask(earlier)
