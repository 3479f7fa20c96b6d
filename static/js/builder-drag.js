// Drag and drop of conditions: before or after a row, or into a group.
import { edit, rows } from "./builder-edit.js";

let dragged = null;
let drop = null;

function clear() {
  for (const marked of rows.querySelectorAll(".drop-before, .drop-after, .drop-into")) {
    marked.classList.remove("drop-before", "drop-after", "drop-into");
  }
}

/** The pointer of the position after a row. */
function after(pointer) {
  return pointer.replace(/\d+$/, (number) => String(Number(number) + 1));
}

/** The target of a drop: its element, its mark, and its JSON pointer. */
function place(event) {
  const row = event.target.closest("[data-row]:not(.nested)");
  if (row && !dragged.contains(row)) {
    const box = row.getBoundingClientRect();
    const above = event.clientY < box.top + box.height / 2;
    const pointer = row.dataset.row;
    return above ? [row, "drop-before", pointer] : [row, "drop-after", after(pointer)];
  }
  const group = event.target.closest("[data-group]");
  return group && !dragged.contains(group) ? [group, "drop-into", group.dataset.group] : null;
}

rows.addEventListener("dragstart", (event) => {
  if (!event.target.closest?.("[data-handle]")) {
    return;
  }
  dragged = event.target.closest("[data-row]");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.row);
  event.dataTransfer.setDragImage(dragged, 8, 8);
  dragged.classList.add("dragged");
});

rows.addEventListener("dragover", (event) => {
  if (!dragged) {
    return;
  }
  clear();
  drop = place(event);
  if (drop) {
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    drop[0].classList.add(drop[1]);
  }
});

rows.addEventListener("drop", (event) => {
  if (dragged && drop) {
    event.preventDefault();
    edit("move", dragged.dataset.row, JSON.stringify(drop[2]));
  }
});

rows.addEventListener("dragend", () => {
  clear();
  dragged?.classList.remove("dragged");
  dragged = null;
  drop = null;
});
