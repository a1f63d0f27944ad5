// Only makes better what works without it.
"use strict";

// A page that comes back from memory may show answers that were cleared since.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// Who was led to a part has asked for it.
function unfold() {
  for (const part of document.querySelectorAll("section:target details.fold")) part.open = true;
}
addEventListener("pageshow", unfold);
addEventListener("hashchange", unfold);

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// Older browsers print a folded part as it stands on the screen.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details.fold:not([open])")];
  for (const part of folded) part.open = true;
});
addEventListener("afterprint", () => { for (const part of folded) part.open = false; });

// A note lies at the foot of the window: the word that opened it moves up, so that both can be read.
let word;
addEventListener("click", (event) => { word = event.target.closest(".term") ?? word; });
addEventListener("toggle", (event) => {
  if (event.newState !== "open" || !word || word.getAttribute("popovertarget") !== event.target.id) return;
  const over = word.getBoundingClientRect().bottom + 24 - event.target.getBoundingClientRect().top;
  if (over > 0) scrollBy(0, over);
}, true);
