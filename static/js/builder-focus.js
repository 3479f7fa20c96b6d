// Focus after a change: it goes to the next missing input, never to an optional first.

const FIRST = ".sentence select, .sentence input:not([type=hidden], .next), button";

/** The visible input of a place in the definition. */
export function inputOf(name) {
  const input =
    document.getElementById(name) ??
    document.getElementById(`${name}-find`) ??
    document.getElementById(`${name}-next`) ??
    document.getElementById(`${name}-operator`);
  return input ?? document.getElementById(`${name.replace(/-type$/, "")}-find`);
}

/** Whether the focus is still in the element with that id, or nowhere. */
export function isWhereItWas(id) {
  const active = document.activeElement;
  return !active || active === document.body || active.id === id;
}

const comesBefore = (first, other) =>
  Boolean(first.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);

/** The missing inputs of a row, in reading order. */
function missingIn(row) {
  const notes = document.getElementById(row.id.replace(/^row-/, "notes-"));
  const links = [...(notes?.querySelectorAll("[data-goto]") ?? [])];
  const inputs = links.map((each) => inputOf(each.dataset.goto)).filter(Boolean);
  return inputs.sort((first, other) => (comesBefore(first, other) ? -1 : 1));
}

/** The missing input at the changed place, else after the focus, else the first of the row. */
function nextMissing(row, name) {
  const missing = missingIn(row);
  const after = (input) => comesBefore(document.activeElement, input);
  return (
    missing.find((input) => input.id.startsWith(`${name}-`)) ?? missing.find(after) ?? missing[0]
  );
}

/** Set the focus after a change; `name` is the changed place. */
export function focusAfter(name, goesOn) {
  let row = null;
  for (let path = name; path && !row; path = path.replace(/-?[^-]+$/, "")) {
    row = document.getElementById(`row-${path}`);
  }
  const isThere = row?.contains(document.activeElement);
  if (!row || (isThere && !goesOn)) {
    return;
  }
  const target = nextMissing(row, name) ?? firstValue(name) ?? (isThere ? null : row.querySelector(FIRST));
  target?.focus();
  if (target?.matches("input[type=text]")) {
    target.select();
  }
}

/** The input of a value that the server filled in, ready to be typed over. */
function firstValue(name) {
  const input = document.getElementById(name);
  return input?.matches("input:not([type=hidden])") ? input : null;
}

/** Set the focus where a closed menu had it. */
export function focusMenuOf(id) {
  const summary = document.getElementById(id)?.closest("details")?.querySelector("summary");
  if (document.activeElement === document.body) {
    summary?.focus();
  }
}

/** After a removed button: set the focus to the input that it led to, else to the first of its row. */
export function focusInstead(button, row) {
  if (!button.isConnected && document.activeElement === document.body) {
    (inputOf(button.dataset.goto ?? "") ?? row?.querySelector(FIRST))?.focus();
  }
}
