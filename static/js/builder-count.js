// When typing asks for counts: at once after a pause, else as soon as the keys rest.
import { form } from "./builder-edit.js";

const REST = 50;
const PAUSE = 400;
let [typedAt, timer] = [-PAUSE, 0];

form.addEventListener("input", () => {
  const now = performance.now();
  const isFirst = now - typedAt > PAUSE;
  typedAt = now;
  clearTimeout(timer);
  timer = setTimeout(() => htmx.trigger(form, "count"), isFirst ? 0 : REST);
});
