// What the page shows: words, an example picture, filters, sorting (of a list `sort`, of a search `rank`). It is in the address, so that it can be
// bookmarked, shared and gone back to; a picture of one's own is too large for that and is kept beside it.

import { parse, query as filterQuery } from "./filters.js";

const DEFAULT_SORT = "upload_timestamp desc";
const pictures = new Map();
const listeners = new Set();

const empty = () => ({ query: "", example: null, threshold: 0, mode: "vision", rank: "score", sort: DEFAULT_SORT, filters: [] });

function read() {
  const view = empty();
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (name === "q") view.query = value;
    else if (name === "like") view.example = { id: value };
    else if (name === "min") view.threshold = Math.min(1, Math.max(0, Number(value) || 0));
    else if (name === "mode" && value === "joined") view.mode = value;
    else if (name === "rank") view.rank = value;
    else if (name === "sort") view.sort = value.replace(".", " ");
    else {
      const condition = parse(name, value);
      if (condition) view.filters.push(condition);
    }
  }
  const file = pictures.get(history.state?.picture);
  if (file) view.example = { file };
  return view;
}

function addressOf(view) {
  const items = [];
  if (view.query) items.push(["q", view.query]);
  if (view.example?.id) items.push(["like", view.example.id]);
  if (view.threshold > 0) items.push(["min", String(view.threshold)]);
  if (view.mode !== "vision") items.push(["mode", view.mode]);
  if (view.rank !== "score") items.push(["rank", view.rank]);
  if (view.sort !== DEFAULT_SORT) items.push(["sort", view.sort.replace(" ", ".")]);
  items.push(...filterQuery(view.filters));
  const text = new URLSearchParams(items).toString();
  return text ? `?${text}` : location.pathname;
}

/** Whether images are ranked by how well they match, and not listed. */
export const isSearch = (shown) => shown.query.trim() !== "" || shown.example !== null;

let current = read();

export const view = {
  get current() { return current; },

  get isEverything() { return !isSearch(current) && current.filters.length === 0; },

  /** Shows something else. `replace` takes the place of this entry of the browser's history, as a slider's steps do. */
  change(difference, { replace = false } = {}) {
    current = { ...current, ...difference };
    let state = null;
    if (current.example?.file) {
      state = { picture: [...pictures].find(([, file]) => file === current.example.file)?.[0] ?? pictures.size + 1 };
      pictures.set(state.picture, current.example.file);
    }
    history[replace ? "replaceState" : "pushState"](state, "", addressOf(current));
    for (const listener of listeners) listener(current);
  },

  /** Everything, newest first. */
  reset() { view.change(empty()); },

  onChange(listener) { listeners.add(listener); },
};

addEventListener("popstate", () => {
  current = read();
  for (const listener of listeners) listener(current);
});
