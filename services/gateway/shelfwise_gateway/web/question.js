// The question in its three forms: the form on the page, the address (so that users can share it and the back button works),
// and the request.
export const one = (id) => document.getElementById(id);

const FIELDS = ["product_name", "top_k", "products", "user_id", "session_id", "scenario", "category"];

let listed = []; // the ids that an address or a card has put into the form

// An id can contain spaces and commas, so only typed text is split.
function productIds() {
  const { value } = one("products");
  return value === written(listed) ? listed : value.split(/[\s,]+/).filter(Boolean);
}

export function askAbout(ids) {
  listed = ids;
  one("products").value = written(ids);
}

function written(ids) {
  return ids.join(", ");
}

export function formToAddress() {
  const given = FIELDS.flatMap((field) => {
    const values = field === "products" ? productIds() : [one(field).value.trim()].filter(Boolean);
    return values.map((value) => [field, value]);
  });
  return new URLSearchParams(given).toString();
}

export function addressToForm() {
  const asked = new URLSearchParams(location.search);
  for (const field of FIELDS.filter((field) => field !== "products")) put(one(field), asked.get(field) ?? "");
  askAbout(asked.getAll("products").filter(Boolean));
  one("more").open ||= FIELDS.slice(2).some((field) => asked.get(field));
}

// The address can name a scenario before the list of scenarios has arrived.
function put(control, value) {
  if (control.tagName === "SELECT" && value && ![...control.options].some((option) => option.value === value)) {
    control.append(new Option(value, value));
  }
  control.value = value;
}

// A request has a text or products, not both: typing one clears the other, and the scenario that answered it.
export function replace(other) {
  if (!one(other).value) return;
  one(other).value = one("scenario").value = "";
  explain();
}

// null: the form asks nothing.
export function request() {
  const { product_name, top_k, user_id, session_id, scenario, category } = Object.fromEntries(
    FIELDS.map((field) => [field, one(field).value.trim()]),
  );
  const ids = productIds();
  const question = {
    ...(product_name && { product_name }),
    ...(ids.length === 1 && { product_id: ids[0] }),
    ...(ids.length > 1 && { cart: ids }),
    ...(user_id && { user_id }),
    ...(session_id && { session_id }),
    ...(scenario && { scenario }),
  };
  if (Object.keys(question).length === 0) return null;
  return { ...question, ...(category && { filter: { category } }), top_k: Number(top_k || 12) };
}

export async function offerScenarios(credentials) {
  const select = one("scenario");
  if (select.dataset.filled) return;
  const response = await fetch("/scenarios", { headers: credentials });
  if (!response.ok) return;
  const { scenarios } = await response.json();
  const chosen = select.value;
  select.replaceChildren(
    new Option("automatic, from the other fields", ""),
    ...scenarios.map(({ name, description }) => Object.assign(new Option(name, name), { title: description })),
  );
  put(select, chosen);
  select.dataset.filled = "yes";
  explain();
}

export function explain() {
  one("scenario-says").textContent = one("scenario").selectedOptions[0]?.title ?? "";
}
