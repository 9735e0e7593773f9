// The charts of a page: small bars with their figures in place. Whoever does not see them has the
// table below, which is why the drawings are hidden from screen readers and skipped by the keyboard.
"use strict";

(() => {
  const page = document.querySelector("[data-charts]");
  if (!page) return;
  const language = document.documentElement.lang;
  const count = new Intl.NumberFormat(language);
  const euros = { style: "currency", currency: "EUR" };
  const money = new Intl.NumberFormat(language, euros);
  const pennies = new Intl.NumberFormat(language, { ...euros, maximumSignificantDigits: 2 });
  const amount = (value) => (value && value < 0.01 ? pennies : money).format(value);
  const short = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", timeZone: "UTC" });
  const dated = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });

  const canvas = (box, width, height) =>
    d3.select(box).html("").append("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("aria-hidden", "true");

  const linked = (svg, rows) =>
    svg.selectAll("a").data(rows).join("a").attr("href", (row) => row.href).attr("tabindex", -1);

  function columns(box, rows) {
    const width = box.clientWidth, height = 180, top = 24, bottom = 24;
    const written = (value) => ("money" in box.dataset ? amount(value / 1e6) : count.format(value));
    const budget = Number(box.dataset.budget || 0);
    const highest = d3.max(rows, (row) => row.value) || 1;
    // A budget far above all bars would flatten them: it is then said in words only.
    const shown = budget && budget <= 4 * highest ? Math.max(budget, highest) : highest;
    const x = d3.scaleBand(d3.range(rows.length), [0, width]).padding(rows.length > 20 ? 0.15 : 0.3);
    const y = d3.scaleLinear([0, shown], [height - bottom, top]);
    const svg = canvas(box, width, height);
    svg.append("line").attr("class", "base").attr("x2", width).attr("y1", y(0)).attr("y2", y(0));
    const bar = linked(svg, rows);
    const parts = (row) => (row.part ? `, ${written(row.part)} ${box.dataset.partLabel}` : "");
    bar.append("title").text((row) => `${dated.format(new Date(row.first))} · ${written(row.value)}${parts(row)}`);
    bar.append("rect").attr("x", (_, i) => x(i)).attr("width", x.bandwidth()).attr("rx", 2)
      .attr("y", (row) => y(row.value)).attr("height", (row) => y(0) - y(row.value));
    bar.filter((row) => row.part).append("rect").attr("class", "part").attr("width", x.bandwidth())
      .attr("x", (row) => x(rows.indexOf(row))).attr("y", (row) => y(row.part)).attr("height", (row) => y(0) - y(row.part));
    const wide = x.step() > ("money" in box.dataset ? 56 : 28);
    const middle = (i) => x(i) + x.bandwidth() / 2;
    bar.filter((row) => row.value && (wide || row.value === highest)).append("text").attr("class", "value")
      .attr("text-anchor", "middle").attr("y", (row) => y(row.value) - 6).text((row) => written(row.value));
    bar.select(".value").attr("x", (row) => Math.min(Math.max(middle(rows.indexOf(row)), 20), width - 20));
    const every = Math.ceil(64 / x.step());
    const format = rows.length > 7 ? dated : short;
    const atEdge = (row) => every > 1 && x(rows.indexOf(row)) > width - 56;
    bar.filter((_, i) => i % every === 0).append("text")
      .attr("text-anchor", (row) => (atEdge(row) ? "end" : every > 1 ? "start" : "middle"))
      .attr("x", (row) => (atEdge(row) ? width : every > 1 ? x(rows.indexOf(row)) : middle(rows.indexOf(row))))
      .attr("y", height - 6).text((row) => format.format(new Date(row.first)));
    if (budget && shown === Math.max(budget, highest)) {
      svg.append("line").attr("class", "budget").attr("x2", width).attr("y1", y(budget)).attr("y2", y(budget));
      svg.append("text").attr("class", "budget-label").attr("y", y(budget) - 6)
        .text(`${box.dataset.budgetLabel} ${written(budget)}`);
    }
  }

  function rows(box, data) {
    const width = box.clientWidth, line = 52;
    const x = d3.scaleLinear([0, d3.max(data, (row) => row.value)], [0, width - 64]);
    const bar = linked(canvas(box, width, line * data.length), data);
    bar.attr("transform", (_, i) => `translate(0 ${i * line})`);
    bar.append("text").attr("y", 15).text((row) => row.label);
    bar.append("rect").attr("y", 22).attr("height", 16).attr("rx", 2).attr("width", (row) => Math.max(x(row.value), 2));
    bar.append("text").attr("class", "value").attr("y", 35).attr("x", (row) => x(row.value) + 8)
      .text((row) => count.format(row.value));
  }

  // A line for each model from half of all to 99 of 100, with a mark at each percentile.
  function ranges(box, data) {
    const width = box.clientWidth, line = 60;
    const highest = d3.max(data, (row) => d3.max(row.values)) || 1;
    const x = d3.scaleLinear([0, highest], [0, width - 16]);
    const seconds = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 });
    const written = (time) => `${seconds.format(time / 1000)} ${box.dataset.unit}`;
    const bar = linked(canvas(box, width, line * data.length), data);
    bar.attr("transform", (_, i) => `translate(0 ${i * line})`);
    bar.append("text").attr("y", 15).text((row) => row.label);
    bar.append("line").attr("class", "base").attr("x2", width).attr("y1", 28).attr("y2", 28);
    bar.append("rect").attr("class", "range").attr("y", 25).attr("height", 6).attr("rx", 3)
      .attr("x", (row) => x(row.values[0])).attr("width", (row) => Math.max(x(row.values[3]) - x(row.values[0]), 6));
    bar.selectAll("circle").data((row) => row.values).join("circle")
      .attr("cx", (time) => x(time)).attr("cy", 28).attr("r", (_, i) => (i === 0 ? 6 : 4));
    const told = (row) => [row.values[0], row.values[3]].map((time, i) => ({ time, last: i === 1 }))
      .filter(({ last }) => !last || x(row.values[3]) - x(row.values[0]) > 90);
    bar.selectAll("text.value").data(told).join("text").attr("class", "value").attr("y", 50)
      .attr("text-anchor", ({ last }) => (last ? "end" : "start"))
      .attr("x", ({ time, last }) => (last ? Math.min(x(time) + 8, width) : Math.max(x(time) - 6, 0)))
      .text(({ time }) => written(time));
  }

  const drawings = { questions: columns, costs: columns, engines: rows, attempts: columns, causes: rows, times: ranges };

  function draw(data) {
    for (const box of page.querySelectorAll("[data-chart]")) {
      if (data[box.dataset.chart].length) drawings[box.dataset.chart](box, data[box.dataset.chart]);
    }
  }

  fetch(page.dataset.charts).then((response) => {
    if (!response.ok) throw new Error(`charts: ${response.status}`);
    return response.json();
  }).then((data) => {
    for (const table of page.querySelectorAll(".figures-table")) table.open = false;
    draw(data);
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if (window.innerWidth !== width) draw(data);
      width = window.innerWidth;
    });
  });
})();
