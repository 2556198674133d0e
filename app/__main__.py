"""`python -m app`: the same as `heirloom`."""

from app.cli import main

if __name__ == "__main__":
    main()
