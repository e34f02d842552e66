"""Small projects that use hybrid_build.py, each compiled in a second.

This is a plugin, like building.py.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import shutil
import textwrap
import venv
from typing import TYPE_CHECKING

import pytest

from building import CHECKOUT, Project, program

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

PYPROJECT = """
    [build-system]
    requires = ["setuptools>=77.0", "packaging>=24.0", "setuptools-rust>=1.11", "cython>=3.1"]
    build-backend = "setuptools.build_meta"
"""

HEAD = """
    import sys
    from pathlib import Path

    sys.path.append(str(Path(__file__).parent))

    from hybrid_build import CythonModule, RustModule, setup
"""

C_MODULE = """
    #include <Python.h>
    static struct PyModuleDef def = {{PyModuleDef_HEAD_INIT, "{name}", "from C", 0, NULL}};
    PyMODINIT_FUNC PyInit_{name}(void) {{ return PyModule_Create(&def); }}
"""

# It does without PyO3, which would have to be downloaded and takes long to compile.
RUST = {
    "crate/Cargo.toml": """
        [package]
        name = "tiny"
        version = "1.0.0"
        edition = "2021"
        [lib]
        crate-type = ["cdylib"]
    """,
    "crate/src/lib.rs": """
        use std::ffi::{c_char, c_int, c_void};

        #[repr(C)]
        pub struct ModuleDef {
            head: [usize; 5],
            name: *const c_char,
            doc: *const c_char,
            size: isize,
            rest: [usize; 5],
        }

        extern "C" {
            fn PyModule_Create2(def: *mut ModuleDef, version: c_int) -> *mut c_void;
        }

        static mut DEF: ModuleDef = ModuleDef {
            head: [1, 0, 0, 0, 0],
            name: c"_rust".as_ptr(),
            doc: c"from Rust".as_ptr(),
            size: 0,
            rest: [0; 5],
        };

        #[no_mangle]
        pub extern "C" fn PyInit__rust() -> *mut c_void {
            unsafe { PyModule_Create2(&raw mut DEF, 3) }
        }
    """,
}
RUST_MODULE = """RustModule("{name}", "crate/Cargo.toml", rust_version=">=1.82", binding=Binding.NoBinding)"""


class OtherProject(Project):
    """A project with a copy of hybrid_build.py."""

    def failed_or_built(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``setup.py bdist_wheel``, or other arguments, in a tree that holds the files of earlier builds."""
        shutil.rmtree(self.tree / "dist", ignore_errors=True)
        return self.run(*(arguments or ("setup.py", "bdist_wheel")), **environment)


def write(root: Path, files: dict[str, str], environment: dict[str, str]) -> OtherProject:
    """Write a project's files."""
    for name, text in {"pyproject.toml": PYPROJECT, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    shutil.copy2(CHECKOUT / "hybrid_build.py", root)
    return OtherProject(root, environment | {"CARGO_TARGET_DIR": str(root.parent / "target")})


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Project:
    """A project like this one, with the files of an earlier build. C takes the place of Cython."""
    files = {
        "setup.py": f"""{HEAD}
    from setuptools_rust import Binding

    setup(
        "tiny",
        {{
            "rust": {RUST_MODULE.format(name="tiny._rust")},
            "cython": CythonModule("tiny._cython", ["_cython.c"]),
        }},
        abi3="3.11",
        name="tiny",
        version="1.0",
        packages=["tiny"],
    )
        """,
        "_cython.c": C_MODULE.format(name="_cython"),
        "tiny/__init__.py": "",
        **RUST,
    }
    written = write(tmp_path_factory.mktemp("tiny") / "tree", files, environment)
    return Project(written.tree, written.environment).with_all_left_behind()


@pytest.fixture(scope="session")
def flat(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> OtherProject:
    """A flat layout described in setup.py: one backend with two C modules, and Rust in a subpackage."""
    files = {
        "setup.py": f"""{HEAD}
    from setuptools_rust import Binding

    setup(
        "flat-project",
        {{
            "c": [CythonModule("flat._one", ["one.c"]), CythonModule("flat.inner._two", ["two.c"])],
            "rust": {RUST_MODULE.format(name="flat.inner.deep._rust")},
        }},
        abi3="3.11",
        name="Flat.Project",
        version="1.0",
        packages=["flat", "flat.inner", "flat.inner.deep"],
    )
        """,
        "one.c": C_MODULE.format(name="_one"),
        "two.c": C_MODULE.format(name="_two"),
        "flat/__init__.py": "",
        "flat/inner/__init__.py": "",
        "flat/inner/deep/__init__.py": "",
        **RUST,
    }
    return write(tmp_path_factory.mktemp("flat") / "tree", files, environment)


@pytest.fixture(scope="session")
def src(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> OtherProject:
    """A src layout described in setup.cfg, with Cython alone, and a wheel for each version of Python."""
    files = {
        "setup.py": f"""{HEAD}
    setup("thing", {{"cython": CythonModule("thing._cython", ["src/thing/_cython.pyx"])}})
        """,
        "setup.cfg": """
            [metadata]
            name = thing
            version = 1.0
            [options]
            package_dir =
                = src
            packages = find:
            [options.packages.find]
            where = src
        """,
        "pyproject.toml": PYPROJECT.replace(', "setuptools-rust>=1.11"', ""),
        "MANIFEST.in": "include hybrid_build.py\nrecursive-include src *.pyx",
        "src/thing/__init__.py": "",
        "src/thing/_cython.pyx": '"from Cython"',
    }
    return write(tmp_path_factory.mktemp("src") / "tree", files, environment)


@pytest.fixture(scope="session")
def second_fails(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables for a C compiler that fails for two.c and prints the error to stdout, as MSVC does."""
    script = 'case "$*" in *two.c*) echo "two.c(1): error C1: no"; exit 1;; esac; exec gcc "$@"'
    return {"CC": str(program(tmp_path_factory.mktemp("compiler") / "cc", script))}


@dataclasses.dataclass(frozen=True)
class WaitingCompiler:
    """A C compiler that reports when it has begun, and then waits until it may go on."""

    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make a build use it."""
        waits = f'echo "cc has begun" >&2; until [ -e {self.directory}/go ]; do sleep 0.1; done; exec gcc "$@"'
        return {"CC": str(program(self.directory / "cc", waits))}

    def let_go(self) -> None:
        """Let it go on."""
        (self.directory / "go").touch()


@pytest.fixture
def waiting_compiler(tmp_path: Path) -> WaitingCompiler:
    """A compiler for one test."""
    return WaitingCompiler(tmp_path)


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has setuptools and nothing else."""
    environment = tmp_path_factory.mktemp("bare")
    venv.create(environment)
    [site_packages] = environment.glob("lib/python*/site-packages")
    distribution = importlib.metadata.distribution("setuptools")
    for name in {file.parts[0] for file in distribution.files or []} - {".."}:
        (site_packages / name).symlink_to(str(distribution.locate_file(name)))
    return environment / "bin" / "python"
