"""Add up the tests of all environments, and fail if one of them did not run or passed over a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

REPORTS = Path(".tox/reports")
WITHOUT_PYTEST = {"rust", "lint", "types"}
# An environment that runs several interpreters has a report for each of them.
SEVERAL = {"newer": ["py314", "py315", "pypy"]}

listed = subprocess.run(
    [Path(sys.executable).with_name("tox"), "list", "-d", "--no-desc", "-q"], capture_output=True, text=True, check=True
).stdout.split()
passed = failed = 0
for name in ["here", *(report for each in listed for report in SEVERAL.get(each, [each]))]:
    if name in WITHOUT_PYTEST:
        continue
    try:
        suite = ET.parse(REPORTS / f"{name}.xml").getroot().find("testsuite")
    except FileNotFoundError:
        print(f"{name:>14}: did not run")
        failed += 1
        continue
    tests, skipped = int(suite.get("tests")), int(suite.get("skipped"))
    bad = int(suite.get("failures")) + int(suite.get("errors"))
    print(f"{name:>14}: {tests} tests, {bad} failed, {skipped} skipped, {float(suite.get('time')):.0f} s")
    # A skipped test counts as a failure.
    passed += tests - bad - skipped
    failed += bad + skipped + (not tests)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
