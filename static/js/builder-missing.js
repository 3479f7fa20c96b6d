// Where the work begins: the first missing or wrong input after a rejected Save, the empty box of a new segment.
import { form, rows } from "./builder-edit.js";

const ASKED = "[data-missing], [aria-invalid]";

function focusFirst() {
  const name = form.elements.namedItem("name");
  if (form.dataset.refused === "blank") {
    rows.querySelector(".condition.blank input:not([type=hidden])")?.focus();
  } else if (!name.value.trim() || name.hasAttribute("aria-invalid")) {
    name.focus();
  } else {
    (rows.querySelector(ASKED) ?? form.querySelector(ASKED))?.focus();
  }
}

document.getElementById("missing")?.addEventListener("click", focusFirst);
if (form.hasAttribute("data-refused")) {
  focusFirst();
} else if (form.hasAttribute("data-new") && !document.querySelector("dialog[open]") && matchMedia("(pointer: fine)").matches) {
  rows.querySelector(".condition.blank input[role=combobox]")?.focus({ preventScroll: true });
}
