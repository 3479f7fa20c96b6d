// The segment's tags: Enter or a comma adds the typed tag, × removes one.

const tags = document.querySelector("[data-tags]");
const box = document.getElementById("new_tag");

function add(name) {
  const known = [...tags.querySelectorAll("input[name=tags]")].map((input) => input.value);
  if (!name || known.includes(name)) {
    return;
  }
  const chip = document.createElement("span");
  const input = document.createElement("input");
  const remove = document.createElement("button");
  chip.className = "chip";
  Object.assign(input, { type: "hidden", name: "tags", value: name });
  Object.assign(remove, { type: "button", textContent: "×" });
  remove.setAttribute("aria-label", `${tags.dataset.remove} ${name}`);
  chip.append(input, `${name} `, remove);
  box.before(chip);
}

function take() {
  for (const name of box.value.split(",")) {
    add(name.trim().replace(/\s+/g, " "));
  }
  box.value = "";
}

box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === ",") {
    event.preventDefault();
    take();
  } else if (event.key === "Backspace" && !box.value) {
    box.previousElementSibling?.remove();
  }
});
box.addEventListener("change", take);
tags.addEventListener("click", (event) => {
  const button = event.target.closest(".chip button");
  if (button) {
    button.parentElement.remove();
    box.focus();
  }
});
