// What the page says when there is nothing to show.

import { $, button, el, fill, icon } from "./dom.js";
import { grid } from "./grid.js";
import { chooseFiles, chooseFolderToUpload } from "./uploads.js";
import { isSearch, view } from "./view.js";
import { watch } from "./watch.js";

const place = $("empty");

function content() {
  if (view.isEverything) {
    return [icon("picture"), el("h2", {}, "No images yet"),
      el("p", {}, "Drop photos or whole folders anywhere on this page. Each is indexed in the background; then you can find it by describing it."),
      el("div", { class: "row" }, button("Choose images", { symbol: "upload", kind: "primary", onclick: chooseFiles }),
        button("Choose a folder", { onclick: chooseFolderToUpload })),
      el("p", { class: "soft" }, "Many at once? ", el("code", {}, "imago import FOLDER"), " goes on where it was cut off.")];
  }
  const shown = view.current;
  const ways = [
    shown.threshold > 0 && button("Any score", { onclick: () => view.change({ threshold: 0 }) }),
    shown.filters.length > 0 && button("Without filters", { onclick: () => view.change({ filters: [] }) }),
    button("Show all images", { onclick: () => view.reset() }),
  ];
  if (!isSearch(shown)) return [icon("filter"), el("h2", {}, "No image is like that"), el("p", {}, "None passes every filter."), el("div", { class: "row" }, ways)];
  const causes = [shown.threshold > 0 && "the least score", shown.filters.length > 0 && "the filters"].filter(Boolean);
  const reason = causes.length > 0 ? `No image passes ${causes.join(" and ")}.`
    : watch.size > 0 ? "Some images are still being indexed; they are found as soon as they are." : "No image of this account is indexed yet.";
  return [icon("search"), el("h2", {}, "Nothing found"), el("p", {}, reason), el("div", { class: "row" }, ways)];
}

let was = "";
export function drawEmpty() {
  const isEmpty = grid.isEmpty && !grid.isLoading && grid.isComplete && !grid.hasFailed;
  place.hidden = !isEmpty;
  const now = isEmpty ? `${location.search} ${watch.size > 0}` : "";
  if (now === was) return;
  was = now;
  fill(place, isEmpty ? content() : []);
}
