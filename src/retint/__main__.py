"""`python -m retint`."""

from retint.cli.main import main

main()
