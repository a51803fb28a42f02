const one = (id) => document.getElementById(id);
const STEPS = {
  without_embedder: "found by words alone, since the embedder is out",
  without_ranker: "in the retriever's order, since the ranker is out",
  last_good: "an earlier answer, since the retriever is out",
};
let latest = 0;

async function ask(question) {
  const mine = ++latest;
  const status = one("status");
  status.className = "";
  status.textContent = "Asking…";
  try {
    const response = await fetch("/recommend", {
      method: "POST",
      headers: { "content-type": "application/json", ...credentials() },
      body: JSON.stringify({ ...question, top_k: Number(one("count").value), explain: true, deadline_ms: 2000 }),
    });
    const answer = await response.json();
    if (mine !== latest) return; // a newer question is on its way
    if (response.status === 401) one("key-row").hidden = false;
    if (!response.ok) throw new Error(answer.error.message);
    show(answer);
  } catch (error) {
    if (mine !== latest) return;
    status.className = "failed";
    status.textContent = error.message;
    one("results").replaceChildren();
    one("facts").hidden = one("degraded").hidden = true;
  }
}

function credentials() {
  const key = one("key").value || sessionStorage.getItem("key");
  if (!key) return {};
  sessionStorage.setItem("key", key);
  return { authorization: `Bearer ${key}` };
}

function show(answer) {
  const fewer = answer.why_fewer ? ` (${answer.why_fewer})` : "";
  const count = answer.items.length;
  one("status").textContent = `${count} ${count === 1 ? "product" : "products"}${fewer}`;
  one("degraded").hidden = answer.degraded.length === 0;
  one("degraded").textContent = answer.degraded.map((step) => STEPS[step] ?? step).join("; ");
  one("results").replaceChildren(...answer.items.map(card));
  showFacts(answer);
}

function card(item) {
  const node = one("card").content.cloneNode(true);
  const put = (selector, text) => { node.querySelector(selector).textContent = text ?? ""; };
  put("h2", item.name);
  put(".category", (item.category ?? []).join(" › "));
  put(".price", price(item));
  put(".brand-name", item.brand);
  put(".stock", item.in_stock === false ? "out of stock" : "");
  put(".reason", item.reason?.sentence);
  node.querySelector(".sources").append(...item.sources.map((source) => element("span", source)));
  node.querySelector(".picture").append(picture(item, node.querySelector(".picture")));
  const more = node.querySelector(".more");
  more.setAttribute("aria-label", `More like ${item.name}`);
  more.addEventListener("click", () => go({ product_id: item.product_id }, item.name));
  return node;
}

function price(item) {
  if (item.price === undefined) return "";
  if (!item.currency) return item.price.toFixed(2);
  return new Intl.NumberFormat(undefined, { style: "currency", currency: item.currency }).format(item.price);
}

function picture(item, frame) {
  if (/^https?:/.test(item.image_url ?? "")) {
    const image = document.createElement("img");
    Object.assign(image, { src: item.image_url, alt: "", loading: "lazy" });
    return image;
  }
  // One colour a category, so that a glance tells how alike the products are.
  const word = (item.category ?? []).at(-1) ?? item.name;
  const hue = [...word].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  frame.style.background = `linear-gradient(135deg, hsl(${hue} 38% 42%), hsl(${(hue + 40) % 360} 42% 32%))`;
  return element("span", word.slice(0, 1).toUpperCase());
}

function showFacts(answer) {
  const { total, ...stages } = answer.timings_ms;
  const parts = { ...stages, gateway: total - Object.values(stages).reduce((sum, ms) => sum + ms, 0) };
  one("timings").replaceChildren(...Object.entries(parts).map(([stage, ms]) => {
    const bar = element("div", "");
    bar.className = stage;
    bar.style.width = `${(100 * ms) / total}%`;
    return bar;
  }));
  const times = Object.entries(parts).map(([stage, ms]) => `${stage} ${ms.toFixed(1)} ms`).join(" · ");
  one("facts-text").textContent = `${total.toFixed(1)} ms: ${times} · bundle ${answer.bundle} · request ${answer.request_id}`;
  one("facts").hidden = false;
}

function element(tag, text) {
  const node = document.createElement(tag);
  node.textContent = text;
  return node;
}

// The address holds the question, so that it can be sent to somebody and the back button works.
function go(question, shown) {
  const address = new URL(location.href);
  address.search = new URLSearchParams(question).toString();
  history.pushState({ shown }, "", address);
  fromAddress();
}

function fromAddress() {
  const asked = new URLSearchParams(location.search);
  const question = {};
  for (const field of ["product_name", "product_id"]) if (asked.get(field)) question[field] = asked.get(field);
  one("name").value = question.product_name ?? "";
  one("name").placeholder = history.state?.shown ? `like ${history.state.shown}` : "nail paints";
  if (Object.keys(question).length > 0) ask(question);
}

one("search").addEventListener("submit", (event) => {
  event.preventDefault();
  go({ product_name: one("name").value });
});
addEventListener("popstate", fromAddress);
fromAddress();
