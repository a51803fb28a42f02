// The question in its three shapes: the form, the address (so that it can be sent to somebody and the back button works),
// and the request.
export const one = (id) => document.getElementById(id);

const FIELDS = ["product_name", "top_k", "products", "user_id", "session_id", "scenario", "category"];

let listed = []; // the ids that an address or a card put into the form

// An id may hold blanks and commas: only what somebody typed is taken apart.
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

// A scenario may stand in the address before the list of scenarios has come.
function put(control, value) {
  if (control.tagName === "SELECT" && value && ![...control.options].some((option) => option.value === value)) {
    control.append(new Option(value, value));
  }
  control.value = value;
}

// A text and products cannot be asked at once: what is typed takes the place of the other, and of the scenario that answered it.
export function replace(other) {
  if (!one(other).value) return;
  one(other).value = one("scenario").value = "";
  explain();
}

// null: nothing is asked.
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
    new Option("what is given decides", ""),
    ...scenarios.map(({ name, description }) => Object.assign(new Option(name, name), { title: description })),
  );
  put(select, chosen);
  select.dataset.filled = "yes";
  explain();
}

export function explain() {
  one("scenario-says").textContent = one("scenario").selectedOptions[0]?.title ?? "";
}
