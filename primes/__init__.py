"""Prime numbers, from Rust, Cython or pure Python."""

from __future__ import annotations

__version__ = "0.1.0"
