// When typing asks for counts: at once after a pause, else as soon as the keys rest.
import { form } from "./builder-edit.js";
import { focusInstead } from "./builder-focus.js";

const REST = 50;
const PAUSE = 400;
let [typedAt, timer] = [-PAUSE, 0];

function askForCount() {
  const now = performance.now();
  const isFirst = now - typedAt > PAUSE;
  typedAt = now;
  clearTimeout(timer);
  timer = setTimeout(() => htmx.trigger(form, "count"), isFirst ? 0 : REST);
}

form.addEventListener("input", askForCount);

// Somebody may have typed before this script was there.
const texts = [...form.querySelectorAll("#rows input:not([type=hidden])")];
if (texts.some((input) => input.value !== input.defaultValue)) {
  askForCount();
}

// The answer may take away the button that has the focus.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, shouldSwap } = event.detail;
  if (target.id === "outlook" && shouldSwap) {
    const button = document.activeElement;
    const row = button.closest("[data-row]");
    document.addEventListener("htmx:afterSwap", () => focusInstead(button, row), { once: true });
  }
});
