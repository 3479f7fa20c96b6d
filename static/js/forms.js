// A select with data-submits sends its form when it is changed.

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submits]")) {
    event.target.form.requestSubmit();
  }
});

// Search for words that were typed before the scripts loaded, or that the browser restored.

document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("main input[type=search][hx-get]")) {
    if (field.value !== field.defaultValue) {
      field.dispatchEvent(new Event("search"));
    }
  }
});
