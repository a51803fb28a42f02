import { say, show } from "./answer.js";
import { addressToForm, askAbout, explain, formToAddress, offerScenarios, one, replace, request } from "./question.js";

let latest = 0;
let asked = null;
let read; // the address from which the form was filled

async function ask(question) {
  const mine = ++latest;
  one("status").className = "";
  one("status").textContent = "Loading…";
  try {
    const answer = await answerTo({ ...question, explain: true, deadline_ms: 2000 });
    if (mine === latest) show(answer, go); // else the user has asked a newer question
  } catch (error) {
    if (mine === latest) say(error.message, true);
  }
}

// Throws an Error with a sentence for people.
async function answerTo(question) {
  const headers = { "content-type": "application/json", ...credentials() };
  const response = await fetch("/recommend", { method: "POST", headers, body: JSON.stringify(question) }).catch(() => {
    throw new Error("The service cannot be reached. Check that it is running and that you are online, then try again.");
  });
  if (response.status === 401) one("key-row").hidden = false;
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  throw new Error(
    answer?.error?.message ??
      `The answer (${response.status}) is not from Shelfwise, but from a proxy in front of it. Try again in a moment.`,
  );
}

function credentials() {
  const key = kept(one("key").value);
  return key ? { authorization: `Bearer ${key}` } : {};
}

// Only for this tab. A browser that blocks site storage throws.
function kept(key) {
  try {
    if (key) sessionStorage.setItem("key", key);
    return key || sessionStorage.getItem("key");
  } catch {
    return key;
  }
}

// The shopper stays the same from one question to the next.
function go(fields, shown) {
  for (const id of ["product_name", "scenario", "category"]) one(id).value = fields[id] ?? "";
  askAbout(fields.products ?? []);
  open(shown);
  one("status").scrollIntoView({ block: "nearest" });
}

function open(shown) {
  const address = new URL(location.href);
  address.search = formToAddress();
  if (address.search !== location.search) history.pushState({ shown }, "", address);
  fromAddress();
}

function fromAddress() {
  read = location.search;
  addressToForm();
  explain();
  one("product_name").placeholder = history.state?.shown ?? "nail paints";
  offerScenarios(credentials()).catch(() => {}); // the page works without the list
  asked = request();
  if (asked) return ask(asked);
  latest += 1; // an answer that is still on its way is no longer wanted
  say("");
}

one("search").addEventListener("submit", (event) => {
  event.preventDefault();
  open();
  if (!asked) say("Enter what to look for: a text, a product, a cart, a shopper or a scenario.", true);
});
one("product_name").addEventListener("input", () => replace("products"));
one("products").addEventListener("input", () => replace("product_name"));
one("top_k").addEventListener("change", () => asked && open(history.state?.shown));
one("scenario").addEventListener("change", explain);
// "Skip to the results" changes the address, too, but asks nothing.
addEventListener("popstate", () => location.search !== read && fromAddress());
fromAddress();
