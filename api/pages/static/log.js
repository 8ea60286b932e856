// Adds what a server writes to its log's page, by server-sent events.

const view = document.getElementById("log");
const MOST = 5000;
let first = true;
let written = [];

if (view.dataset.events) {
  const source = new EventSource(view.dataset.events);
  // Each connection tells the last lines again.
  source.addEventListener("open", () => (first = true));
  source.addEventListener("message", (event) => {
    const { lines, ended } = JSON.parse(event.data);
    const atEnd = view.scrollTop + view.clientHeight >= view.scrollHeight - 8;
    if (first) written = [];
    first = false;
    written = [...written, ...lines].slice(-MOST);
    view.textContent = written.join("\n") || view.dataset.empty || "";
    if (atEnd) view.scrollTop = view.scrollHeight;
    if (ended) source.close();
  });
}
view.scrollTop = view.scrollHeight;
