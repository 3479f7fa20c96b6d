// data-copies="id" copies an input's value to the clipboard and shows a message.

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
    // Without https there is no clipboard API; the selection can still be copied.
    document.execCommand("copy");
  }
  say(button.dataset.copied, "good");
});
