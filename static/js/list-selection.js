// Choosing rows of a table: all of a page, a range with Shift, none; and the bar of what to do with
// them. Forms and boxes work without it. The table may be replaced by a search.

const boxesOf = (table) => [...table.querySelectorAll("tbody input[type=checkbox][name=s]")];

let last = null;

function settle(table) {
  const boxes = boxesOf(table);
  const count = boxes.filter((box) => box.checked).length;
  const all = table.querySelector("[data-select-all]");
  if (all) {
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
  const form = document.getElementById("bulk");
  const words = form?.querySelector("[data-selection-count]");
  if (words) {
    words.textContent = count ? words.dataset.words.replace("{n}", count) : "";
  }
  for (const button of form?.querySelectorAll("[data-least]") ?? []) {
    button.disabled = count < Number(button.dataset.least) || count > Number(button.dataset.most);
  }
}

function chooseAll(table, checked) {
  for (const box of boxesOf(table)) {
    box.checked = checked;
  }
  last = null;
  settle(table);
}

document.addEventListener("click", (event) => {
  const table = event.target.closest("[data-selection]");
  if (event.target.closest("[data-select-none]")) {
    chooseAll(document.querySelector("[data-selection]"), false);
    document.querySelector("[data-select-all]")?.focus();
    return;
  }
  if (!table || !event.target.matches("input[type=checkbox]")) {
    return;
  }
  if (event.target.matches("[data-select-all]")) {
    chooseAll(table, event.target.checked);
    return;
  }
  const boxes = boxesOf(table);
  const here = boxes.indexOf(event.target);
  const there = boxes.indexOf(last);
  if (event.shiftKey && there >= 0) {
    for (const box of boxes.slice(Math.min(here, there), Math.max(here, there) + 1)) {
      box.checked = event.target.checked;
    }
  }
  last = event.target;
  settle(table);
});

document.addEventListener("keydown", (event) => {
  const table = event.target.closest?.("[data-selection]");
  if (event.key === "Escape" && table && boxesOf(table).some((box) => box.checked)) {
    chooseAll(table, false);
  }
});

function settleAll() {
  for (const table of document.querySelectorAll("[data-selection]")) {
    settle(table);
  }
}

document.addEventListener("htmx:afterSettle", settleAll);
window.addEventListener("pageshow", settleAll);
settleAll();
