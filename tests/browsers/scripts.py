"""What the pages of the tests do, in the browsers' own language."""

# Arguments: the URL, the options of fetch(). Returns what the page may know of the answer.
CALL = """
const [url, options = {}] = given;
try {
  const answer = await fetch(url, options);
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: await answer.text(),
  };
} catch (error) {
  return {error: error.name};
}
"""

# The same twice, one right after the other. Returns both.
CALL_TWICE = f"""
const call = async () => {{ {CALL} }};
return [await call(), await call()];
"""

_IN_A_MESSAGE = """
  try {
    const answer = await fetch(event.data);
    reply({status: answer.status, body: await answer.text()});
  } catch (error) {
    reply({error: error.name});
  }
"""

# Argument: the URL. The same from a worker that the page starts.
CALL_FROM_WORKER = f"""
const code = `onmessage = async (event) => {{
  const reply = postMessage;
  {_IN_A_MESSAGE}
}};`;
const worker = new Worker(URL.createObjectURL(new Blob([code], {{type: "text/javascript"}})));
const answer = new Promise((resolve) => {{ worker.onmessage = (event) => resolve(event.data); }});
worker.postMessage(given[0]);
return await answer;
"""

# Argument: the URL. The same from a frame whose origin is opaque.
CALL_FROM_SANDBOX = f"""
const frame = document.createElement("iframe");
frame.sandbox = "allow-scripts";
frame.srcdoc = `<script>
onmessage = async (event) => {{
  const reply = (value) => parent.postMessage(value, "*");
  {_IN_A_MESSAGE}
}};
parent.postMessage("ready", "*");
</` + `script>`;
const answer = new Promise((resolve) => {{
  onmessage = (event) => {{
    if (event.data === "ready") {{
      frame.contentWindow.postMessage(given[0], "*");
    }} else {{
      resolve(event.data);
    }}
  }};
}});
document.body.append(frame);
return await answer;
"""

# Arguments: where to send the form, its fields. Returns once the answer has been loaded, unread.
POST_FORM = """
const [url, fields] = given;
const frame = document.createElement("iframe");
frame.name = "answer";
document.body.append(frame);
const form = document.createElement("form");
form.method = "post";
form.action = url;
form.target = frame.name;
for (const [name, value] of Object.entries(fields)) {
  const field = document.createElement("input");
  field.name = name;
  field.value = value;
  form.append(field);
}
document.body.append(form);
const loaded = new Promise((resolve) => { frame.onload = resolve; });
form.submit();
await loaded;
"""
