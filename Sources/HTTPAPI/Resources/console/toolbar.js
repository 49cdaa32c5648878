// The search field and the row below it: chips, sliders, sorting, and the panel of filters.

import { api } from "./api.js";
import { smallAddress } from "./card.js";
import { $, button, el, fill, icon, settled } from "./dom.js";
import * as filters from "./filters.js";
import { grid } from "./grid.js";
import { score, title } from "./format.js";
import { isSearch, view } from "./view.js";

const query = $("query");
const panel = $("filters");

// Searching

$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = query.value.trim();
  if (text !== view.current.query) view.change({ query: text });
  else grid.load();
  query.blur();
});
query.addEventListener("input", () => { drawClear(); });
query.addEventListener("search", () => {
  if (query.value === "" && view.current.query !== "") view.change({ query: "" });
});
$("clear-search").addEventListener("click", () => {
  view.change({ query: "", example: null, threshold: 0 });
  query.focus();
});
$("by-picture").addEventListener("click", () => $("picture").click());
$("picture").addEventListener("change", (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) searchByPicture(file);
});

/** Looks for images like a picture that is not in the library. */
export function searchByPicture(file) { view.change({ query: "", example: { file } }); }

function drawClear() {
  $("clear-search").hidden = query.value === "" && view.current.example === null;
}

let exampleURL = null;
function drawExample({ example }) {
  const chip = $("example");
  chip.hidden = example === null;
  if (exampleURL) URL.revokeObjectURL(exampleURL);
  exampleURL = null;
  if (!example) return fill(chip);
  const picture = el("img", { alt: "" });
  const text = el("span", {}, example.file ? example.file.name || "Your picture" : "Like this");
  picture.addEventListener("error", () => picture.replaceWith(icon("picture")));
  fill(chip, picture, text,
    button("", { symbol: "close", kind: "quiet", label: "Remove the example picture", onclick: () => view.change({ example: null }) }));
  if (example.file) {
    picture.src = exampleURL = URL.createObjectURL(example.file);
    return;
  }
  const show = (image) => {
    picture.src = smallAddress(image);
    text.textContent = title(image);
    chip.title = `More like: ${title(image)}`;
  };
  const known = grid.image(example.id);
  if (known) show(known);
  else api.get(example.id).then(show, () => { text.textContent = "Unknown image"; });
}

// How well images must match

const threshold = $("threshold");
const applyThreshold = settled(200, () => view.change({ threshold: Number(threshold.value) }, { replace: true }));
threshold.addEventListener("input", () => {
  drawThreshold(Number(threshold.value));
  applyThreshold();
});
function drawThreshold(value) {
  $("threshold-value").textContent = score(value);
  threshold.style.setProperty("--value", value);
}
$("mode").addEventListener("change", (event) => view.change({ mode: event.target.value }));

const sort = $("sort");
const options = (values) => values.map(([value, text]) => el("option", { value }, text));
const sortsOfLists = [...sort.options];
const sortsOfSearches = options([
  ["score", "Best match"], ["upload_timestamp", "Newest first"], ["recorded_timestamp_utc", "Recorded last"], ["size_bytes", "Largest files"],
]);
sort.addEventListener("change", () => view.change(isSearch(view.current) ? { rank: sort.value } : { sort: sort.value }));
function drawSort(shown) {
  const [choices, value] = isSearch(shown) ? [sortsOfSearches, shown.rank] : [sortsOfLists, shown.sort];
  if (sort.options[0] !== choices[0]) fill(sort, choices);
  sort.value = value;
}

// Filters

const set = (name, op, value) => view.change({ filters: filters.including(view.current.filters, { name, op, value }) });
const valueOf = (name) => view.current.filters.find((condition) => condition.name === name)?.value ?? "";

$("filter").addEventListener("click", () => showFilters(panel.hidden));

export function showFilters(isShown) {
  panel.hidden = !isShown;
  $("filter").setAttribute("aria-expanded", String(isShown));
  if (!isShown) return;
  drawPanel();
  panel.querySelector("select, input")?.focus();
}
export const filtersAreShown = () => !panel.hidden;

const localTime = (text) => {
  const moment = new Date(/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : text);
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const unixTime = (text) => (text ? String(new Date(text).getTime() / 1000) : "");

function drawPanel() {
  const labelled = (text, control) => el("label", {}, el("span", {}, text), control);
  const choice = (name, none, values) => {
    const select = el("select", { onchange: (event) => set(name, "", event.target.value) },
      options([["", none], ...values]));
    select.value = valueOf(name);
    return select;
  };
  const moment = (name) => {
    const input = el("input", { type: "datetime-local", onchange: (event) => set(name, "", unixTime(event.target.value)) });
    input.value = localTime(valueOf(name));
    return input;
  };
  fill(panel,
    labelled("Search index", choice("indexing_status", "Any state", [["2", "Indexed"], ["1", "Being indexed"], ["3", "Failed"], ["0", "Not indexed"]])),
    labelled("File type", choice("content_type", "Any type", filters.contentTypes.map((type) => [type, type.replace("image/", "").toUpperCase()]))),
    labelled("Uploaded from", moment("uploaded_after")),
    labelled("Uploaded before", moment("uploaded_before")),
    metadataForm());
}

/** Names that the images at hand have, nested ones with dots. */
function knownFields() {
  const names = new Set(["camera_id", "site_id", "event_id", "caption", "recorded_timestamp_utc"]);
  const walk = (object, path, depth) => {
    for (const [name, value] of Object.entries(object)) {
      if (names.size > 100 || name.includes(".")) continue;
      if (value !== null && typeof value === "object" && !Array.isArray(value) && depth < 3) walk(value, `${path}${name}.`, depth + 1);
      else if (!Array.isArray(value)) names.add(path + name);
    }
  };
  for (const id of grid.ids.slice(0, 200)) walk(grid.image(id).image_metadata ?? {}, "", 0);
  return [...names].sort();
}

function metadataForm() {
  const field = el("input", { type: "text", list: "fields", placeholder: "camera_id", autocapitalize: "off", autocomplete: "off", spellcheck: "false", "aria-label": "Metadata field", required: true, maxlength: "256", pattern: "[^\\[\\]]+" });
  const value = el("input", { type: "text", placeholder: "value", autocapitalize: "off", autocomplete: "off", "aria-label": "Value", maxlength: "1000" });
  const operator = el("select", { "aria-label": "Comparison" },
    options(Object.entries(filters.operators)));
  operator.addEventListener("change", () => { value.hidden = operator.value === "exists"; });
  return el("form", {
    class: "condition",
    onsubmit(event) {
      event.preventDefault();
      const wanted = operator.value === "exists" ? "true" : value.value.trim();
      if (wanted === "") return value.focus();
      set(`meta.${field.value.trim().replace(/^meta\./, "")}`, operator.value, wanted);
      field.value = value.value = "";
      field.focus();
    },
  }, el("span", {}, "Metadata"), el("div", {}, field, operator, value,
    el("datalist", { id: "fields" }, knownFields().map((name) => el("option", { value: name }))),
    el("button", { type: "submit", class: "button" }, icon("plus"), "Add")));
}

function drawChips({ filters: conditions }) {
  const chip = (text, label, remove) => el("li", { class: "chip" }, el("span", { title: text }, text),
    button("", { symbol: "close", kind: "quiet", label, onclick: remove }));
  fill($("chips"),
    conditions.map((condition) => chip(filters.words(condition), `Remove the filter ${filters.words(condition)}`,
      () => view.change({ filters: view.current.filters.filter((other) => other !== condition) }))),
    conditions.length > 1 && el("li", {}, el("button", { type: "button", class: "link", onclick: () => view.change({ filters: [] }) }, "Clear all")));
}

/** Brings everything here in line with the view. */
export function drawToolbar() {
  const shown = view.current;
  if (query.value.trim() !== shown.query) query.value = shown.query;
  drawExample(shown);
  drawClear();
  $("match").hidden = !isSearch(shown);
  drawSort(shown);
  $("mode").value = shown.mode;
  threshold.value = shown.threshold;
  drawThreshold(shown.threshold);
  drawChips(shown);
  $("filter").classList.toggle("active", shown.filters.length > 0);
  if (!panel.hidden && !panel.contains(document.activeElement)) drawPanel();
}
