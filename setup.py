"""The part of the build that setup.cfg cannot declare: two extensions. How they are built, hybrid_build.py tells."""

import os
import sys
import tomllib
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # pip runs this file without looking for modules beside it.

from hybrid_build import CythonModule, RustModule, setup

# What the crates declare already is read, not repeated. A test compares their version with `primes.__version__`.
CRATES = tomllib.loads(Path("Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]

setup(
    "primes",  # So the variables are PRIMES_BUILD and PRIMES_ABI3.
    {
        "rust": RustModule(
            "primes._rust",
            "rust_ext/python/Cargo.toml",
            cargo_manifest_args=["--locked"],  # Exactly what Cargo.lock says.
            rust_version=f">={CRATES['rust-version']}",
            rustc_flags=["-Cstrip=symbols"],
        ),
        "cython": CythonModule(
            "primes._cython",
            ["cython_ext/_cython.pyx"],
            depends=[str(path) for path in Path("cython_ext").glob("*.pxd")],
            define_macros=[("PRIMES_VERSION", f'"{CRATES["version"]}"')],
            # A state for each interpreter: cython_ext/interpreters.pxd. Without the stable ABI, Cython 3.3 crashes so.
            abi3_macros=[("CYTHON_USE_MODULE_STATE", "1")],
            extra_compile_args=[] if os.name == "nt" else ["-O3", "-g0"],  # MSVC optimizes by itself.
            extra_link_args=["-s"] if sys.platform == "linux" else [],
        ),
    },
    abi3="3.11",
)
