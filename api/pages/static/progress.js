// Shows a start while it happens, by server-sent events, and goes on to the server, once.
// Without this script the page reloads by itself every few seconds.

const start = document.getElementById("start");
const bar = start.querySelector("progress");
const now = document.getElementById("now");
const queue = document.getElementById("queue");
const list = document.getElementById("steps");
const AGAIN = 3000;
const seconds = new Intl.NumberFormat(document.documentElement.lang, {
  style: "unit", unit: "second", minimumFractionDigits: 1, maximumFractionDigits: 1,
});

const source = new EventSource(start.dataset.events);

// Each connection tells the whole story from its beginning.
source.addEventListener("open", () => list.replaceChildren());

source.addEventListener("message", (event) => {
  const step = JSON.parse(event.data);
  if (step.progress > 0) queue.hidden = true;
  bar.value = step.progress;
  now.textContent = step.message;
  add(step);
  if (step.ready) {
    source.close();
    location.replace(start.dataset.then);
  } else if (step.failed) {
    source.close();
    location.reload();
  }
});

source.addEventListener("queue", (event) => {
  queue.textContent = queue.dataset.words.replace("#", JSON.parse(event.data).position);
  queue.hidden = false;
});

// A step has taken its time once there is another one.
function add({ message, elapsed }) {
  const last = list.lastElementChild;
  if (last) last.append(" ", made("span", seconds.format(elapsed - last.dataset.elapsed), "took"));
  const item = document.createElement("li");
  item.dataset.elapsed = elapsed;
  item.append(made("span", message));
  list.append(item);
}

function made(tag, textContent, className = "") {
  return Object.assign(document.createElement(tag), { textContent, className });
}

// The browser connects again by itself, unless it was refused.
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), AGAIN);
});

// Whoever cancels goes home; the end of the start must not call the page back.
document.addEventListener("submit", () => source.close());
