// Drop-down menus (<details class="dropdown">) close on Escape, on an outside click, and on focus loss.

function open() {
  return document.querySelectorAll("details.dropdown[open]");
}

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    if (!menu.contains(event.target)) {
      menu.open = false;
    }
  }
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.dropdown[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) {
    menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of open()) {
      menu.open = false;
      if (menu.contains(document.activeElement)) {
        menu.querySelector("summary").focus();
      }
    }
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const menu = document.activeElement?.closest("details.dropdown[open]");
  if (step && menu && !document.activeElement.matches("input, select, textarea")) {
    const items = [...menu.querySelectorAll(".menu-item")];
    const next = items.indexOf(document.activeElement) + step;
    items.at(next === items.length ? 0 : Math.max(next, -1))?.focus();
    event.preventDefault();
  }
});
