// Load a wheel into Pyodide, and count primes there: `node pyodide.mjs WHEEL`, where npm has installed pyodide.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const { loadPyodide } = require("pyodide");
const pyodide = await loadPyodide();
await pyodide.loadPackage(pathToFileURL(process.argv[2]).href, { messageCallback() {} });
console.log(pyodide.runPython(`
import sys
import primes
assert primes.first_n(5, start=100) == [101, 103, 107, 109, 113]
assert primes.count_primes(10**6) == 78498
assert [each.name for each in primes.backends() if each.available] == ["python"]
f"Python {sys.version.split()[0]} on {sys.platform}"
`));
