// One operation: what it takes, what it answers, how it is called.

import { el } from "../console/dom.js";
import { asJSON, codeBlock } from "./code.js";
import { prose, line } from "./text.js";

/** What samples call the server; shown as the address this page came from. */
const SAMPLE_SERVER = "http://127.0.0.1:8080";

export class Operations {
  #schemas;
  #server;

  /** @param server where the API is, without a slash at the end */
  constructor(schemas, server) {
    this.#schemas = schemas;
    this.#server = server;
  }

  section({ id, method, path, operation }) {
    return el("section", { class: "operation", id },
      el("div", { class: "about" },
        el("h3", {}, operation.summary, el("a", { class: "anchor", href: `#${id}`, "aria-label": "Link to this section" }, "#")),
        el("p", { class: "route" }, el("span", { class: `method ${method}` }, method.toUpperCase()), el("code", {}, path)),
        this.#access(operation),
        prose(operation.description),
        this.#parameters(operation.parameters ?? []),
        operation.requestBody && this.#body(operation.requestBody),
        this.#responses(operation.responses ?? {})),
      el("div", { class: "samples" }, this.#samples(operation, path)));
  }

  #access({ security }) {
    if (!security) return null;
    const names = security.map((one) => Object.keys(one)[0]);
    if (names.length === 0) return el("p", { class: "access" }, "Open: needs no key.");
    return names.includes("signedUrl") ? el("p", { class: "access" }, "With a key, or with a signed URL and no key.") : null;
  }

  #parameters(parameters) {
    const places = { path: "In the path", query: "In the query string", header: "Headers" };
    const all = parameters.map((one) => this.#schemas.resolve(one).node);
    return Object.entries(places).map(([place, heading]) => {
      const here = all.filter((one) => one.in === place);
      if (here.length === 0) return null;
      return [el("h4", {}, heading), el("ul", { class: "members" }, here.map((one) => this.#schemas.row(one.name, one.schema, {
        required: one.required, description: one.description, example: one.example,
      })))];
    }).flat();
  }

  #body(body) {
    const { node } = this.#schemas.resolve(body);
    return [el("h4", {}, "Body"), ...Object.entries(node.content).map(([type, media], position, all) => {
      const { node: schema } = this.#schemas.resolve(media.schema ?? {});
      const members = this.#schemas.members(media.schema ?? {});
      const content = [schema.description && prose(schema.description), members.length > 0 && el("ul", { class: "members" }, members)];
      if (all.length === 1) return el("div", {}, el("p", { class: "media" }, el("code", {}, type)), content);
      return el("details", { class: "media", open: position === 0 }, el("summary", {}, el("code", {}, type)), content);
    })];
  }

  #responses(responses) {
    return [el("h4", {}, "Answers"), el("div", { class: "answers" }, Object.entries(responses).map(([status, response]) => {
      const { node } = this.#schemas.resolve(response);
      const [media] = Object.entries(node.content ?? {});
      const members = media ? this.#schemas.members(media[1].schema ?? {}) : [];
      const headers = Object.entries(node.headers ?? {});
      const summary = [el("code", { class: `status s${status[0]}` }, status), line(node.description)];
      if (members.length === 0 && headers.length === 0) return el("p", { class: "answer" }, summary);
      return el("details", { class: "answer" }, el("summary", {}, summary),
        media && el("p", { class: "media" }, el("code", {}, Object.keys(node.content).join(", "))),
        members.length > 0 && el("ul", { class: "members" }, members),
        headers.length > 0 && [el("h5", {}, "Headers"), el("ul", { class: "members" }, headers.map(([name, header]) => {
          const { node: one } = this.#schemas.resolve(header);
          return this.#schemas.row(name, one.schema ?? {}, { description: one.description });
        }))]);
    }))];
  }

  #samples(operation, path) {
    const local = (text) => text.replaceAll(SAMPLE_SERVER, this.#server);
    const code = (operation["x-codeSamples"] ?? []).map(({ label, source }) => ({ label, text: local(source), isJSON: false }));
    const requests = Object.values(this.#schemas.resolve(operation.requestBody ?? {}).node.content ?? {}).flatMap((media) => this.#examples(media, local));
    const answers = Object.entries(operation.responses ?? {}).filter(([status]) => status.startsWith("2"))
      .flatMap(([, response]) => Object.values(this.#schemas.resolve(response).node.content ?? {}).flatMap((media) => this.#examples(media, local)));
    return [
      code.length > 0 && codeBlock(path, code),
      requests.length > 0 && codeBlock("Body", requests),
      answers.length > 0 && codeBlock("Answer", answers),
    ];
  }

  #examples(media, local) {
    const sample = (label, value) => {
      const isText = typeof value === "string";
      return { label, text: local(isText ? value : asJSON(value)), isJSON: !isText };
    };
    if (media.example !== undefined) return [sample("Example", media.example)];
    return Object.entries(media.examples ?? {}).map(([name, one]) => sample(plain(one.summary ?? name), one.value));
  }
}

const plain = (text) => text.replaceAll("`", "");
