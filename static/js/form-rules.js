// The rules and triggers of a form: rows that are added (by htmx) and removed. The words beside
// them follow each change.

const form = document.querySelector("form[data-form-rules]");

const tellOfChange = () => form?.dispatchEvent(new Event("rows-changed"));

form?.addEventListener("click", (event) => {
  const row = event.target.closest("[data-removes-row]")?.closest("[data-row]");
  if (!row) {
    return;
  }
  const rows = row.parentElement;
  const isRow = (element) => element?.matches("[data-row]");
  const next = [row.nextElementSibling, row.previousElementSibling].find(isRow);
  row.remove();
  (next?.querySelector("[data-removes-row]") ?? document.getElementById(`new-${rows.id}`)).focus();
  tellOfChange();
});

form?.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.requestConfig?.elt.matches("[data-adds-row]")) {
    const group = event.detail.requestConfig.elt.closest(".card").querySelector("[data-rows]");
    const row = [...group.querySelectorAll("[data-row]")].at(-1);
    const control = row.querySelector("select, textarea, input:not([type=hidden])");
    (control ?? row.querySelector("[data-removes-row]")).focus();
    tellOfChange();
  }
});

document.querySelector("[data-problems]")?.focus();
