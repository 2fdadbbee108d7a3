"""The program before its command line is loaded."""

import builtins

import pytest

from lexbits import __main__ as program


def test_ctrl_c_while_the_command_line_is_loaded_is_one_line(monkeypatch, capsys):
    real = builtins.__import__

    def interrupted(name, *others, **more):
        if name == "lexbits.cli":
            raise KeyboardInterrupt
        return real(name, *others, **more)

    monkeypatch.setattr(builtins, "__import__", interrupted)
    with pytest.raises(SystemExit) as ended:
        program.run()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "lexbits: stopped\n"
