// Shows an answer on the page.
import { one } from "./question.js";

const STEPS = {
  without_context: "without the shopper's history, which cannot be read",
  without_embedder: "found by words only, since the embedder is unavailable",
  without_ranker: "in the retriever's order, since the ranker is unavailable",
  without_pins: "without pinned products, which cannot be fetched",
  without_reasons: "without reasons, since these would take too long",
  last_good: "an earlier answer or trending products, since the retriever is unavailable",
};

export function show(answer, follow) {
  const fewer = answer.why_fewer ? ` (${answer.why_fewer})` : "";
  const count = answer.items.length;
  const meant = answer.corrected_query ? ` for “${answer.corrected_query}”` : "";
  const also = answer.also_searched
    ? `, also searched for ${answer.also_searched.map((words) => `“${words}”`).join(", ")}`
    : "";
  const weak = answer.weak && count ? "; nothing fits well" : "";
  one("status").textContent = `${count} ${count === 1 ? "product" : "products"}${meant}${also}${fewer}${weak}`;
  one("degraded").textContent = answer.degraded.map((step) => STEPS[step] ?? step).join("; ");
  replaceCards(answer.items.map((item) => card(item, follow)));
  showFacts(answer);
}

// Shows a text in place of an answer; "" shows nothing.
export function say(text, failed = false) {
  one("status").className = failed ? "failed" : "";
  one("status").textContent = text;
  replaceCards([]);
  one("degraded").textContent = "";
  one("facts").hidden = true;
}

// A user who pressed a card's button with the keyboard continues among the new cards.
function replaceCards(cards) {
  const results = one("results");
  const within = results.contains(document.activeElement);
  results.replaceChildren(...cards);
  if (within) results.focus({ preventScroll: true });
}

function card(item, follow) {
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
  for (const [selector, said, scenario] of [[".more", "more like", ""], [".with", "bought with", "bought-together"]]) {
    const button = node.querySelector(selector);
    button.setAttribute("aria-label", `${button.textContent}: ${item.name}`); // begins with the visible text, for voice control
    button.addEventListener("click", () => follow({ products: [item.product_id], scenario }, `${said} ${item.name}`));
  }
  return node;
}

function price(item) {
  if (item.price === undefined) return "";
  if (!item.currency) return item.price.toFixed(2);
  return new Intl.NumberFormat(undefined, { style: "currency", currency: item.currency }).format(item.price);
}

function picture(item, frame) {
  if (!/^https?:/.test(item.image_url ?? "")) return drawn(item, frame);
  const image = Object.assign(document.createElement("img"), { src: item.image_url, alt: "", loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(drawn(item, frame)));
  return image;
}

function drawn(item, frame) {
  // One color for each category, so that similar products look alike.
  const word = (item.category ?? []).at(-1) ?? item.name;
  const hue = [...word].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  frame.style.background = `linear-gradient(135deg, hsl(${hue} 38% 42%), hsl(${(hue + 40) % 360} 42% 32%))`;
  return element("span", [...word][0].toUpperCase()); // an emoji takes two units of a string
}

function showFacts(answer) {
  const { total, ...stages } = answer.timings_ms;
  // Embedder and history are asked at the same time, so the sum of the stages can exceed the total.
  const gateway = Math.max(0, total - Object.values(stages).reduce((sum, ms) => sum + ms, 0));
  const parts = { ...stages, gateway };
  const whole = Object.values(parts).reduce((sum, ms) => sum + ms, 0);
  one("timings").replaceChildren(...Object.entries(parts).map(([stage, ms]) => {
    const bar = element("div", "");
    bar.className = stage;
    bar.style.width = `${(100 * ms) / whole}%`;
    return bar;
  }));
  const times = Object.entries(parts).map(([stage, ms]) => `${stage} ${ms.toFixed(1)} ms`).join(" · ");
  const made = `scenario ${answer.scenario} · bundle ${answer.bundle} · request ${answer.request_id}`;
  one("facts-text").textContent = `${total.toFixed(1)} ms: ${times} · ${made}`;
  one("facts").hidden = false;
}

function element(tag, text) {
  const node = document.createElement(tag);
  node.textContent = text;
  return node;
}
