// Publishing: first everything is saved, then a dialog says what will change.
import { editor, flush, isSaved } from "./form-editor-draft.js";

const dialog = document.getElementById("publication");

document.getElementById("publish").addEventListener("click", async () => {
  await flush();
  if (!isSaved()) {
    const problem = document.querySelector("#problems button");
    problem?.scrollIntoView({ block: "center" });
    problem?.focus();
    return;
  }
  await htmx.ajax("GET", editor.dataset.publicationUrl, { target: dialog, swap: "innerHTML" });
  if (dialog.childElementCount && !dialog.open) {
    dialog.showModal();
  }
});
