"use strict";
// Ticking rows: one, a range with shift, all on the page, all that match. Works on whatever htmx has put there since.
{
  const AREA = "[data-selection]";
  let last = null;

  const boxes = (area) => [...area.querySelectorAll("[data-select]")];

  const show = (area) => {
    const rows = boxes(area);
    const ticked = rows.filter((box) => box.checked);
    const matching = area.querySelector("[data-select-matching]");
    const heading = area.querySelector("[data-select-all]");
    area.classList.toggle("has-selection", ticked.length > 0 || Boolean(matching?.checked));
    for (const box of rows) box.closest("tr")?.classList.toggle("selected", box.checked);
    for (const place of area.querySelectorAll("[data-count]")) place.textContent = ticked.length;
    if (!heading) return;
    heading.checked = rows.length > 0 && ticked.length === rows.length;
    heading.indeterminate = ticked.length > 0 && ticked.length < rows.length;
  };

  const tickRange = (area, box) => {
    const rows = boxes(area);
    const [from, to] = [rows.indexOf(last), rows.indexOf(box)].sort((a, b) => a - b);
    for (const between of rows.slice(from, to + 1)) between.checked = box.checked;
  };

  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-select]");
    const area = box?.closest(AREA);
    if (!area) return;
    if (event.shiftKey && last && area.contains(last)) tickRange(area, box);
    last = box;
    show(area);
  });

  // What was typed is searched for while typing. The `change` on leaving the box would load the list once more,
  // under the ticks that the reader has set meanwhile: it stays here.
  document.addEventListener("change", (event) => {
    if (event.target.matches("form[role=search] input[type=search]")) event.stopPropagation();
  }, { capture: true });

  document.addEventListener("change", (event) => {
    const area = event.target.closest(AREA);
    if (!area) return;
    if (event.target.matches("[data-select-all], [data-select-matching]")) {
      for (const box of boxes(area)) box.checked = event.target.checked;
    }
    show(area);
  });

  const showAll = () => document.querySelectorAll(AREA).forEach(show);
  document.addEventListener("htmx:afterSwap", showAll);
  document.addEventListener("DOMContentLoaded", showAll);
  window.addEventListener("pageshow", showAll);
}
