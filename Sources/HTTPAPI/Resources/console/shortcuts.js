// What the keyboard does, and the list of it.

import { $, el, isTyping } from "./dom.js";
import { showCurl } from "./curl.js";
import { grid } from "./grid.js";
import { openModal } from "./notices.js";
import { deleteImages, selection } from "./selection.js";
import { filtersAreShown, showFilters } from "./toolbar.js";
import { view } from "./view.js";

const help = [
  ["Everywhere", [["/", "Search"], ["U", "Upload"], ["P", "Search by a picture"], ["F", "Filters"], ["C", "This view as curl"],
    ["T", "Light or dark"], ["?", "This list"], ["Esc", "Close, clear the selection, leave the search"]]],
  ["In the grid", [["← ↑ → ↓", "Go from image to image"], ["Enter", "Open"], ["X", "Select"], ["Shift click", "Select up to here"],
    ["A", "Select all shown"], ["M", "More like this"], ["Del", "Delete"]]],
  ["In an image", [["← →", "Previous, next"], ["M", "More like this"], ["E", "Edit the metadata"], ["D", "Download"], ["Del", "Delete"]]],
];

export function showShortcuts() {
  openModal("Keyboard", el("div", { class: "shortcuts" }, help.map(([heading, keys]) => el("section", {}, el("h3", {}, heading),
    el("dl", {}, keys.map(([key, what]) => [
      el("dt", {}, key.split(" ").map((one) => el("kbd", {}, one))), el("dd", {}, what),
    ]))))), null, "wide");
}

/** Escape undoes one thing at a time, the latest first. */
function back() {
  if (!selection.isEmpty) selection.clear();
  else if (filtersAreShown()) showFilters(false);
  else if (!view.isEverything) view.reset();
}

const actions = {
  "/": () => { $("query").focus(); $("query").select(); },
  u: () => $("upload").click(),
  p: () => $("by-picture").click(),
  f: () => showFilters(!filtersAreShown()),
  c: showCurl,
  t: () => document.querySelector("#app [data-theme-toggle]").click(),
  "?": showShortcuts,
  a: () => selection.all(),
  Escape: back,
  x: () => grid.current && selection.toggle(grid.current),
  m: () => grid.current && view.change({ query: "", example: { id: grid.current } }),
  Delete: () => {
    const ids = selection.isEmpty ? [grid.current].filter(Boolean) : selection.ids;
    if (ids.length > 0) deleteImages(ids);
  },
};

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || $("app").hidden) return;
  if (document.querySelector("dialog[open]")) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const action = actions[event.key] ?? actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});
$("shortcuts").addEventListener("click", showShortcuts);
