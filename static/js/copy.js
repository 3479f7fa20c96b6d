// data-copies="id" puts an input's value on the clipboard and says so.

import { say } from "./toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) {
    return;
  }
  const field = document.getElementById(button.dataset.copies);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Without https the browser has no clipboard for us; what is selected can still be copied.
    document.execCommand("copy");
  }
  say(button.dataset.copied, "good");
});
