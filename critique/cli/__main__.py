"""`python -m critique.cli` is the `critique` command."""

from critique.cli import main

main()
