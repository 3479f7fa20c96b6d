// The search palette: "/" or Ctrl/Cmd+K opens it, arrows select, Enter opens the selected result.

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input[type=search]");
const results = document.getElementById("palette-results");
let openFirst = false;

/** Whether the results belong to the present input. */
function isCurrent() {
  return results.firstElementChild?.dataset.query === input.value.trim();
}

function options() {
  return [...results.querySelectorAll("[role=option]")];
}

function choose(option) {
  for (const other of options()) {
    other.setAttribute("aria-selected", String(other === option));
  }
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

function selectedOption() {
  return options().find((option) => option.getAttribute("aria-selected") === "true");
}

function move(step) {
  const all = options();
  if (all.length) {
    const from = all.indexOf(selectedOption());
    choose(all[(from + step + all.length) % all.length]);
  }
}

function show() {
  dialog.showModal();
  input.select();
  if (!isCurrent()) {
    input.dispatchEvent(new Event("search"));
  }
}

function isTyping(target) {
  return target instanceof Element && target.matches("input, select, textarea, [contenteditable]");
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !isTyping(event.target);
    const k = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if ((slash || k) && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      show();
    }
  });

  for (const opener of document.querySelectorAll("[data-opens=palette]")) {
    opener.addEventListener("click", (event) => {
      event.stopPropagation();
      show();
    });
  }

  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      // Browsers clear a search field first; here one press closes the palette.
      event.preventDefault();
      dialog.close();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      move(step);
    }
  });

  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isCurrent()) {
      (selectedOption() ?? options()[0])?.click();
    } else {
      openFirst = true;
      input.dispatchEvent(new Event("search"));
    }
  });

  results.addEventListener("htmx:afterSettle", () => {
    choose(options()[0]);
    if (openFirst && isCurrent()) {
      openFirst = false;
      options()[0]?.click();
    }
  });
}
