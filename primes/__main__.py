"""``python -m primes`` is the command ``primes``."""

import sys

from primes._cli import main

sys.exit(main())
