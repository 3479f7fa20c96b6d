// Comboboxes: the server suggests options; arrows select, Enter accepts, Escape closes.
import { edit, rows } from "./builder-edit.js";
import { canBeTaken, fill, firstToTake, inputOfOption, isOpen, mark, marked, optionsOf, show } from "./builder-options.js";

const WAIT = 80;
let [controller, timer] = [null, 0]; // of the present request, and of the next one
let awaiting = null; // the box whose suggestions are requested
let acceptNext = null; // the box whose first suggestion is accepted when it arrives

const isBox = (target) => target.matches("[role=combobox][data-suggest]");
const isFree = (input) => "free" in input.dataset;

function close(input) {
  acceptNext = null;
  awaiting = null;
  controller?.abort();
  clearTimeout(timer);
  show(input, false);
}

function suggestSoon(input, words) {
  clearTimeout(timer);
  awaiting = input;
  timer = setTimeout(suggest, WAIT, input, words);
}

async function suggest(input, words) {
  controller?.abort();
  controller = new AbortController();
  const address = `${input.dataset.suggest}&q=${encodeURIComponent(words)}`;
  try {
    const answer = await fetch(address, { signal: controller.signal, headers: { "HX-Request": "true" } });
    if (!answer.ok || document.activeElement !== input) {
      return;
    }
    fill(input, await answer.text());
  } catch {
    return; // a newer request, or the page is left
  }
  const options = optionsOf(input);
  const first = firstToTake(input);
  if (acceptNext === input && first) {
    take(input, first);
  } else if (isFree(input) && options.every((option) => option.dataset.words === words)) {
    close(input); // the only suggestion is the text itself
  } else {
    awaiting = null;
    show(input, true);
    if (words && !isFree(input)) {
      mark(input, first);
    }
  }
}

/** Accept a suggestion: it changes the definition, or the text of the box. */
function take(input, option) {
  close(input);
  if (input.dataset.do) {
    const words = "remember" in input.dataset ? option.dataset.words : "";
    edit(input.dataset.do, input.dataset.at, option.dataset.value, { words, goesOn: true });
  } else {
    input.value = option.dataset.words;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    close(input);
  }
}

rows.addEventListener("focusin", (event) => {
  if (isBox(event.target)) {
    event.target.dataset.before = event.target.value;
    if (!isFree(event.target) || event.target.matches(".next")) {
      event.target.select();
    }
  }
});

// Suggestions open on a click, on typing and on arrows; never on focus alone.
rows.addEventListener("click", (event) => {
  if (isBox(event.target) && event.detail < 2 && !isOpen(event.target)) {
    suggestSoon(event.target, "");
  }
});

rows.addEventListener("focusout", (event) => {
  const input = event.target;
  if (isBox(input)) {
    close(input);
    if (!isFree(input)) {
      input.value = input.dataset.before ?? input.value;
    }
  }
});

rows.addEventListener("input", (event) => {
  if (isBox(event.target) && document.activeElement === event.target) {
    acceptNext = null;
    controller?.abort();
    mark(event.target, null);
    suggestSoon(event.target, event.target.value);
  }
});

rows.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!isBox(input)) {
    return;
  }
  const step = event.altKey ? 0 : { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const active = isOpen(input) && marked(input);
  if (step && !isOpen(input)) {
    suggest(input, "");
  } else if (step) {
    const options = optionsOf(input);
    const next = options.indexOf(marked(input)) + step;
    mark(input, options.at(next === options.length ? 0 : Math.max(next, -1)));
  } else if (event.key === "Enter" && active) {
    take(input, active);
  } else if (event.key === "Enter" && awaiting === input && !isFree(input)) {
    acceptNext = input;
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
  if (option && canBeTaken(option) && event.detail < 2) {
    take(inputOfOption(option), option);
  }
});
