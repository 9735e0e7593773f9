// The map of the course: pointing at a notion shows the way to it, and what it opens.
(function () {
  "use strict";

  function trace(map, name) {
    const arrows = [...map.querySelectorAll(".map-arrow")];
    const lit = new Set(arrows.filter((arrow) => arrow.dataset.from === name));
    const names = new Set([name]);
    for (const above of names) {
      for (const arrow of arrows) {
        if (arrow.dataset.to !== above) continue;
        lit.add(arrow);
        names.add(arrow.dataset.from);
      }
    }
    lit.forEach((arrow) => names.add(arrow.dataset.to));
    arrows.forEach((arrow) => arrow.classList.toggle("lit", lit.has(arrow)));
    for (const node of map.querySelectorAll(".map-node")) {
      node.classList.toggle("lit", names.has(node.dataset.notion));
    }
    map.classList.add("tracing");
  }

  for (const map of document.querySelectorAll("svg.map")) {
    const follow = (event) => {
      const node = event.target.closest(".map-node");
      if (node) trace(map, node.dataset.notion);
    };
    const forget = () => map.classList.remove("tracing");
    map.addEventListener("pointerover", (event) => (event.target.closest(".map-node") ? follow(event) : forget()));
    map.addEventListener("pointerleave", forget);
    map.addEventListener("focusin", follow);
    map.addEventListener("focusout", forget);
  }

  // A link to the list below opens it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const target = link && document.querySelector(`details${link.getAttribute("href")}`);
    if (target) target.open = true;
  });
})();
