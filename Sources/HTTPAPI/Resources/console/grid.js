// The images of the view as they are in the page: filled page by page as its end comes near, walked with the arrow
// keys, kept up to date.

import { $, el, fill, isTyping } from "./dom.js";
import { count, counted } from "./format.js";
import { fillCard, makeCard } from "./card.js";
import { Pages } from "./pages.js";
import { hideNotice, showNotice } from "./notices.js";
import { isSearch, view } from "./view.js";

const list = $("images");
const images = new Map();
const cards = new Map();
const events = new EventTarget();

let pages = null;
let total = null;
let loading = null;
let failed = false;

const tell = (name, detail) => events.dispatchEvent(new CustomEvent(name, { detail }));

export const grid = {
  /** Tells `open` (an id), `change` (what is shown or known of it) and `reset`. */
  events,
  get ids() { return [...images.keys()]; },
  get isEmpty() { return images.size === 0; },
  get isLoading() { return loading !== null; },
  get isComplete() { return pages?.isDone ?? false; },
  get hasFailed() { return failed; },
  image: (id) => images.get(id),
  card: (id) => cards.get(id),

  /** Shows the view anew. */
  async load() {
    loading?.abort();
    loading = null;
    pages = new Pages(view.current);
    total = null;
    list.setAttribute("aria-busy", "true");
    list.classList.add("stale");
    await more(true);
  },

  /** The next page, if there is one. */
  more: () => (loading || failed || !pages || pages.isDone ? Promise.resolve() : more(false)),

  /** Puts an image first, as one just uploaded is. */
  prepend(image) {
    if (images.has(image.image_id)) return grid.update(image);
    const rest = [...images];
    images.clear();
    images.set(image.image_id, image);
    for (const [id, other] of rest) images.set(id, other);
    add(image, "prepend");
    if (total !== null) total += 1;
    settle();
  },

  /** Takes what is now known of an image. */
  update(image) {
    const known = images.get(image.image_id);
    if (!known) return;
    const merged = { ...known, ...image };
    images.set(image.image_id, merged);
    fillCard(cards.get(image.image_id), merged);
    tell("change");
  },

  remove(ids) {
    const focused = list.contains(document.activeElement);
    const position = grid.ids.indexOf(current());
    for (const id of ids) {
      if (!images.delete(id)) continue;
      cards.get(id).remove();
      cards.delete(id);
      if (total !== null) total -= 1;
    }
    settle();
    if (focused) focus(grid.ids[Math.min(Math.max(position, 0), images.size - 1)]);
    grid.more();
  },

  focus,

  /** The image that the keyboard is at. */
  get current() { return list.contains(document.activeElement) ? current() : null; },
};

async function more(isFirst) {
  const control = loading = new AbortController();
  const from = pages;
  failed = false;
  tell("change");
  try {
    const page = await from.next(control.signal);
    if (control.signal.aborted) return;
    if (isFirst) clear();
    hideNotice();
    for (const image of page.images) {
      if (images.has(image.image_id)) continue;
      images.set(image.image_id, image);
      add(image, "append");
    }
    total = page.total;
  } catch (error) {
    if (control.signal.aborted) return;
    failed = true;
    if (isFirst) clear();
    if (error.status !== 401) showNotice(error, () => { hideNotice(); failed = false; more(isFirst); });
  }
  loading = null;
  list.removeAttribute("aria-busy");
  list.classList.remove("stale");
  settle();
  if (nearEnd()) grid.more();
}

function clear() {
  images.clear();
  cards.clear();
  list.replaceChildren();
  tell("reset");
}

function add(image, where) {
  const card = makeCard(image);
  cards.set(image.image_id, card);
  list[where](card);
}

/** After cards came or went. */
function settle() {
  if (!images.has(current()) && images.size > 0) setCurrent(grid.ids[0]);
  fill($("count"), counting());
  const end = $("end");
  end.hidden = !pages?.isDone || images.size < 12;
  end.textContent = `That is all: ${counted(images.size, "image")}.`;
  tell("change");
}

function counting() {
  if (failed && images.size === 0) return "";
  if (!isSearch(view.current)) return total === null ? "" : counted(total, "image");
  if (pages?.isDone) return counted(images.size, "match", "matches");
  return view.current.rank === "score" ? `Best ${count(images.size)} matches` : `${count(images.size)} matches or more`;
}

// The end of the list

const sentinel = $("sentinel");
const nearEnd = () => sentinel.getBoundingClientRect().top < innerHeight + 900;
new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting)) grid.more();
}, { rootMargin: "900px" }).observe(sentinel);

// The keyboard: Tab leads to one card, the arrow keys from there to the others.

const current = () => list.querySelector(".open[tabindex='0']")?.closest(".card").dataset.id ?? null;

function setCurrent(id) {
  for (const node of list.querySelectorAll("[tabindex='0']")) node.tabIndex = -1;
  const card = cards.get(id);
  if (!card) return null;
  for (const node of card.querySelectorAll(".open, .pick input")) node.tabIndex = 0;
  return card;
}

function focus(id) {
  const open = setCurrent(id)?.querySelector(".open");
  if (!open) return list.focus();
  open.focus();
  open.scrollIntoView({ block: "nearest" });
}

function columns() {
  const [first] = list.children;
  let columns = 0;
  for (const card of list.children) {
    if (card.offsetTop !== first.offsetTop) break;
    columns += 1;
  }
  return Math.max(columns, 1);
}

list.addEventListener("focusin", (event) => {
  const card = event.target.closest(".card");
  if (card) setCurrent(card.dataset.id);
});

list.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
  const ids = grid.ids;
  const position = ids.indexOf(current());
  const rightward = getComputedStyle(list).direction === "rtl" ? -1 : 1;
  const steps = {
    ArrowLeft: -rightward, ArrowRight: rightward, ArrowUp: -columns(), ArrowDown: columns(), Home: -position, End: ids.length,
  };
  if (!(event.key in steps) || position < 0) return;
  event.preventDefault();
  const next = position + steps[event.key];
  if (next < 0) return;
  focus(ids[Math.min(next, ids.length - 1)]);
});

list.addEventListener("click", (event) => {
  const open = event.target.closest(".open");
  if (open) tell("open", { id: open.closest(".card").dataset.id, event });
});
