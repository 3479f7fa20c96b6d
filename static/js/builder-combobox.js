// Boxes with suggestions: the server answers what is typed, arrows choose, Enter takes, Escape closes.
import { edit, rows } from "./builder-edit.js";

const WAIT = 80;
let [asked, timer] = [null, 0]; // the request under way, and the one to come
let awaiting = null; // the box whose suggestions are on their way
let wanted = null; // the box whose first suggestion is to be taken when it comes

const boxOf = (input) => input.closest("[data-combobox]");
const popoverOf = (input) => boxOf(input).querySelector(".popover");
const OPTION = "[role=option]:not([aria-disabled=true])";
const optionsOf = (input) => [...boxOf(input).querySelectorAll(OPTION)];
const activeOf = (input) => optionsOf(input).find((o) => o.getAttribute("aria-selected") === "true");
const isOpen = (input) => input.getAttribute("aria-expanded") === "true";

function activate(input, option) {
  for (const other of optionsOf(input)) {
    other.setAttribute("aria-selected", String(other === option));
  }
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

function close(input) {
  wanted = null;
  awaiting = null;
  asked?.abort();
  clearTimeout(timer);
  popoverOf(input).hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function suggestSoon(input, words) {
  clearTimeout(timer);
  awaiting = input;
  timer = setTimeout(suggest, WAIT, input, words);
}

async function suggest(input, words) {
  asked?.abort();
  asked = new AbortController();
  const address = `${input.dataset.suggest}&q=${encodeURIComponent(words)}`;
  try {
    const answer = await fetch(address, { signal: asked.signal, headers: { "HX-Request": "true" } });
    if (!answer.ok || document.activeElement !== input) {
      return;
    }
    boxOf(input).querySelector("[role=listbox]").innerHTML = await answer.text();
  } catch {
    return; // asked anew meanwhile, or the page is left
  }
  optionsOf(input).forEach((option, number) => {
    option.id = `${input.id}-option-${number}`;
  });
  if (wanted === input && optionsOf(input).length) {
    take(input, optionsOf(input)[0]);
    return;
  }
  awaiting = null;
  popoverOf(input).hidden = false;
  input.setAttribute("aria-expanded", "true");
  if (words && !("free" in input.dataset)) {
    activate(input, optionsOf(input)[0]);
  }
}

/** Take a suggestion: a change of the definition, or a text in the box. */
function take(input, option) {
  close(input);
  if (input.dataset.do) {
    const words = "remember" in input.dataset ? option.dataset.words : "";
    edit(input.dataset.do, input.dataset.at, option.dataset.value, words);
  } else {
    input.value = option.dataset.words;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    close(input);
  }
}

const isBox = (target) => target.matches("[role=combobox][data-suggest]");

rows.addEventListener("focusin", (event) => {
  if (isBox(event.target)) {
    event.target.dataset.before = event.target.value;
    if (!("free" in event.target.dataset) || event.target.matches(".next")) {
      event.target.select();
    }
    suggestSoon(event.target, "");
  }
});

rows.addEventListener("focusout", (event) => {
  const input = event.target;
  if (isBox(input)) {
    close(input);
    if (!("free" in input.dataset)) {
      input.value = input.dataset.before ?? input.value;
    }
  }
});

rows.addEventListener("input", (event) => {
  if (isBox(event.target) && document.activeElement === event.target) {
    wanted = null;
    asked?.abort();
    activate(event.target, null);
    suggestSoon(event.target, event.target.value);
  }
});

rows.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!isBox(input)) {
    return;
  }
  const step = event.altKey ? 0 : { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const active = isOpen(input) && activeOf(input);
  if (step && !isOpen(input)) {
    suggest(input, "");
  } else if (step) {
    const options = optionsOf(input);
    const next = options.indexOf(activeOf(input)) + step;
    activate(input, options.at(next === options.length ? 0 : Math.max(next, -1)));
  } else if (event.key === "Enter" && active) {
    take(input, active);
  } else if (event.key === "Enter" && awaiting === input && !("free" in input.dataset)) {
    wanted = input;
  } else if (event.key === "Enter" && input.matches(".next") && input.value) {
    edit("settle", input.closest("[data-row]").dataset.row);
  } else if (event.key === "Escape" && (isOpen(input) || awaiting === input)) {
    close(input);
  } else {
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
});

// Before the box loses the focus.
rows.addEventListener("mousedown", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) {
    event.preventDefault();
  }
  if (option?.matches(OPTION)) {
    take(option.closest("[data-combobox]").querySelector("input"), option);
  }
});
