// The table of errors that every operation may answer.

import { el } from "../console/dom.js";
import { asJSON, codeBlock } from "./code.js";
import { line, prose } from "./text.js";

/** @param operations all of them, to find the statuses of each shared response in */
export function problemsSection(api, operations, schemas) {
  const used = new Map();
  for (const { operation } of operations) {
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      if (response.$ref) used.set(response.$ref, status);
    }
  }
  const rows = [...used].map(([reference, status]) => ({ status, node: schemas.resolve({ $ref: reference }).node }))
    .sort((a, b) => a.status - b.status);
  const examples = rows.flatMap(({ status, node }) =>
    Object.values(node.content?.["application/json"]?.examples ?? {}).slice(0, 1).map((one) => ({ label: status, text: asJSON(one.value), isJSON: true })));
  return el("section", { class: "operation", id: "errors" },
    el("div", { class: "about" },
      el("h2", {}, "Errors", el("a", { class: "anchor", href: "#errors", "aria-label": "Link to this section" }, "#")),
      el("div", { class: "prose" }, prose("Every error is JSON of one form. Programs go by `code` and the status, people by `message`; `param` names what is at fault, and `request_id` what to ask the server's log for.")),
      el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Status"), el("th", { scope: "col" }, "When"))),
        el("tbody", {}, rows.map(({ status, node }) => el("tr", {}, el("td", {}, el("code", { class: `status s${status[0]}` }, status)), line(node.description, "td"))))),
      el("ul", { class: "members" }, schemas.members({ $ref: "#/components/schemas/Error" }))),
    el("div", { class: "samples" }, examples.length > 0 && codeBlock("Error", examples)));
}
