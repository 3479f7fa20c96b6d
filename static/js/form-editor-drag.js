// Drag and drop in the outline: blocks before or after others, or into a step; steps among steps.
import { edit } from "./form-editor-draft.js";

const outline = document.getElementById("outline");
const MARKS = ["drop-before", "drop-after"];
let dragged = ""; // the pointer of the row
let drop = null; // element, mark, pointer

const isBlock = (pointer) => pointer.includes("/blocks/");
const after = (pointer) => pointer.replace(/\d+$/, (number) => String(Number(number) + 1));
const isAbove = (event, element) => {
  const box = element.getBoundingClientRect();
  return event.clientY < box.top + box.height / 2;
};

function clear() {
  drop?.[0].classList.remove(...MARKS);
  drop = null;
}

function place(event) {
  const step = event.target.closest("[data-step]");
  const row = event.target.closest("[data-row]");
  if (!isBlock(dragged)) {
    const above = step && isAbove(event, step);
    return step && [step, above ? "drop-before" : "drop-after", above ? step.dataset.step : after(step.dataset.step)];
  }
  if (row && isBlock(row.dataset.row)) {
    const above = isAbove(event, row);
    return [row, above ? "drop-before" : "drop-after", above ? row.dataset.row : after(row.dataset.row)];
  }
  if (row) {
    return [row, "drop-after", `${row.dataset.row}/blocks/0`];
  }
  return step && [step, "drop-after", step.dataset.step];
}

outline.addEventListener("dragstart", (event) => {
  const row = event.target.closest?.("[data-handle]")?.closest("[data-row]");
  if (row) {
    dragged = row.dataset.row;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged);
    event.dataTransfer.setDragImage(row, 8, 8);
  }
});

outline.addEventListener("dragover", (event) => {
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

outline.addEventListener("drop", (event) => {
  if (dragged && drop) {
    event.preventDefault();
    edit("move", dragged, drop[2]);
  }
});

outline.addEventListener("dragend", () => {
  clear();
  dragged = "";
});
