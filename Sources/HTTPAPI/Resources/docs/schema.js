// JSON Schema for people: a line for each member, nested ones folded.

import { el } from "../console/dom.js";
import { line, prose } from "./text.js";

const DEEPEST = 8;

export class Schemas {
  #document;
  constructor(document) { this.#document = document; }

  /** What a `$ref` stands for, with members beside it on top; and its name. */
  resolve(node) {
    let name = null;
    for (let hops = 0; node?.$ref && hops < 8; hops += 1) {
      const { $ref, ...beside } = node;
      name = $ref.split("/").at(-1);
      const target = $ref.slice(2).split("/").reduce((at, step) => at?.[step.replaceAll("~1", "/").replaceAll("~0", "~")], this.#document);
      node = { ...target, ...beside };
    }
    return { node: node ?? {}, name };
  }

  /** `string`, `list of Image`, `number or null` */
  type(schema) {
    const { node, name } = this.resolve(schema);
    if (node.const !== undefined) return JSON.stringify(node.const);
    if (node.type === "array") return `list of ${this.type(node.items ?? {})}`;
    const alternatives = node.oneOf ?? node.anyOf;
    if (!node.type && alternatives) return [...new Set(alternatives.map((one) => this.type(one)))].join(" or ");
    const type = Array.isArray(node.type) ? node.type.join(" or ") : node.type ?? "anything";
    if (name && (type === "object" || type === "anything")) return name;
    if (node.format === "binary") return "file";
    return node.contentMediaType === "application/json" ? "JSON text" : node.format && type.startsWith("string") ? `${type}, ${node.format}` : type;
  }

  limits(schema) {
    const { node } = this.resolve(schema);
    const values = node.enum ?? (node.type === "array" ? this.resolve(node.items ?? {}).node.enum : undefined);
    const between = (low, high, what) => (low === undefined && high === undefined ? null
      : low === undefined ? `at most ${high}${what}` : high === undefined ? `at least ${low}${what}` : `${low} to ${high}${what}`);
    return [
      values && `one of ${values.map((value) => `\`${value}\``).join(", ")}`,
      between(node.minimum, node.maximum, ""),
      between(node.minLength, node.maxLength, " characters"),
      between(node.minItems, node.maxItems, " items"),
      node.pattern && node.pattern !== "\\S" && `matches \`${node.pattern}\``,
      node.default !== undefined && `default \`${node.default}\``,
    ].filter(Boolean).join("; ");
  }

  /** The members below a schema: its properties, its items', its alternatives'. */
  members(schema, depth = 0, above = []) {
    const { node, name } = this.resolve(schema);
    if (depth > DEEPEST || (name && above.includes(name))) return [];
    const path = name ? [...above, name] : above;
    if (node.contentSchema) return this.members(node.contentSchema, depth, path);
    if (node.type === "array" && node.items) return this.members(node.items, depth, path);
    const alternatives = node.oneOf ?? (node.properties ? null : node.anyOf);
    if (alternatives) return this.#alternatives(alternatives, depth, path);
    const required = new Set(node.required ?? []);
    const rows = Object.entries(node.properties ?? {}).map(([key, value]) => this.row(key, value, { required: required.has(key), depth, path }));
    for (const [pattern, value] of Object.entries(node.patternProperties ?? {})) {
      rows.push(this.row(pattern === "^meta\\." ? "meta.FIELD" : pattern, value, { depth, path }));
    }
    for (const one of node.allOf ?? []) rows.push(...this.members(one, depth, path));
    return rows;
  }

  #alternatives(alternatives, depth, path) {
    const rows = alternatives.map((one) => ({ one, members: this.members(one, depth + 1, path) }));
    if (rows.every(({ members }) => members.length === 0)) return [];
    return rows.map(({ one, members }) => {
      const { node } = this.resolve(one);
      return el("li", { class: "member" },
        el("details", {}, el("summary", {}, el("span", { class: "type" }, `either ${this.type(one)}`), node.description ? line(` ${node.description}`) : null),
          el("ul", { class: "members" }, members)));
    });
  }

  /** One member, or one parameter. */
  row(name, schema, { required = false, note, description, example, depth = 0, path = [] } = {}) {
    const { node } = this.resolve(schema);
    const limits = this.limits(schema);
    const text = description ?? node.description;
    const below = this.members(schema, depth + 1, path);
    return el("li", { class: "member" },
      el("p", { class: "signature" }, el("code", { class: "member-name" }, name), el("span", { class: "type" }, this.type(schema)),
        note && el("span", { class: "note" }, note), required && el("span", { class: "required" }, "required")),
      text && el("div", { class: "explanation" }, prose(text)),
      limits && el("p", { class: "limits" }, line(limits)),
      example !== undefined && el("p", { class: "limits" }, "for instance ", el("code", {}, typeof example === "string" ? example : JSON.stringify(example))),
      below.length > 0 && el("details", {}, el("summary", {}, "Members"), el("ul", { class: "members" }, below)));
  }
}
