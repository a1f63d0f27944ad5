// Only makes better what works without it.
"use strict";

// In class, the arrow keys go on and back, but not out of a field or a part that scrolls sideways. So do Page Down and
// Page Up where there is nothing left to scroll: these are what a remote control sends.
if (document.body.classList.contains("classroom")) {
  for (const hint of document.querySelectorAll(".scripts")) hint.hidden = false;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (document.querySelector(":popover-open")) return;
    const { scrollTop, clientHeight, scrollHeight } = document.documentElement;
    const atTop = scrollTop < 1, atEnd = scrollTop + clientHeight > scrollHeight - 2;
    const way = { ArrowRight: "go-on", ArrowLeft: "go-back", PageDown: atEnd && "go-on", PageUp: atTop && "go-back" }[event.key];
    const target = way && document.getElementById(way);
    if (target) { event.preventDefault(); target.click(); }
  });
}

// A changed answer shows what it changes without a reload; if that fails, the button still does it.
let asked = 0;
addEventListener("change", async (event) => {
  const form = event.target.closest?.("form[data-live]");
  if (!form) return;
  const turn = ++asked, field = event.target.id;
  const sent = new FormData(form), page = form.action.split("#")[0], posts = form.method === "post";
  const address = posts ? page : `${page}?${new URLSearchParams(sent)}`;
  try {
    const answer = await fetch(address, posts ? { method: "post", body: sent } : {});
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [old, now] = [document.getElementById("live"), told.getElementById("live")];
    if (turn !== asked || !answer.ok || !now) return;
    const summary = document.getElementById("summary"), news = now.querySelector("#summary"), place = form.scrollTop;
    old.querySelector("#answers").replaceWith(now.querySelector("#answers"));
    const result = now.querySelector("#result");
    summary.replaceChildren(...news.childNodes);
    document.getElementById("result").replaceWith(result);
    if (!posts) history.replaceState(null, "", address);
    document.getElementById("answers").scrollTop = place;
    document.getElementById(field)?.focus({ preventScroll: true });
  } catch { /* the button is still there */ }
});
