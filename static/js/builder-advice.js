// Fixes of warnings: one press draws the whole definition after it. Undo takes it back.
import { draw, form, isMoving } from "./builder-edit.js";
import { focusAfter } from "./builder-focus.js";

form.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-draw]");
  if (!button || event.detail > 1 || isMoving()) {
    return;
  }
  const { draw: definition, place } = button.dataset;
  await draw(definition);
  if (document.activeElement === document.body) {
    focusAfter(place, true);
  }
  if (document.activeElement === document.body) {
    document.getElementById("undo").focus();
  }
});
