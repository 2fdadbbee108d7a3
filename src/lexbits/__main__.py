"""`python -m lexbits`."""

from lexbits.cli import main

main()
