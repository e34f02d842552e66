"""hybrid_build.py in other projects: other layouts, other modules, other names."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from other_projects import OtherProject, WaitingCompiler

pytest_plugins = ["building", "other_projects"]

RUN_SETUP = "import runpy, sys; sys.argv[1:] = ['bdist_wheel']; runpy.run_path('setup.py')"

FLAT = {"flat/_one.abi3.so", "flat/inner/_two.abi3.so"}
DEEP = "flat/inner/deep/_rust.abi3.so"


def await_line(process: subprocess.Popen[str], expected: str) -> None:
    """Read the stderr of a process up to a line."""
    assert process.stderr is not None
    assert any(line.rstrip() == expected for line in process.stderr), f"it ended without saying {expected!r}"


def test_modules_at_any_depth(flat: OtherProject, tmp_path: Path) -> None:
    wheel = flat.wheel()
    assert wheel.binaries == {*FLAT, DEEP}
    assert wheel.tag == "cp311-abi3-platform"
    assert wheel.report == {"c": None, "rust": None}
    assert "flat/_build_report.json" in wheel.names
    code = "from flat import _one; from flat.inner import _two; from flat.inner.deep import _rust; print(_rust.__doc__)"
    assert wheel.python(code, tmp_path) == "from Rust\n"


def test_the_variables_are_named_after_the_project(flat: OtherProject) -> None:
    wheel = flat.wheel(FLAT_PROJECT_BUILD="c", FLAT_PROJECT_ABI3="0")
    assert {name.partition(".")[0] for name in wheel.binaries} == {"flat/_one", "flat/inner/_two"}
    assert "abi3" not in wheel.path.name
    assert wheel.report == {"c": None, "rust": "not requested: FLAT_PROJECT_BUILD=c"}


def test_half_a_backend_is_none(flat: OtherProject, second_fails: dict[str, str]) -> None:
    """The halves are its two modules, which may also be compiled at the same time."""
    for arguments in (("bdist_wheel",), ("build_ext", "--parallel=2", "bdist_wheel")):
        wheel = flat.wheel("setup.py", *arguments, **second_fails)
        assert wheel.binaries == {DEEP}
        assert wheel.report == {"c": "not built: two.c(1): error C1: no", "rust": None}


def test_a_build_in_place(src: OtherProject) -> None:
    for setting, count in (("", 1), ("none", 0)):
        result = src.run("setup.py", "build_ext", "--inplace", THING_BUILD=setting)
        assert result.returncode == 0, result.stderr
        assert len(list((src.tree / "src" / "thing").glob("_cython*.so"))) == count
        report = json.loads((src.tree / "src" / "thing" / "_build_report.json").read_text(encoding="utf-8"))
        assert report == {"cython": f"not requested: THING_BUILD={setting}" if setting else None}


def test_the_sdist_can_be_built(src: OtherProject, tmp_path: Path) -> None:
    wheel = src.wheel("-m", "build", "--no-isolation")
    version = f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert wheel.tag == f"{version}-{version}-platform"
    assert wheel.python("from thing import _cython; print(_cython.__doc__)", tmp_path) == "from Cython\n"


def test_none_needs_neither_cython_nor_setuptools_rust(src: OtherProject, bare_python: Path) -> None:
    wheel = dataclasses.replace(src, interpreter=bare_python).wheel(THING_BUILD="none")
    assert wheel.tag == "py3-none-any"
    assert wheel.report == {"cython": "not requested: THING_BUILD=none"}


def test_what_is_missing_is_told_in_one_line(src: OtherProject, bare_python: Path) -> None:
    result = dataclasses.replace(src, interpreter=bare_python).run("setup.py", "bdist_wheel")
    assert result.returncode == 1
    [line] = result.stderr.splitlines()
    everything = '"setuptools>=77.0" "packaging>=24.0" "cython>=3.1"'
    assert line == f"this build needs cython>=3.1; run: python -m pip install --upgrade {everything}"


def test_half_a_backend_fails_where_it_is_required(flat: OtherProject, second_fails: dict[str, str]) -> None:
    result = flat.failed_or_built(FLAT_PROJECT_BUILD="c", **second_fails)
    assert result.returncode == 1
    expected = "FLAT_PROJECT_BUILD=c requires the c backend, which could not be built: two.c(1): error C1: no"
    assert result.stderr.splitlines()[-1] == f"error: {expected}"
    assert not (flat.tree / "dist").exists()


def test_a_stable_module_is_named_so_that_every_version_finds_it(flat: OtherProject) -> None:
    """This interpreter pretends to be CPython 3.15, whose suffix has the platform in it."""
    code = "import sysconfig; sysconfig.get_config_vars()['SOABI_PLATFORM'] = 'x86_64-linux-gnu'"
    assert flat.wheel("-c", f"{code}; {RUN_SETUP}").binaries == {*FLAT, DEEP}


def test_a_wheel_that_lacks_what_its_report_says_is_refused(flat: OtherProject) -> None:
    code = """
from pathlib import Path
from setuptools.command.install_lib import install_lib

install = install_lib.run

def lose(self):
    install(self)
    [lost] = Path(self.install_dir).rglob("_two.*")
    lost.unlink()

install_lib.run = lose
"""
    result = flat.failed_or_built("-c", code + RUN_SETUP)
    assert result.returncode == 1
    fault = "its report says of the c backend: built, but it holds nothing that Python can load as flat.inner._two"
    assert result.stderr.splitlines()[-1].endswith(fault)
    assert not list((flat.tree / "dist").iterdir())


def test_a_strict_editable_install_has_the_modules_and_the_report(flat: OtherProject, tmp_path: Path) -> None:
    arguments = f"{str(tmp_path)!r}, {{'editable_mode': 'strict'}}"
    code = f"from setuptools import build_meta; build_meta.build_editable({arguments})"
    for setting, expected in (("", {*FLAT, DEEP}), ("rust", {DEEP})):
        result = flat.run("-c", code, FLAT_PROJECT_BUILD=setting)
        assert result.returncode == 0, result.stderr
        [links] = (flat.tree / "build").glob("__editable__*")
        linked = {path.relative_to(links).as_posix() for path in links.rglob("*") if path.is_file()}
        assert {name for name in linked if name.endswith(".so")} == expected
        assert "flat/_build_report.json" in linked
    imported = flat.run("-P", "-c", "from flat.inner.deep import _rust; print(_rust.__file__)", PYTHONPATH=str(links))
    assert imported.stdout == f"{links / DEEP}\n", imported.stderr


def test_a_second_build_waits_for_the_first(src: OtherProject, waiting_compiler: WaitingCompiler) -> None:
    with src.start("setup.py", "bdist_wheel", **waiting_compiler.environment) as first:
        await_line(first, "cc has begun")
        with src.start("setup.py", "bdist_wheel") as second:
            await_line(second, "waiting for another build in this directory")
            waiting_compiler.let_go()
            for process in (first, second):
                errors = process.communicate()[1]
                assert process.returncode == 0, errors


def test_a_build_that_a_build_has_started_does_not_wait_for_it(src: OtherProject) -> None:
    """`setup.py develop` is such a build: it starts pip."""
    code = """
import subprocess, sys
import hybrid_build
with hybrid_build.one_build_at_a_time():
    subprocess.run([sys.executable, "setup.py", "bdist_wheel"], check=True, stdin=subprocess.DEVNULL, timeout=600)
"""
    result = src.run("-c", code)
    assert result.returncode == 0, result.stderr
    assert "waiting for another build" not in result.stderr


def test_a_compilers_output_is_passed_on_at_once(src: OtherProject, waiting_compiler: WaitingCompiler) -> None:
    """If a build is killed, its output shows how far it came."""
    with src.start("setup.py", "bdist_wheel", **waiting_compiler.environment) as process:
        await_line(process, "cc has begun")
        process.kill()
        process.communicate()
    waiting_compiler.let_go()


def test_warnings_may_be_errors(flat: OtherProject) -> None:
    code = "from setuptools import build_meta as it; it.build_wheel('dist')"
    assert flat.wheel("-c", code, PYTHONWARNINGS="error").binaries == {*FLAT, DEEP}


def test_nobody_needs_to_listen(flat: OtherProject) -> None:
    closed = f"exec {sys.executable} setup.py bdist_wheel 2>&-"
    code = f"import os; os.execvp('sh', ['sh', '-c', {closed!r}])"
    assert flat.wheel("-c", code).binaries == {*FLAT, DEEP}


def test_an_interpreter_older_than_the_stable_abi_builds_for_itself(flat: OtherProject) -> None:
    code = "import hybrid_build as it; print(*(it.Plan('x', {}, abi3).abi3 for abi3 in ('3.11', '3.99', None)))"
    assert flat.run("-c", code).stdout == "3.11 None None\n"


def test_a_module_outside_of_packages_is_refused(flat: OtherProject) -> None:
    result = flat.run("-c", "import hybrid_build as it; it.Plan('x', {'c': it.CythonModule('_c', ['c.c'])}, None)")
    assert result.stderr.splitlines()[-1] == "ValueError: _c must lie in a package, where there is room for the report"
