// A select that is its form's only question (data-submits) sends the form when it is changed.

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submits]")) {
    event.target.form.requestSubmit();
  }
});

// Words typed before the scripts were there, or kept by the browser over a reload, are looked for.

document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("main input[type=search][hx-get]")) {
    if (field.value !== field.defaultValue) {
      field.dispatchEvent(new Event("search"));
    }
  }
});
