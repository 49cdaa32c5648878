// The images of a view, page by page, and the request each page is.

import { api } from "./api.js";
import * as filters from "./filters.js";
import { isSearch } from "./view.js";

const SIZE = 60;
/** How deep the server lets a search be paged through. */
const DEEPEST = 10_000;

/** The pairs of a list's query string. */
export function listQuery({ sort, filters: conditions }, limit = SIZE) {
  const [field, order] = sort.split(" ");
  const query = [["limit", String(limit)]];
  if (sort !== "upload_timestamp desc") query.push(["sort", field], ["order", order]);
  return [...query, ...filters.query(conditions)];
}

/** The members of a search, but for a picture of one's own. */
export function searchMembers({ query, example, threshold, mode, rank, filters: conditions }, limit = SIZE) {
  const members = {};
  if (query.trim()) members.query = query.trim();
  if (example?.id) members.image_id = example.id;
  members.max_results = limit;
  if (threshold > 0) members.threshold = threshold;
  if (mode !== "vision") members.search_mode = mode;
  if (rank !== "score") members.sort = rank;
  if (conditions.length > 0) members.filters = filters.json(conditions);
  return members;
}

function searchForm(members, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(members)) {
    form.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  form.append("image", file, file.name || "picture");
  return form;
}

/** Walks through a view. `next` answers `{images, total}`, total being null where nobody knows it, until `isDone`. */
export class Pages {
  #view;
  #cursor = null;
  #offset = 0;
  isDone = false;

  constructor(shown) { this.#view = shown; }

  next(signal) { return isSearch(this.#view) ? this.#search(signal) : this.#list(signal); }

  async #list(signal) {
    const query = listQuery(this.#view);
    if (this.#cursor) query.push(["cursor", this.#cursor]);
    const { results, total, next_cursor: cursor } = await api.list(query, signal);
    this.#cursor = cursor;
    this.isDone = !cursor;
    return { images: results, total };
  }

  async #search(signal) {
    const members = searchMembers(this.#view);
    if (this.#offset > 0) members.offset = this.#offset;
    const file = this.#view.example?.file;
    const { results } = file
      ? await api.searchByForm(searchForm(members, file), signal) : await api.search(members, signal);
    this.#offset += results.length;
    this.isDone = results.length < SIZE || this.#offset > DEEPEST;
    return { images: results, total: this.isDone ? this.#offset : null };
  }
}
