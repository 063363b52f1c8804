"use strict";
// Single-key shortcuts, off where the reader switched them off or is typing.
{
  const SWITCH = "shortcuts";
  const find = (selector, root = document) => root.querySelector(selector);
  const rows = () => [...document.querySelectorAll(".region tr[data-key]")];
  const enabled = () => localStorage.getItem(SWITCH) !== "off";
  let at = -1;

  const current = () => rows()[at];

  const goTo = (index) => {
    const shown = rows();
    if (!shown.length) return;
    at = Math.max(0, Math.min(shown.length - 1, index));
    shown.forEach((row, number) => row.classList.toggle("at", number === at));
    shown[at].scrollIntoView({ block: "nearest" });
  };

  const click = (selector) => current() && find(selector, current())?.click();

  const focus = (input) => {
    input?.focus();
    input?.select?.();
  };

  const actions = {
    "/": () => focus(find("main input[type=search]") ?? find("input[type=search]")),
    j: () => goTo(at + 1),
    k: () => goTo(at - 1),
    x: () => click("[data-select]"),
    a: () => click("[data-accept]"),
    u: () => click("[data-undo]"),
    e: () => {
      const target = current() && find("[data-edit], [role=combobox]", current());
      if (target?.matches("input")) focus(target);
      else target?.click();
    },
    Enter: () => click("a.title"),
    "?": () => find("#keys").showModal(),
  };

  const typing = (target) => target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.matches) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (!enabled() || find("dialog[open]") || !Object.hasOwn(actions, event.key)) return;
    if (event.key === "Enter" && event.target !== document.body) return;
    event.preventDefault();
    actions[event.key]();
  });

  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-key]");
    if (row) at = rows().indexOf(row);
  });

  // After a row was answered the next one is at hand. Settling puts back the classes that the server sent.
  document.addEventListener("htmx:afterSettle", () => {
    if (at >= 0) rows().forEach((row, number) => row.classList.toggle("at", number === at));
  });
  document.addEventListener("htmx:pushedIntoHistory", () => { at = -1; });

  const showSwitch = () => {
    for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = enabled();
    document.documentElement.classList.toggle("no-keys", !enabled());
  };
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-switch]")) return;
    localStorage.setItem(SWITCH, event.target.checked ? "on" : "off");
    showSwitch();
  });
  document.addEventListener("DOMContentLoaded", showSwitch);
}
