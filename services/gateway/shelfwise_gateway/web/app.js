import { show } from "./answer.js";
import { addressToForm, explain, formToAddress, offerScenarios, one, request } from "./question.js";

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
    show(answer, go);
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

// The shopper stays the same from one question to the next.
function go(fields, shown) {
  for (const id of ["product_name", "products", "scenario", "category"]) one(id).value = fields[id] ?? "";
  open(shown);
}

function open(shown) {
  const address = new URL(location.href);
  address.search = formToAddress();
  history.pushState({ shown }, "", address);
  fromAddress();
}

function fromAddress() {
  addressToForm();
  explain();
  one("product_name").placeholder = history.state?.shown ?? "nail paints";
  offerScenarios(credentials()).catch(() => {}); // the page works without the list
  const question = request();
  if (question) ask(question);
}

one("search").addEventListener("submit", (event) => {
  event.preventDefault();
  open();
});
one("scenario").addEventListener("change", explain);
addEventListener("popstate", fromAddress);
fromAddress();
