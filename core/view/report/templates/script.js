"use strict";
(() => {
  const each = (selector, action, root = document) => root.querySelectorAll(selector).forEach(action);

  function value(row, place) {
    const cell = row.cells[place];
    return cell.dataset.order === undefined ? cell.textContent : Number(cell.dataset.order);
  }

  // Numbers before text, and both before what has no value.
  function compare(first, second) {
    const kinds = [first, second].map((own) => (typeof own === "number" ? 0 : /^[–-]?$/.test(own) ? 2 : 1));
    if (kinds[0] !== kinds[1]) return { fixed: kinds[0] - kinds[1] };
    return { free: kinds[0] === 0 ? first - second : first.localeCompare(second, undefined, { numeric: true }) };
  }

  function sort(table, heading, place) {
    const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    each("thead th", (other) => other.setAttribute("aria-sort", "none"), table);
    heading.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows].sort((a, b) => {
      const order = compare(value(a, place), value(b, place));
      return order.fixed ?? sign * order.free;
    });
    body.append(...rows);
  }

  each("table[data-sortable]", (table) => {
    each("thead th", (heading, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = "Sort by this column";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading, place));
      heading.append(button);
      heading.setAttribute("aria-sort", "none");
    }, table);
  });

  each("pre", (block) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy the command";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(block.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(block);
        button.textContent = "Selected: press Ctrl+C";
      }
    });
    block.after(button);
  });

  const config = JSON.parse(document.getElementById("chart-config").textContent);
  async function draw(place) {
    const spec = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const tooltip = { disableDefaultStyle: true };
    const options = { ast: true, actions: false, renderer: "svg", config, tooltip, defaultStyle: false };
    await vegaEmbed(place, { ...spec, autosize: { type: "fit-x", contains: "padding" } }, options);
  }

  async function drawAll() {
    for (const place of document.querySelectorAll(".chart")) await draw(place);
    document.documentElement.dataset.drawn = "true";
  }
  drawAll();

  const links = new Map();
  each("nav a", (link) => links.set(link.getAttribute("href").slice(1), link));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const link = links.get(entry.target.id);
      if (entry.isIntersecting) {
        links.forEach((other) => other.removeAttribute("aria-current"));
        link.setAttribute("aria-current", "true");
      }
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  each("main > section", (section) => seen.observe(section));
})();
