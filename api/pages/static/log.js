// Adds what a server writes to its log's page, by server-sent events. Only what is new is
// added, so that a screen reader reads nothing twice.

const view = document.getElementById("log");
// Characters; of more, the older half goes.
const MOST = 1_000_000;
let shown = 0;

if (view.dataset.events) {
  const source = new EventSource(view.dataset.events);
  // Each connection tells the last lines again.
  source.addEventListener("open", () => (shown = 0));
  source.addEventListener("message", (event) => {
    const { lines, ended } = JSON.parse(event.data);
    const atEnd = view.scrollTop + view.clientHeight >= view.scrollHeight - 8;
    if (shown) view.append(...lines.map((line) => `\n${line}`));
    else view.textContent = lines.join("\n") || view.dataset.empty || "";
    shown += lines.length;
    if (view.textContent.length > MOST) view.textContent = view.textContent.slice(-MOST / 2);
    if (atEnd) view.scrollTop = view.scrollHeight;
    if (ended) source.close();
  });
}
view.scrollTop = view.scrollHeight;
