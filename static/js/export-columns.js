// The columns of a file: adding, moving and removing them. The form sends them in their order.

const form = document.querySelector("form[data-columns]");
const list = form.querySelector("[data-chosen]");
const boxes = [...form.querySelectorAll(".column-groups input[type=checkbox]")];
const said = form.querySelector("[data-said]");

const rows = () => [...list.querySelectorAll("[data-column]")];
const nameOf = (row) => row.querySelector("input[name=column]").value;
const labelOf = (row) => row.querySelector("[data-label]").textContent;

function say(kind, row) {
  said.textContent = said.dataset[kind]
    .replace("{name}", labelOf(row))
    .replace("{place}", rows().indexOf(row) + 1)
    .replace("{count}", rows().length);
}

function settle() {
  const chosen = new Set(rows().map(nameOf));
  for (const box of boxes) {
    box.checked = chosen.has(box.value);
  }
  form.querySelector("[data-count]").textContent = chosen.size;
}

function add(name, label) {
  const known = rows().find((row) => nameOf(row) === name);
  if (known) {
    known.scrollIntoView({ block: "nearest" });
    return;
  }
  const row = form.querySelector("template[data-row]").content.firstElementChild.cloneNode(true);
  row.querySelector("input[name=column]").value = name;
  row.querySelector("[data-label]").textContent = label;
  for (const button of row.querySelectorAll("button")) {
    button.setAttribute("aria-label", button.getAttribute("aria-label").replace("“”", `“${label}”`));
  }
  list.append(row);
  row.scrollIntoView({ block: "nearest" });
  settle();
  say("added", row);
}

function remove(row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const hadFocus = row.contains(document.activeElement);
  row.remove();
  settle();
  say("removed", row);
  if (hadFocus) {
    (next?.querySelector("[data-remove]") ?? form.querySelector("[data-search]")).focus();
  }
}

function move(row, by) {
  const focus = document.activeElement;
  if (by < 0 && row.previousElementSibling) {
    row.previousElementSibling.before(row);
  } else if (by > 0 && row.nextElementSibling) {
    row.nextElementSibling.after(row);
  }
  if (row.contains(focus)) {
    focus.focus();
  }
  row.scrollIntoView({ block: "nearest" });
  say("moved", row);
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const row = button?.closest("[data-column]");
  if (row && "move" in button.dataset) {
    move(row, Number(button.dataset.move));
  } else if (row) {
    remove(row);
  }
});

list.addEventListener("keydown", (event) => {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const row = event.target.closest("[data-column]");
  if (by && event.altKey && row) {
    event.preventDefault();
    move(row, by);
  }
});

for (const box of boxes) {
  box.addEventListener("change", () => {
    if (box.checked) {
      add(box.value, box.dataset.label);
    } else {
      remove(rows().find((row) => nameOf(row) === box.value));
    }
  });
}

const search = form.querySelector("[data-search]");

function filter() {
  const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const group of form.querySelectorAll(".column-groups details")) {
    let matches = 0;
    for (const box of group.querySelectorAll("input")) {
      const text = `${box.dataset.label} ${box.value}`.toLocaleLowerCase();
      const matching = words.every((word) => text.includes(word));
      box.closest("label").hidden = !matching;
      matches += matching;
    }
    group.hidden = matches === 0;
    group.open = words.length ? matches > 0 : group.querySelector("input:checked") !== null;
    count += matches;
  }
  form.querySelector("[data-nothing]").hidden = count > 0;
}

search.addEventListener("input", filter);
if (search.value) {
  filter(); // typed before this script was there, or restored by the browser
}

// Enter in a field saves or adds what stands beside it, and never makes the file by accident.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.tagName !== "INPUT") {
    return;
  }
  event.preventDefault();
  if ("setName" in event.target.dataset) {
    form.querySelector("button[name=save]").click();
  } else if ("quantity" in event.target.dataset) {
    form.querySelector("[data-add]").click();
  }
});

form.querySelector("[data-add]")?.addEventListener("click", () => {
  const field = (name) => form.querySelector(`[data-${name}]`);
  const quantity = field("quantity");
  if (!quantity.reportValidity()) {
    return;
  }
  const words = (select) => select.selectedOptions[0].textContent;
  const [what, metric, unit] = [field("what"), field("metric"), field("unit")];
  const span = `${quantity.value} ${words(unit)}`;
  add(
    `${what.value}:${words(metric)}:${quantity.value}${unit.value}`,
    `${words(metric)}: ${words(what)}, ${span}`,
  );
});

settle();
