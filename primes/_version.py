"""The version, for the package and for the floors below it."""

__version__ = "0.1.0"
