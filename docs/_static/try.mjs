// The prompt of the page "Try it". Python runs in a worker, so that the page stays alive and a long call can be stopped.

const EXAMPLES = [
  "primes.first_n(10)",
  "primes.primerange(10**9, 10**9 + 100)",
  "primes.prime_pi(10**9)",
  "primes.nth_prime(10**6)",
  "primes.is_prime(2**127 - 1)",
  "primes.next_prime(10**18)",
  "primes.tuplets(4, 1000)",
  "for backend in primes.backends(): print(backend.name, backend.available, backend.reason)",
];

const part = (name) => document.getElementById(`try-${name}`);
const [status, examples, log, form, code, stop] = ["status", "examples", "log", "form", "code", "stop"].map(part);
const history = [];
let worker, place = 0;

function say(text, kind) {
  const line = document.createElement("span");
  line.className = `try-${kind}`;
  line.textContent = text;
  log.append(line);
  log.scrollTop = log.scrollHeight;
}

function busy(yes) {
  form.querySelector("button").disabled = yes;
  examples.querySelectorAll("button").forEach((button) => (button.disabled = yes));
  stop.disabled = !yes;
}

function start() {
  status.textContent = "Python is starting ...";
  busy(true);
  stop.disabled = true;
  worker = new Worker(new URL("try-worker.mjs", import.meta.url), { type: "module" });
  worker.onerror = (event) => (status.textContent = `Python did not start: ${event.message ?? "see the console"}`);
  worker.onmessage = ({ data }) => {
    if (data.failed !== undefined) {
      status.textContent = data.failed;
    } else if (data.version !== undefined) {
      status.textContent = `Python ${data.version}, primes ${data.primes}. Enter runs a line; the arrows bring back old ones.`;
      for (const each of [examples, log, form]) each.hidden = false;
      busy(false);
    } else {
      say(data.output, data.error ? "error" : "output");
      busy(false);
      code.focus();
    }
  };
}

function run(line) {
  if (!line.trim() || form.querySelector("button").disabled) return;
  history.push(line);
  place = history.length;
  code.value = "";
  say(`>>> ${line}\n`, "input");
  busy(true);
  worker.postMessage(line);
}

for (const example of EXAMPLES) {
  const button = document.createElement("button");
  button.textContent = example;
  button.onclick = () => run(example);
  examples.append(button, " ");
}
form.onsubmit = (event) => {
  event.preventDefault();
  run(code.value);
};
code.onkeydown = (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  place = Math.min(Math.max(place + step, 0), history.length);
  code.value = history[place] ?? "";
};
stop.onclick = () => {
  worker.terminate();
  say("stopped; all names are gone\n", "error");
  start();
};

if (location.protocol === "file:") {
  status.textContent = "A browser does not start Python from a file. Open this page from a server.";
} else {
  start();
}
