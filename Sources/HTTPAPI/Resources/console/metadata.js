// An image's metadata: as a table to read, as JSON to change.

import { button, el, fill, settled } from "./dom.js";
import { isTimestamp, time } from "./format.js";
import { copyAndTell, explain } from "./notices.js";

/** As much as the server takes. */
const MAXIMUM_BYTES = 64 * 1024;

/**
 * The section of the dialog.
 * @param save called with the new object; what it throws is shown.
 * @param filter called with `meta.FIELD` and a value's text.
 */
export function metadataSection(image, { save, filter }) {
  const object = image.image_metadata ?? {};
  const node = el("section", { class: "metadata", "aria-label": "Metadata" });
  const section = { node, isChanged: false, edit };

  function read() {
    section.isChanged = false;
    const rows = Object.entries(object);
    fill(node,
      el("header", {}, el("h3", {}, "Metadata"),
        rows.length > 0 && button("", { symbol: "copy", kind: "quiet small", label: "Copy the metadata", onclick: () => copyAndTell(JSON.stringify(object, null, 2), "Metadata") }),
        button("Edit", { symbol: "edit", kind: "small", title: "Edit (E)", onclick: edit })),
      rows.length === 0
        ? el("p", { class: "soft" }, "None yet. Whatever JSON you note here can be filtered by.")
        : el("dl", { class: "facts" }, rows.map(([name, value]) => row(name, value, filter))));
  }

  function edit() {
    if (node.querySelector("textarea")) return;
    const before = JSON.stringify(object, null, 2);
    const problem = el("p", { class: "field-error", role: "alert" });
    const text = el("textarea", {
      class: "code", "aria-label": "Metadata as JSON", spellcheck: "false", autocapitalize: "off",
      rows: Math.min(Math.max(before.split("\n").length + 1, 6), 18),
    });
    text.value = before;
    const store = button("Save", { kind: "primary", symbol: "check", onclick: submit });
    const check = settled(400, () => {
      const wrong = reading(text.value).problem;
      if (wrong) problem.textContent = wrong;
    });
    text.addEventListener("input", () => {
      section.isChanged = text.value !== before;
      problem.textContent = "";
      check();
    });
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      if (!section.isChanged || window.confirm("Drop the changes?")) read();
    });
    fill(node, el("header", {}, el("h3", {}, "Metadata")), text, problem,
      el("div", { class: "row" }, store, button("Cancel", { onclick: read }), el("span", { class: "soft" }, "Ctrl+Enter saves")));
    text.focus();

    async function submit() {
      const { value, problem: wrong } = reading(text.value);
      problem.textContent = wrong ?? "";
      if (wrong) return text.focus();
      store.disabled = true;
      try {
        await save(value);
      } catch (error) {
        problem.textContent = explain(error);
        store.disabled = false;
      }
    }
  }

  read();
  return section;
}

function reading(text) {
  let value;
  try {
    value = JSON.parse(text.trim() || "{}");
  } catch (error) {
    return { problem: `This is not JSON: ${error.message}` };
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return { problem: "Metadata is a JSON object: { \"name\": value, … }" };
  }
  const size = new TextEncoder().encode(JSON.stringify(value)).length;
  return size > MAXIMUM_BYTES ? { problem: `This is ${size} bytes; the limit is ${MAXIMUM_BYTES}.` } : { value };
}

function row(name, value, filter) {
  const isScalar = value === null || typeof value !== "object";
  const text = typeof value === "string" ? value : JSON.stringify(value, null, isScalar ? 0 : 1);
  const canFilter = isScalar && text !== "" && text.length < 200 && !/[[\]]/.test(name);
  return [
    el("dt", { title: name }, name),
    el("dd", {},
      isScalar ? el("span", {}, el("span", { class: typeof value === "string" ? "" : "number" }, text),
        name.includes("timestamp") && isTimestamp(value) && el("span", { class: "soft" }, ` ${time(value)}`)) : el("pre", {}, text),
      canFilter && button("", { symbol: "filter", kind: "quiet small", label: `Only images with this ${name}`, onclick: () => filter(`meta.${name}`, text) })),
  ];
}
