// The filter grammar of the API: conditions as the console holds them, as a query string and as JSON.
//
// A condition is {name, op, value}: `name` is `indexing_status`, `content_type`, `uploaded_after`, `uploaded_before`,
// `ids` or `meta.FIELD`; `op` is empty but for metadata, where empty means "equals".

import { time } from "./format.js";

export const operators = {
  "": "is", ne: "is not", in: "is one of", gt: ">", gte: "≥", lt: "<", lte: "≤", prefix: "starts with", exists: "is there",
};
export const contentTypes = [
  "image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/bmp", "image/heic", "image/avif",
];
const plain = new Set(["ids", "indexing_status", "content_type", "uploaded_after", "uploaded_before"]);

/** The name of the query parameter. */
export const parameter = ({ name, op }) => (op ? `${name}[${op}]` : name);

/** A condition from a query parameter; null where it is none. */
export function parse(key, value) {
  if (plain.has(key)) return { name: key, op: "", value };
  const [, name, op = ""] = /^(meta\.[^[\]]+)(?:\[([a-z]+)\])?$/.exec(key) ?? [];
  if (!name) return null;
  const operator = op === "eq" ? "" : op;
  return operator in operators ? { name, op: operator, value } : null;
}

export const same = (a, b) => a.name === b.name && a.op === b.op;

/** With a condition put in the place of one on the same thing. */
export const including = (conditions, added) =>
  [...conditions.filter((condition) => !same(condition, added)), ...(added.value === "" ? [] : [added])];

/** As pairs of a query string. */
export const query = (conditions) => conditions.map((condition) => [parameter(condition), condition.value]);

/** As the `filters` of a search, where values have types: `7` is asked for as number and as text, as in a query string. */
export function json(conditions) {
  const object = {};
  for (const { name, op, value } of conditions) {
    const list = value.split(",").map((text) => text.trim()).filter(Boolean);
    const also = (operations) => { object[name] = { ...object[name], ...operations }; };
    const [text, other] = readings(value);
    if (name === "indexing_status") object[name] = list.map(Number);
    else if (name === "ids" || name === "content_type") object[name] = list;
    else if (!name.startsWith("meta.")) object[name] = isNumber(value) ? Number(value) : value;
    else if (op === "") also({ in: readings(value) });
    else if (op === "in") object[`${name}[in]`] = list.flatMap(readings);
    else if (op === "exists") also({ exists: value !== "false" });
    else if (op === "prefix") also({ prefix: value });
    else if (op !== "ne") also({ [op]: typeof other === "number" ? other : text });
    else {
      also({ ne: text });
      if (other !== undefined) object[`${name}[ne]`] = other;
    }
  }
  return object;
}

const isNumber = (text) => /^\d+(\.\d+)?$/.test(text);

function readings(text) {
  let value = text;
  try { value = JSON.parse(text); } catch { /* it is text only */ }
  return value === null || ["number", "boolean"].includes(typeof value) ? [text, value] : [text];
}

/** What a condition says, for people. */
export function words({ name, op, value }) {
  const when = () => (isNumber(value) ? time(Number(value)) : value);
  switch (name) {
    case "indexing_status": return `Status: ${value.split(",").map((number) => states[number] ?? number).join(", ")}`;
    case "content_type": return `Type: ${value.split(",").map((type) => type.replace("image/", "").toUpperCase()).join(", ")}`;
    case "uploaded_after": return `Uploaded from ${when()}`;
    case "uploaded_before": return `Uploaded before ${when()}`;
    case "ids": return `${value.split(",").length} chosen`;
    default: {
      const field = name.slice("meta.".length);
      if (op === "exists") return value === "false" ? `${field} is missing` : `${field} is there`;
      return `${field} ${operators[op]} ${value}`;
    }
  }
}
const states = ["not indexed", "being indexed", "indexed", "failed"];
