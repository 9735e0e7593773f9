// Keys of one letter for teachers who read: every one of them presses what is on the page anyway.
(function () {
  "use strict";

  const dialog = document.getElementById("keys");
  const list = () => document.querySelector("[data-key-list]");
  const on = dialog && dialog.querySelector("[data-keys-on]");
  const STORED = "pedabot-keys-off";

  function isOff() {
    try { return localStorage.getItem(STORED) === "1"; } catch { return false; }
  }

  function writesIn(element) {
    return element.closest("input, textarea, select, dialog, [contenteditable]") !== null;
  }

  function items() {
    return list() ? [...list().querySelectorAll(":scope > li > a")] : [];
  }

  function here() {
    return document.activeElement.closest("[data-key-list] > li");
  }

  // In a list the focus moves; on a page of its own the link to the next one is followed.
  function go(step) {
    const links = items();
    if (!links.length) {
      const link = document.querySelector(`[data-key="${step > 0 ? "j" : "k"}"]`);
      if (link) link.click();
      return;
    }
    const now = here() ? links.indexOf(here().querySelector("a")) : step > 0 ? -1 : links.length;
    const next = links[Math.max(0, Math.min(links.length - 1, now + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  // A line that was swapped keeps the focus; where it left the list, the next one has it.
  let place = -1;
  document.addEventListener("htmx:beforeSwap", () => { place = here() ? items().indexOf(here().querySelector("a")) : -1; });
  function refocus() {
    const links = items();
    if (place < 0 || !links.length || here()) return;
    links[Math.min(place, links.length - 1)].focus();
  }
  document.addEventListener("htmx:afterSettle", refocus);
  document.addEventListener("htmx:afterRequest", refocus); // nothing settles where a line is gone

  // The button of the item with the focus, of the answer at hand, or of the page.
  function press(key) {
    const within = here() || chosenAnswer() || document;
    const target = within.querySelector(`[data-key="${key}"]`)
      || (here() ? null : document.querySelector(`[data-key-page][data-key="${key}"]`));
    if (!target) return false;
    if (target.matches("textarea")) target.focus();
    else target.click();
    return true;
  }

  function chosenAnswer() {
    return document.querySelector("article.answer[aria-current]");
  }

  function choose(answer) {
    document.querySelectorAll("article.answer[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
    if (answer) answer.setAttribute("aria-current", "true");
  }

  // At first the answer of the address, else the first that nobody has judged.
  function chooseFirst() {
    const named = location.hash.startsWith("#a-") && document.getElementById(location.hash.slice(1));
    const open = document.querySelector('article.answer [data-key="a"]');
    choose(named || (open && open.closest("article.answer")));
  }

  function open() {
    if (!dialog || dialog.open) return;
    on.checked = !isOff();
    dialog.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && event.key !== "j" && event.key !== "k") return;
    if (writesIn(event.target)) return;
    if (event.key === "?") { event.preventDefault(); open(); return; }
    if (isOff()) return;
    if (event.key === "j" || event.key === "k") { event.preventDefault(); go(event.key === "j" ? 1 : -1); return; }
    if ("mac".includes(event.key) && press(event.key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-open]")) open();
    const answer = event.target.closest("article.answer");
    if (answer && answer.querySelector("[data-key]")) choose(answer);
  });
  document.addEventListener("focusin", (event) => {
    const answer = event.target.closest("article.answer");
    if (answer && answer.querySelector("[data-key]")) choose(answer);
  });

  if (on) {
    on.addEventListener("change", () => {
      try { localStorage.setItem(STORED, on.checked ? "0" : "1"); } catch { /* it then holds for this page */ }
    });
  }
  chooseFirst();
})();
