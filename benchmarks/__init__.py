"""The speed of ``primes`` in comparison with its peers: see README.md in this folder."""
