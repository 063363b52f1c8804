"use strict";
// An input with role=combobox inside .combo; the server fills its list with <li role="option" data-value="…">.
// Choosing one sets the input and raises "pick" on it, which bubbles: hx-trigger="pick" on the row saves it.
{
  const INPUT = "input[role=combobox]";
  const list = (input) => document.getElementById(input.getAttribute("aria-controls"));
  const options = (input) => [...list(input).querySelectorAll("[role=option]")];
  const isOpen = (input) => list(input).matches(":popover-open");
  const inputOf = (part) => part.closest(".combo")?.querySelector(INPUT);

  const place = (input) => {
    const popup = list(input);
    if (!isOpen(input)) popup.showPopover();
    const box = input.getBoundingClientRect();
    const above = box.bottom + popup.offsetHeight + 8 > innerHeight && box.top > popup.offsetHeight;
    const left = Math.max(8, Math.min(box.left, innerWidth - popup.offsetWidth - 8));
    popup.style.left = `${left}px`;
    popup.style.top = `${above ? box.top - popup.offsetHeight - 4 : box.bottom + 4}px`;
  };

  const close = (input) => {
    if (isOpen(input)) list(input).hidePopover();
    list(input).replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (input, index) => {
    const shown = options(input);
    shown.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (!shown[index]) return;
    input.setAttribute("aria-activedescendant", shown[index].id);
    shown[index].scrollIntoView({ block: "nearest" });
  };

  const marked = (input) => options(input).findIndex((option) => option.getAttribute("aria-selected") === "true");

  const pick = (input, option) => {
    if (option) input.value = option.dataset.value;
    close(input);
    input.dispatchEvent(new CustomEvent("pick", { bubbles: true, detail: { value: input.value } }));
  };

  const move = (input, step) => {
    const total = options(input).length;
    if (total) mark(input, (marked(input) + step + total) % total);
  };

  const onKey = (event) => {
    const input = event.target;
    const open = isOpen(input) && options(input).length > 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) move(input, event.key === "ArrowDown" ? 1 : -1);
      else htmx.trigger(input, "open");
    } else if (event.key === "Enter" && (open || !input.form)) {
      event.preventDefault();
      pick(input, open ? options(input)[marked(input)] : null);
    } else if (event.key === "Escape") {
      event.stopImmediatePropagation(); // the key that leaves a field is for the next press
      if (open) close(input);
      else input.blur();
    } else if (event.key === "Tab" && open) {
      close(input);
    }
  };

  document.addEventListener("keydown", (event) => event.target.matches?.(INPUT) && onKey(event));

  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.target.matches?.("[role=listbox]")) return;
    const input = inputOf(event.target);
    if (!options(input).length || document.activeElement !== input) return close(input);
    input.setAttribute("aria-expanded", "true");
    place(input);
    mark(input, 0);
  });

  // mousedown, so that the input keeps the focus
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.(".combo [role=option]");
    if (!option) return;
    event.preventDefault();
    pick(inputOf(option), option);
  });
  document.addEventListener("focusout", (event) => event.target.matches?.(INPUT) && close(event.target));

  const follow = () => {
    const input = document.activeElement;
    if (input?.matches(INPUT) && isOpen(input)) place(input);
  };
  addEventListener("scroll", follow, { passive: true, capture: true });
  addEventListener("resize", follow);
}
