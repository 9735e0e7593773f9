// What HTML and htmx cannot do alone. Every page works without this file.
(function () {
  "use strict";

  const announcer = () => document.getElementById("announcer");

  function announce(text) {
    const region = announcer();
    if (region && text) region.textContent = text;
  }

  function count(field) {
    const counter = document.getElementById(field.dataset.counter);
    const limit = Number(field.dataset.limit);
    if (!counter) return;
    counter.textContent = `${field.value.length} / ${limit}`;
    counter.classList.toggle("near", field.value.length > limit * 0.8);
    counter.classList.toggle("over", field.value.length > limit);
  }

  function prepare(root) {
    root.querySelectorAll("textarea[data-counter]").forEach(count);
    root.querySelectorAll("[data-needs-script]").forEach((element) => { element.hidden = false; });
    reach(root);
  }

  // What is wider than its place is scrolled by keyboard too, in every browser.
  function reach(root) {
    for (const element of root.querySelectorAll("pre, table, .scroll, .heat, .math.block")) {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
      if (scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1) element.tabIndex = 0;
      else if (element.tabIndex === 0) element.removeAttribute("tabindex");
    }
  }

  function isNearTheEnd() {
    return window.innerHeight + window.scrollY > document.body.scrollHeight - 240;
  }

  document.addEventListener("DOMContentLoaded", () => prepare(document));
  ["load", "resize"].forEach((moment) => window.addEventListener(moment, () => reach(document)));
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentNode || document));

  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-counter]")) count(event.target);
  });

  // Enter sends, Shift+Enter begins a new line; not while an input method composes a letter.
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (!field.matches(".composer textarea") || !window.matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    if (field.value.trim()) field.form.requestSubmit();
  });

  // Follow the answer while it is written, unless the reader has scrolled up.
  let follow = false;
  document.addEventListener("htmx:sseBeforeMessage", () => { follow = isNearTheEnd(); });
  document.addEventListener("htmx:sseMessage", (event) => {
    if (follow) window.scrollTo({ top: document.body.scrollHeight });
    if (event.detail.type === "sources") announce(event.target.dataset.announce);
    if (event.detail.type === "whole") announce(document.body.dataset.done);
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target;
    if (event.detail.successful && form.matches("form.composer")) {
      form.querySelector("textarea").value = "";
      form.querySelectorAll("textarea[data-counter]").forEach(count);
      document.getElementById("notices").textContent = "";
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "turns") {
      const turns = event.target.querySelectorAll(".turn");
      turns[turns.length - 1].scrollIntoView({ block: "start" });
    }
  });

  document.addEventListener("htmx:sendError", () => {
    const notices = document.getElementById("notices");
    if (notices) notices.textContent = document.body.dataset.offline;
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    navigator.clipboard.writeText(source.innerText).then(() => announce(button.dataset.copied));
  });

  // A long form is not left by mistake: the browser asks first.
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-unsaved]");
    if (form) form.dataset.unsaved = "yes";
  });
  document.addEventListener("submit", (event) => {
    if ("unsaved" in event.target.dataset) event.target.dataset.unsaved = "";
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-unsaved=yes]")) event.preventDefault();
  });

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
})();
