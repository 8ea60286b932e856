// Looks again by itself; not while somebody is at work on the page. Without scripts the page says it in its head.

const pause = Number(document.querySelector("[data-refresh]").dataset.refresh) * 1000;

function again() {
  const busy = document.activeElement !== document.body || document.querySelector("details[open]");
  if (busy || document.hidden) setTimeout(again, pause);
  else location.reload();
}

setTimeout(again, pause);
