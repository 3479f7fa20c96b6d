// The demo's shop: products, a cart in the browser, and who one is. What it tells Segmenter is what
// any shop's page tells it: see docs/forms-script.md.

const PRODUCTS = {
  shorts: { name: "Fjord hiking shorts", price: 65, words: "Light, quick to dry, four pockets." },
  shirt: { name: "Merino T-shirt", price: 55, words: "Warm when it is cold, cool when it is warm." },
  shoes: { name: "Trail running shoes", price: 139, words: "Grip on wet stone, room for toes." },
  flask: { name: "Vacuum flask, 1 l", price: 35, words: "Still hot in the evening." },
};
window._learnq = window._learnq || [];

const cart = () => JSON.parse(localStorage.getItem("cart") || "{}");

function keepCart(lines) {
  localStorage.setItem("cart", JSON.stringify(lines));
  drawCart();
}

function items() {
  return Object.entries(cart()).map(([key, quantity]) => ({
    ProductID: key, ProductName: PRODUCTS[key].name, Quantity: quantity,
    ItemPrice: PRODUCTS[key].price, RowTotal: quantity * PRODUCTS[key].price,
  }));
}

const total = () => items().reduce((sum, item) => sum + item.RowTotal, 0);

function drawCart() {
  const lines = items();
  const count = lines.reduce((sum, item) => sum + item.Quantity, 0);
  document.querySelector("#count").textContent = count ? `(${count})` : "";
  const list = document.querySelector("#cart");
  if (!list) return;
  list.replaceChildren(...lines.map((item) => {
    const line = document.createElement("li");
    line.append(`${item.Quantity} × ${item.ProductName}`, " ", `€${item.RowTotal}`);
    return line;
  }));
  document.querySelector("#total").textContent = lines.length ? `€${total()}` : "It is empty.";
}

function drawProduct() {
  const key = new URLSearchParams(location.search).get("p");
  const product = PRODUCTS[key];
  if (!document.querySelector("#add") || !product) return;
  document.title = `${product.name}, Fjord & Field`;
  document.querySelector("#image").src = `${key}.svg`;
  document.querySelector("#name").textContent = product.name;
  document.querySelector("#price").textContent = `€${product.price}`;
  document.querySelector("#words").textContent = product.words;
  const item = { ProductName: product.name, ProductID: key, Price: product.price, URL: location.href };
  window._learnq.push(["track", "Viewed Product", item]);
  window._learnq.push(["trackViewedItem", {
    Title: product.name, ItemId: key, Url: location.href, Metadata: { Price: product.price },
  }]);
  document.querySelector("#add").addEventListener("click", () => {
    keepCart({ ...cart(), [key]: (cart()[key] || 0) + 1 });
    document.querySelector("#added").textContent = `${product.name} is in your cart.`;
    window._learnq.push(["track", "Added to Cart", {
      $value: total(), AddedItemProductName: product.name, AddedItemProductID: key, Items: items(),
    }]);
  });
}

// Who one is: a real shop sends such links in its e-mails.

function be(persona) {
  document.cookie = "__kla_id=; path=/; max-age=0";
  localStorage.removeItem("__kla_state");
  localStorage.removeItem("cart");
  localStorage.setItem("persona", persona.name);
  location.href = `/${persona.query ? `?${persona.query}` : ""}`;
}

async function drawPersonas() {
  const response = await fetch("/personas.json");
  const people = await response.json();
  const current = localStorage.getItem("persona") || "Somebody new";
  document.querySelector("#personas").replaceChildren(...people.map((persona) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${persona.name}: ${persona.expects}`;
    button.setAttribute("aria-pressed", String(persona.name === current));
    button.addEventListener("click", () => be(persona));
    const line = document.createElement("li");
    line.append(button);
    return line;
  }));
  // Segments are built in the first minute of the demo.
  if (people.length < 5) setTimeout(drawPersonas, 5000);
}

document.querySelector("#empty")?.addEventListener("click", () => {
  keepCart({});
  window.klaviyo?.setCart?.({ value: 0, items: [] });
});
drawCart();
drawProduct();
drawPersonas();
