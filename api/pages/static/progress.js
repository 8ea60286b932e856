// Shows a start while it happens, by server-sent events, and goes on to the server.
// Without this script the page reloads by itself every few seconds.

const start = document.getElementById("start");
const bar = start.querySelector("progress");
const now = document.getElementById("now");
const list = document.getElementById("steps");
const AGAIN = 3000;

const source = new EventSource(start.dataset.events);

// Each connection tells the whole story from its beginning.
source.addEventListener("open", () => list.replaceChildren());

source.addEventListener("message", (event) => {
  const step = JSON.parse(event.data);
  document.getElementById("queue")?.remove();
  bar.value = step.progress;
  now.textContent = step.message;
  list.append(Object.assign(document.createElement("li"), { textContent: step.message }));
  if (step.ready) {
    source.close();
    location.replace(start.dataset.then);
  } else if (step.failed) {
    source.close();
    location.reload();
  }
});

// The browser connects again by itself, unless it was refused.
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), AGAIN);
});

// Whoever cancels goes home; the end of the start must not call the page back.
document.addEventListener("submit", () => source.close());
