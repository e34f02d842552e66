// Python for the page "Try it", with the wheel that lies beside it: `tox -e try` has put both into _pyodide.

const folder = new URL("../_pyodide/", import.meta.url);

const RUN = `
import contextlib, io, traceback
from pyodide.code import eval_code
import primes

names = {"primes": primes}

def run(line):
    output = io.StringIO()
    error = False
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            answer = eval_code(line, names)
            if answer is not None:
                print(repr(answer))
        except BaseException as exception:
            error = True
            print("".join(traceback.format_exception_only(exception)), end="")
    return output.getvalue(), error

run
`;

async function load() {
  const wheel = await fetch(new URL("wheel.txt", folder));
  if (!wheel.ok) {
    postMessage({ failed: "This copy of the site was made without Pyodide: `tox -e try` adds it." });
    return null;
  }
  const { loadPyodide } = await import(new URL("pyodide.mjs", folder));
  const pyodide = await loadPyodide({ indexURL: folder.href });
  await pyodide.loadPackage(new URL((await wheel.text()).trim(), folder).href, { messageCallback() {} });
  const run = pyodide.runPython(RUN);
  const [version, primes] = pyodide.runPython("import sys; sys.version.split()[0], primes.__version__").toJs();
  postMessage({ version, primes });
  return run;
}

const loaded = load().catch((error) => {
  postMessage({ failed: `Python did not start: ${error}` });
  return null;
});

onmessage = async ({ data }) => {
  const run = await loaded;
  const [output, error] = run(data).toJs();
  postMessage({ output, error });
};
