// Preselects the browser's time zone in a select with data-browser-zone, unless each was chosen.

const select = document.querySelector("select[data-browser-zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (select && !select.closest("form").querySelector(".error")) {
  const option = [...select.options].find((each) => each.value === zone);
  if (option) {
    option.selected = true;
  }
}
