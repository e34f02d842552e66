"""The speed of ``primes`` beside that of its peers: see README.md in this folder."""
