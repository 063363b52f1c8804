"use strict";
// Toasts, dialogs, answers of the server, connection, and parts that refresh themselves.
{
  const TOAST_MS = 6000;
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = () => find("#words").dataset;

  // --- toasts: document.dispatchEvent(new CustomEvent("toast", {detail: {message, tone}})), or HX-Trigger ----------
  const fade = (toast) => {
    if (!toast.classList.contains("bad")) setTimeout(() => toast.remove(), TOAST_MS);
  };

  const showToast = ({ message, tone = "ok" }) => {
    const toast = find("#toast-template").content.cloneNode(true).firstElementChild;
    if (tone) toast.classList.add(tone);
    find("p", toast).textContent = message;
    find("#toasts").append(toast);
    fade(toast);
  };

  document.addEventListener("toast", (event) => showToast(event.detail));
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.parentElement.remove());

  // --- answers: 422 carries a form with its errors, anything worse is told ------------------------------------------
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.xhr.status !== 422) return;
    detail.shouldSwap = true;
    detail.isError = false;
  });

  const problem = (status) => {
    const known = { 403: "forbidden", 404: "gone", 410: "gone", 429: "busy" };
    return words()[known[status] ?? (status >= 500 ? "broken" : "refused")];
  };

  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.xhr.getResponseHeader("HX-Trigger")?.includes("toast")) return;
    showToast({ message: problem(detail.xhr.status), tone: "bad" });
  });
  document.addEventListener("htmx:sendError", () => showToast({ message: words().offline, tone: "bad" }));

  // --- a list's address names only what narrows it -------------------------------------------------------------------
  document.addEventListener("htmx:configRequest", ({ detail, target }) => {
    if (target.id !== "filters") return;
    for (const [name, value] of [...detail.formData]) if (value === "") detail.formData.delete(name);
  });

  // --- loading and connection ---------------------------------------------------------------------------------------
  let waiting = 0;
  const count = (step) => {
    waiting = Math.max(0, waiting + step);
    document.body.classList.toggle("is-loading", waiting > 0);
  };
  document.addEventListener("htmx:beforeSend", () => count(1));
  document.addEventListener("htmx:afterRequest", () => count(-1));

  const showConnection = () => {
    document.body.classList.toggle("is-offline", !navigator.onLine);
    for (const note of all(".offline-note")) note.hidden = navigator.onLine;
  };
  window.addEventListener("online", showConnection);
  window.addEventListener("offline", showConnection);

  // --- dialogs: data-open="#id", data-close, data-confirm="question", hx-confirm ------------------------------------
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) find(opener.dataset.open).showModal();
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    if (event.target.matches("dialog[open]")) event.target.close();
    for (const menu of all("details.user-menu[open]")) {
      if (!menu.contains(event.target) || opener) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of all("details.user-menu[open]")) menu.open = false;
  });

  const ask = (question, proceed) => {
    const dialog = find("#confirm");
    find("[data-question]", dialog).textContent = question;
    dialog.returnValue = "";
    dialog.addEventListener("close", () => dialog.returnValue === "yes" && proceed(), { once: true });
    dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-confirm]");
    if (!button || button.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(button.dataset.confirm, () => {
      button.dataset.confirmed = "yes";
      button.click();
      delete button.dataset.confirmed;
    });
  }, true);

  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, () => event.detail.issueRequest(true));
  });

  // --- data-refresh-seconds beside hx-get and hx-trigger="refresh": not while the tab is hidden ----------------------
  const lastRefresh = new WeakMap();
  const refreshDue = () => {
    if (document.hidden || !navigator.onLine) return;
    const now = Date.now();
    for (const part of all("[data-refresh-seconds]")) {
      if (!lastRefresh.has(part)) lastRefresh.set(part, now);
      if (now - lastRefresh.get(part) < part.dataset.refreshSeconds * 1000) continue;
      lastRefresh.set(part, now);
      htmx.trigger(part, "refresh");
    }
  };
  setInterval(refreshDue, 1000);
  document.addEventListener("visibilitychange", refreshDue);

  document.addEventListener("DOMContentLoaded", () => {
    for (const part of all("[data-needs-js]")) part.hidden = false;
    all("#toasts .toast").forEach(fade);
    showConnection();
  });
}
