// The list of suggestions of a combobox: its options, the active one, its visibility.

const OPTION = "[role=option]:not([aria-disabled=true])";
const boxOf = (input) => input.closest("[data-combobox]");

export const optionsOf = (input) => [...boxOf(input).querySelectorAll(OPTION)];
export const isOpen = (input) => input.getAttribute("aria-expanded") === "true";
export const inputOfOption = (option) => option.closest("[data-combobox]").querySelector("input");
export const canBeTaken = (option) => option.matches(OPTION);

/** The option that Enter takes: the first one, unless that cannot be chosen. */
export function firstToTake(input) {
  const first = boxOf(input).querySelector("[role=option]");
  return first && canBeTaken(first) ? first : null;
}

export function marked(input) {
  return optionsOf(input).find((option) => option.getAttribute("aria-selected") === "true");
}

/** Make an option the active one, which Enter accepts; null for none. */
export function mark(input, option) {
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

/** Replace the options of the list; its visibility does not change. */
export function fill(input, html) {
  boxOf(input).querySelector("[role=listbox]").innerHTML = html;
  optionsOf(input).forEach((option, number) => {
    option.id = `${input.id}-option-${number}`;
  });
}

export function show(input, isShown) {
  boxOf(input).querySelector(".popover").hidden = !isShown;
  input.setAttribute("aria-expanded", String(isShown));
  if (!isShown) {
    input.removeAttribute("aria-activedescendant");
  }
}
