"""`python -m web` is `yiwang`."""

import sys

from web.cli import main

sys.exit(main())
