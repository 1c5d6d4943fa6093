"""``python -m toolkit``: the same as the command ``review-sheets``."""

from toolkit.cli import main

raise SystemExit(main())
