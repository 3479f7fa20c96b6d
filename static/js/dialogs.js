// Native dialogs: data-opens="id" opens one; data-closes and a click outside close it.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    document.getElementById(opener.dataset.opens)?.showModal();
    return;
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) {
    closer.closest("dialog")?.close();
    return;
  }
  if (event.target instanceof HTMLDialogElement && event.detail > 0) {
    event.target.close();
  }
});

// A dialog whose form has errors is opened again.
for (const dialog of document.querySelectorAll("dialog[data-open-now]")) {
  dialog.showModal();
}
