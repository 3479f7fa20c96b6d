// A one-time link carries its secret behind the #, which browsers send to nobody. Here it is taken
// out of the address and posted. Opening another link in the same window changes that part alone.

const form = document.querySelector("form[data-one-time-link]");

function post() {
  const secret = location.hash.slice(1);
  if (secret) {
    history.replaceState(null, "", location.pathname);
    form.elements.link.value = secret;
    form.requestSubmit();
  }
}

addEventListener("hashchange", post);
post();
