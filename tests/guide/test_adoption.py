"""The guide applied to projects of others: their tests pass with each kernel, and their answers stay the same."""

from __future__ import annotations

import importlib.machinery
from typing import TYPE_CHECKING

import pytest

from adoption import FLAVOURS, Adoption, adopt
from reader import Reader, blocks
from test_guide import PAGE

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["shown"]


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files that a reader of the page ends up with."""
    root = tmp_path_factory.mktemp("page") / "keyhash"
    with Reader(root, root) as reader:
        for block in blocks(PAGE):
            if block.language != "console":
                reader.follow(block)
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module", params=["uritools", "blurhash"])
def adoption(
    request: pytest.FixtureRequest, page: dict[str, str], target: Path, tmp_path_factory: pytest.TempPathFactory
) -> Adoption:
    """One of the projects, with the guide applied."""
    return adopt(request.param, page, tmp_path_factory.mktemp(request.param), target)


@pytest.fixture(scope="module")
def originally(adoption: Adoption) -> str:
    """The result of the project's own tests without a change."""
    return adoption.test("original")[0]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_its_own_tests_pass_and_run_the_kernel(adoption: Adoption, originally: str, flavour: str) -> None:
    ended, proof = adoption.test(flavour)
    assert ended == originally
    assert proof["kernel"] == f"{adoption.name}._{flavour}"
    suffixes = importlib.machinery.SOURCE_SUFFIXES if flavour == "python" else [".abi3.so", ".pyd"]
    assert proof["file"].endswith(tuple(suffixes))
    assert proof["file"].startswith(str(adoption.installed(flavour)))
    assert set(proof["calls"]) == set(adoption.kernel_functions())


def test_the_answers_stay_the_same(adoption: Adoption, speeds: list[str]) -> None:
    """The times, which are taken in turn, are printed."""
    rounds = [{flavour: adoption.measure(flavour) for flavour in ("original", *FLAVOURS)} for _ in range(2)]
    assert len({measured["answers"] for each in rounds for measured in each.values()}) == 1
    for label, share in rounds[0]["original"]["shares"].items():
        best = {flavour: min(each[flavour]["times"][label] for each in rounds) for flavour in rounds[0]}
        times = ", ".join(f"{flavour} {best['original'] / best[flavour]:.1f}" for flavour in FLAVOURS)
        before = f"{1e6 * best['original']:.0f} us, {share:.0%} of them in what became a kernel"
        speeds.append(f"{adoption.name}: {label}: {before}; times as fast: {times}")
