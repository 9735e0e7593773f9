// Formulas: LaTeX in the page, made into mathematics by KaTeX. Without this file the LaTeX remains.
(function () {
  "use strict";

  const SETTINGS = {
    throwOnError: true, // KaTeX would paint an error with an inline style, which the policy forbids
    trust: false,
    strict: false, // French letters inside \\text{} are meant
    maxSize: 20,
    maxExpand: 200,
  };

  function typeset(root) {
    if (!window.katex) return;
    for (const element of root.querySelectorAll(".math:not([data-typeset])")) {
      const source = element.textContent;
      element.dataset.typeset = "yes";
      const displayMode = element.classList.contains("block");
      try {
        window.katex.render(source, element, { ...SETTINGS, displayMode });
      } catch (error) {
        if (!(error instanceof window.katex.ParseError)) throw error;
        element.textContent = source; // what is not LaTeX stays as it was written
      }
    }
  }

  document.addEventListener("DOMContentLoaded", () => typeset(document));
  // What htmx puts into the page: a part of it, or a piece of an answer while it is written.
  document.addEventListener("htmx:load", (event) => typeset(event.detail.elt.parentNode || document));
})();
