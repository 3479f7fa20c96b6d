// The box of a property: the server suggests names with how many people have them.
import { edit, editor, panel } from "./form-editor-draft.js";
import { fill, inputOfOption, isOpen, mark, marked, optionsOf, show } from "./builder-options.js";

const WAIT = 120;
let [controller, timer] = [null, 0];

const isBox = (target) => target.matches?.("[data-property]");

/** Request suggestions; whether they are those for the words. */
async function load(input, words) {
  controller?.abort();
  controller = new AbortController();
  try {
    const address = `${editor.dataset.propertiesUrl}?q=${encodeURIComponent(words)}`;
    const answer = await fetch(address, { signal: controller.signal, headers: { "HX-Request": "true" } });
    if (answer.ok) {
      fill(input, await answer.text());
    }
    return answer.ok;
  } catch {
    return false; // a newer request, or the page is left
  }
}

async function suggest(input, words) {
  if ((await load(input, words)) && document.activeElement === input) {
    show(input, optionsOf(input).length > 0);
    if (words) {
      mark(input, optionsOf(input)[0]);
    }
  }
}

/** Take what was typed and left: the property of that name, or a new one. */
async function settle(input) {
  const words = input.value.trim();
  close(input);
  if (!words || words === input.dataset.words) {
    input.value = input.dataset.words;
  } else if (await load(input, words)) {
    const options = optionsOf(input);
    const isSame = (option) => option.dataset.words.toLowerCase() === words.toLowerCase();
    take(input, options.find(isSame) ?? options.at(-1)); // the last one is the new property
  }
}

function close(input) {
  clearTimeout(timer);
  controller?.abort();
  show(input, false);
}

function take(input, option) {
  close(input);
  input.value = input.dataset.words; // the answer draws the new one
  edit("property", input.dataset.property, option.dataset.value);
}

panel.addEventListener("click", (event) => {
  if (isBox(event.target) && !isOpen(event.target)) {
    event.target.select();
    suggest(event.target, "");
  }
});

panel.addEventListener("input", (event) => {
  const input = event.target;
  if (isBox(input)) {
    clearTimeout(timer);
    timer = setTimeout(suggest, WAIT, input, input.value);
  }
});

panel.addEventListener("focusout", (event) => {
  if (isBox(event.target)) {
    settle(event.target);
  }
});

panel.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!isBox(input)) {
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && !isOpen(input)) {
    suggest(input, "");
  } else if (step) {
    const options = optionsOf(input);
    const next = options.indexOf(marked(input)) + step;
    mark(input, options.at(next === options.length ? 0 : Math.max(next, -1)));
  } else if (event.key === "Enter" && isOpen(input) && marked(input)) {
    take(input, marked(input));
  } else if (event.key === "Escape" && isOpen(input)) {
    close(input);
  } else {
    return;
  }
  event.preventDefault();
});

// Before the box loses the focus.
panel.addEventListener("mousedown", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) {
    event.preventDefault();
    take(inputOfOption(option), option);
  }
});
