// A select that is its form's only question (data-submits) sends the form when it is changed.

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submits]")) {
    event.target.form.requestSubmit();
  }
});
