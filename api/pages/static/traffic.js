// Adds requests to the traffic's table as they end, by server-sent events. Whatever stands in
// them is somebody's: it becomes text, and nothing else.

const view = document.getElementById("traffic");
const body = view.querySelector("tbody");
const pause = document.getElementById("pause");
const state = document.getElementById("state");
const MOST = 500;
const PATH = 300;
const LIES = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

let waiting = [];
let missed = 0;
let paused = false;

const plain = (value) => String(value).replace(LIES, "\ufffd");
const shortened = (text) => (text.length > PATH ? `${text.slice(0, PATH - 1)}…` : text);

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function row(request) {
  const made = element("tr");
  const path = element("td", "", "path");
  const link = element("a", "", "");
  link.href = view.dataset.page + encodeURIComponent(plain(request.id));
  link.append(element("bdi", shortened(plain(request.path))));
  path.append(link);
  made.append(
    element("td", plain(request.time).slice(11, 19)),
    element("td", plain(request.user)),
    element("td", plain(request.method)),
    path,
    element("td", plain(request.status), `status s${Math.floor(Number(request.status) / 100)}`),
    element("td", `${Number(request.seconds).toFixed(3)} s`, "number"),
    element("td", plain(request.sent), "number"),
    element("td", plain(request.lane)),
  );
  return made;
}

function show() {
  const fresh = waiting.slice(-MOST);
  waiting = [];
  body.prepend(...fresh.map(row).reverse());
  while (body.rows.length > MOST) body.lastElementChild.remove();
  if (body.rows.length) document.getElementById("nothing")?.remove();
}

function say() {
  const parts = [paused ? view.dataset.paused : view.dataset.live];
  if (paused && waiting.length) parts.push(`+${waiting.length}`);
  if (missed) parts.push(`${view.dataset.missed} ${missed}`);
  state.textContent = parts.join(" · ");
}

function receive(event) {
  const { requests, skipped } = JSON.parse(event.data);
  missed += skipped;
  waiting.push(...requests);
  if (waiting.length > MOST) {
    missed += waiting.length - MOST;
    waiting = waiting.slice(-MOST);
  }
  if (!paused) show();
  say();
}

if (view.dataset.events) {
  const source = new EventSource(view.dataset.events);
  source.addEventListener("message", receive);
  source.addEventListener("open", say);
  // The browser connects again by itself, unless it was refused.
  source.addEventListener("error", () => (state.textContent = view.dataset.gone));
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    if (!paused) show();
    say();
  });
}
