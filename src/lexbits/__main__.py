"""The program, as `lexbits` and as `python -m lexbits`."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the command line; Ctrl-C while it is still being loaded ends it as at any other time."""
    try:
        from lexbits.cli import main
    except KeyboardInterrupt:
        sys.stderr.write("lexbits: stopped\n")
        sys.exit(130)
    main()


if __name__ == "__main__":
    run()
