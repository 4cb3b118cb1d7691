// Call the API as any page on another origin would, and show what the browser let this page read.

const byId = (id) => document.getElementById(id);
const apiField = byId("api");

// The same host name as this page's by default: browsers then count both as one site and
// send the API's cookies, which are SameSite=Lax.
const hostOfThisPage = location.hostname || "localhost";
apiField.value =
  new URLSearchParams(location.search).get("api") || `http://${hostOfThisPage}:8000`;
byId("origin").textContent = location.origin;
byId("origin-to-add").textContent = location.origin;

/** Return the address in the API field without its closing slash, or null if it is not valid. */
function apiBase() {
  try {
    const url = new URL(apiField.value.trim());
    return /^https?:$/.test(url.protocol) ? url.origin + url.pathname.replace(/\/+$/, "") : null;
  } catch {
    return null;
  }
}

function adminAddress() {
  return `${apiBase()}/admin/`;
}

function showApi() {
  const base = apiBase();
  const hint = byId("api-hint");
  hint.textContent = base
    ? "The host name in it chooses the tenant."
    : "Write an address such as http://localhost:8000.";
  hint.classList.toggle("wrong", !base);
  if (base) {
    byId("admin").href = adminAddress();
  }
}

function offerTenants() {
  const port = new URL(apiBase() ?? "http://localhost:8000").port;
  for (const host of ["localhost", "acme.localhost", "globex.localhost"]) {
    const option = document.createElement("option");
    option.value = `http://${host}${port ? `:${port}` : ""}`;
    byId("api-choices").append(option);
  }
}

/** A result panel: a state for tests and colors, a headline, then lines of "term: text". */
class Result {
  constructor(panel) {
    this.panel = panel;
  }

  start(asked) {
    this.panel.replaceChildren();
    this.panel.dataset.state = "pending";
    this.headline = this.add("p", "headline", "Waiting for the response…");
    this.list = this.add("dl");
    this.line("The page requested", asked);
  }

  finish(state, headline) {
    this.panel.dataset.state = state;
    this.headline.textContent = headline;
  }

  line(term, text) {
    const name = document.createElement("dt");
    name.textContent = term;
    const value = document.createElement("dd");
    value.textContent = text;
    this.list.append(name, value);
    return value;
  }

  hint(...parts) {
    this.add("p", "hint").append(...parts);
  }

  add(tag, className = "", text = "") {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    this.panel.append(element);
    return element;
  }
}

/**
 * Report whether the API responds. A page learns only "failed", whether CORS blocks a response or
 * nothing responds; a no-cors request, whose response nobody may read, tells the two apart.
 */
async function isReachable(base) {
  try {
    await fetch(`${base}/`, { mode: "no-cors", credentials: "omit", cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

function link(href, text) {
  const anchor = document.createElement("a");
  anchor.href = href;
  anchor.textContent = text;
  return anchor;
}

async function showFailure(result, base, credentials) {
  if (!(await isReachable(base))) {
    result.finish("error", "The API does not respond");
    result.hint(`Nothing responds at ${base}. Is the demo running, and is the address right?`);
    return;
  }
  result.finish("blocked", "The browser blocked the response (CORS)");
  result.line("The browser let it read", "nothing: no status, no headers, no body");
  result.hint(
    "The browser's console (F12) says why. To allow this page, add ",
    location.origin,
    credentials === "include" ? " as an origin with credentials in the " : " as an origin in the ",
    link(adminAddress(), "admin"),
    "; then try again after a second.",
  );
}

async function showBody(result, response) {
  const body = result.line("Body", "");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    body.textContent += value;
  }
}

async function call(id, path, options = {}) {
  const button = byId(id);
  const result = new Result(byId(`result-${id}`));
  const base = apiBase();
  const { readsTotal = false, ...init } = options;
  const credentials = init.credentials ?? "omit";
  button.disabled = true;
  result.start(
    `${init.method ?? "GET"} ${base}${path}, ${credentials === "include" ? "with" : "without"} credentials`,
  );
  try {
    if (!base) {
      result.finish("error", "Enter the address of an API");
      return;
    }
    let response;
    try {
      // No cache option: with "no-store" browsers would not remember preflights either.
      response = await fetch(base + path, { credentials, ...init });
    } catch {
      await showFailure(result, base, credentials);
      return;
    }
    result.line("Status", `${response.status} ${response.statusText}`.trim());
    if (readsTotal) {
      const total = response.headers.get("X-Total-Count");
      result.line("X-Total-Count", total ?? "not readable: the path rule does not expose it");
    }
    await showBody(result, response);
    result.finish("allowed", "The browser let the page read this");
  } catch {
    result.finish("error", "The response ended too early");
  } finally {
    button.disabled = false;
  }
}

byId("greet").addEventListener("click", () =>
  call("greet", "/greet", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: byId("name").value, lang: byId("lang").value }),
  }),
);
byId("orders").addEventListener("click", () => call("orders", "/orders", { readsTotal: true }));
byId("orders-credentials").addEventListener("click", () =>
  call("orders-credentials", "/orders", { credentials: "include", readsTotal: true }),
);
byId("stream").addEventListener("click", () => call("stream", "/stream"));

byId("api-form").addEventListener("submit", (event) => event.preventDefault());
apiField.addEventListener("input", showApi);
showApi();
offerTenants();
