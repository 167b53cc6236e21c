"""`python -m retint`."""

from retint.cli import main

main()
