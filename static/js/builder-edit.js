// Changes of the definition: the server makes them and draws the rows anew.

export const form = document.getElementById("builder");
export const rows = document.getElementById("rows");

const TEXTS = "input[type=text][name], input[type=date], textarea, select[name]";

/** What is written and chosen in the form, by name. */
function contents() {
  return new Map([...rows.querySelectorAll(TEXTS)].map((input) => [input.name, input.value]));
}

let drawings = 0;
let waiting = Promise.resolve();

/**
 * Ask for a change: what to do, at which pointer, with which value. Changes happen one after the
 * other, each on the form as it then is. `words` are what a person chose it by.
 */
export function edit(todo, at = "", value = undefined, words = "") {
  const values = { do: todo, at, words };
  if (value !== undefined) {
    values.value = typeof value === "string" ? value : JSON.stringify(value);
  }
  return send(form.dataset.editUrl, values, STAYS.has(todo));
}

/** Draw a definition in place of the one in the form. */
export function draw(definition) {
  return send(form.dataset.drawUrl, { definition }, false);
}

// After these, every row is where it was: what was typed and chosen meanwhile is put back.
const STAYS = new Set(["settle", "set", "clear"]);

function send(url, values, stays) {
  waiting = waiting.then(async () => {
    const before = contents();
    let [typed, held] = [new Map(), null];
    const keep = (event) => {
      if (event.detail.target === rows && stays) {
        typed = new Map([...contents()].filter(([name, text]) => before.get(name) !== text));
        held = selection();
      }
    };
    const putBack = (event) => {
      if (rows.contains(event.target)) {
        document.removeEventListener("htmx:afterSwap", putBack);
        drawings += 1;
        putContentsBack(typed);
        held?.();
      }
    };
    rows.setAttribute("aria-busy", "true");
    document.addEventListener("htmx:beforeSwap", keep);
    document.addEventListener("htmx:afterSwap", putBack);
    try {
      await htmx.ajax("POST", url, { source: rows, target: rows, swap: "innerHTML", values });
    } finally {
      document.removeEventListener("htmx:beforeSwap", keep);
      document.removeEventListener("htmx:afterSwap", putBack);
      rows.removeAttribute("aria-busy");
    }
    focusOn(document.getElementById("definition").dataset.focus);
    document.dispatchEvent(new CustomEvent("builder:drawn"));
  });
  return waiting;
}

function putContentsBack(typed) {
  for (const [name, text] of typed) {
    const input = rows.querySelector(`[name="${CSS.escape(name)}"]`);
    if (input) {
      input.value = text;
      form.dispatchEvent(new Event("input"));
    }
  }
}

/** What is selected in the text one is in; call it to select the same again. */
function selection() {
  const { id, selectionStart, selectionEnd } = document.activeElement;
  if (!id || selectionStart == null) {
    return null;
  }
  return () => document.getElementById(id)?.setSelectionRange(selectionStart, selectionEnd);
}

/** Put the focus where a change left it, unless it is at that row already. */
function focusOn(name) {
  let row = null;
  for (let path = name; path && !row; path = path.replace(/-?[^-]+$/, "")) {
    row = document.getElementById(`row-${path}`);
  }
  if (!row || row.contains(document.activeElement)) {
    return;
  }
  const empty = row.querySelector("input:not([type=hidden], [type=checkbox]):placeholder-shown");
  (empty ?? row.querySelector(".sentence select, .sentence input:not([type=hidden]), button"))?.focus();
}

// A count of rows that are no longer there is not shown.
document.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.xhr.drawings = drawings;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, xhr } = event.detail;
  const isCount = elt === form || event.detail.requestConfig?.elt === form;
  if (isCount && (xhr.drawings !== drawings || rows.hasAttribute("aria-busy"))) {
    event.detail.shouldSwap = false;
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("#builder [data-do]:not(input)");
  if (button) {
    button.closest("details.dropdown")?.removeAttribute("open");
    edit(button.dataset.do, button.dataset.at, button.dataset.value);
  }
});

// Every choice is settled by the server, which knows what belongs to it; texts are only counted.
rows.addEventListener("change", (event) => {
  const control = event.target;
  const row = control.closest("[data-row]");
  if (control.matches("[data-sets]")) {
    edit("set", control.dataset.at, control.value);
  } else if (control.matches("[data-kind]")) {
    edit("kind", control.dataset.at, JSON.stringify(control.value));
  } else if (control.matches("select, input[type=checkbox]")) {
    edit("settle", row.dataset.row);
  }
});

// A choice is drawn at once: no need to count for it beforehand.
rows.addEventListener("input", (event) => {
  if (event.target.matches("select, input[type=checkbox], input:not([name])")) {
    event.stopPropagation();
  }
});
