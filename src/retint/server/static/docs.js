// Shows the OpenAPI document as a page, without external resources.

const schema = await (await fetch("openapi.json")).json();

function element(name, content, properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...[content].flat());
  return made;
}

const resolve = (each) =>
  each?.$ref ? each.$ref.split("/").slice(1).reduce((found, name) => found[name], schema) : (each ?? {});

function kind(given) {
  const found = resolve(given);
  if (found.enum) return found.enum.join(", ");
  if (found.anyOf) return found.anyOf.map(kind).join(" or ");
  const limits = [["minimum", "at least "], ["maximum", "at most "], ["exclusiveMaximum", "below "]]
    .filter(([name]) => name in found)
    .map(([name, said]) => said + found[name]);
  return [found.format === "binary" ? "file" : found.type, ...limits].filter(Boolean).join(", ");
}

function table(rows) {
  const body = rows.map(([name, where, given]) => {
    const { description = "", default: usual } = resolve(given);
    const standard = usual === undefined || usual === null || usual === "" ? "" : `Default: ${usual}. `;
    return element("tr", [
      element("td", element("code", name)), element("td", where), element("td", kind(given)),
      element("td", standard + description),
    ]);
  });
  const head = ["Name", "In", "Values", ""].map((each) => element("th", each));
  return element("table", [element("tr", head), ...body]);
}

for (const [path, methods] of Object.entries(schema.paths)) {
  for (const [method, { description, parameters = [], requestBody, responses }] of Object.entries(methods)) {
    const rows = new Map(parameters.map((each) => [each.name, [each.name, each.in, { ...each.schema, description: each.description ?? each.schema.description }]]));
    for (const { schema: body } of Object.values(requestBody?.content ?? {})) {
      for (const [name, given] of Object.entries(resolve(body).properties ?? {})) {
        rows.set(name, [name, rows.has(name) ? "query, form" : "body", given]);
      }
    }
    document.getElementById("operations").append(
      element("section", [
        element("h2", `${method.toUpperCase()} ${path}`),
        element("p", description ?? ""),
        ...(rows.size ? [table([...rows.values()])] : []),
        element("p", `Responses: ${Object.keys(responses).join(", ")}`, { className: "help" }),
      ], { className: "operation" }),
    );
  }
}

for (const each of document.querySelectorAll(".here")) each.textContent = new URL(".", location).href.slice(0, -1);
