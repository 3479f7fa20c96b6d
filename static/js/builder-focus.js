// Where the focus goes: after a change to what is still missing, never into a box that may stay empty.

/** The input that people use for a place of the definition. */
export function inputOf(name) {
  const found =
    document.getElementById(name) ??
    document.getElementById(`${name}-find`) ??
    document.getElementById(`${name}-next`) ??
    document.getElementById(`${name}-operator`);
  return found ?? document.getElementById(`${name.replace(/-type$/, "")}-find`);
}

/** Whether nobody has put the focus elsewhere since it was in the element with that id. */
export function isWhereItWas(id) {
  const active = document.activeElement;
  return !active || active === document.body || active.id === id;
}

const comesBefore = (one, other) =>
  Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);

/** The inputs of what a row still lacks, in reading order. */
function missingIn(row) {
  const notes = document.getElementById(row.id.replace(/^row-/, "notes-"));
  const told = [...(notes?.querySelectorAll("[data-goto]") ?? [])];
  const inputs = told.map((each) => inputOf(each.dataset.goto)).filter(Boolean);
  return inputs.sort((one, other) => (comesBefore(one, other) ? -1 : 1));
}

/** What is missing at the place that was changed, else after the focus, else first in the row. */
function nextMissing(row, name) {
  const missing = missingIn(row);
  const after = (input) => comesBefore(document.activeElement, input);
  return (
    missing.find((input) => input.id.startsWith(`${name}-`)) ?? missing.find(after) ?? missing[0]
  );
}

/** Put the focus where a change left it: `name` is the changed place. */
export function focusAfter(name, goesOn) {
  let row = null;
  for (let path = name; path && !row; path = path.replace(/-?[^-]+$/, "")) {
    row = document.getElementById(`row-${path}`);
  }
  const isThere = row?.contains(document.activeElement);
  if (!row || (isThere && !goesOn)) {
    return;
  }
  const first = ".sentence select, .sentence input:not([type=hidden], .next), button";
  const target = nextMissing(row, name) ?? (isThere ? null : row.querySelector(first));
  target?.focus();
}
