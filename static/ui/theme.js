"use strict";
// Runs before the first paint. The Django admin keeps its choice under the same key.
{
  const root = document.documentElement;
  const stored = () => {
    const theme = localStorage.getItem("theme");
    return ["light", "dark"].includes(theme) ? theme : "auto";
  };

  const show = () => {
    root.dataset.theme = stored();
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === stored()));
    }
  };

  root.classList.add("js");
  show();
  document.addEventListener("DOMContentLoaded", show);
  window.addEventListener("storage", show);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    localStorage.setItem("theme", button.dataset.themeChoice);
    show();
  });
}
