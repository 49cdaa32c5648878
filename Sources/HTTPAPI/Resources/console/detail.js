// One image, large, with what is known of it.

import { api, contentAddress } from "./api.js";
import { $, button, el, fill, icon, isTyping } from "./dom.js";
import { bytes, count, score, statuses, time, title } from "./format.js";
import { metadataSection } from "./metadata.js";
import { grid } from "./grid.js";
import { closesBeside, copyAndTell, explain, toast } from "./notices.js";
import { deleteImages } from "./selection.js";
import { view } from "./view.js";
import { watch } from "./watch.js";

const dialog = $("detail");
let shown = null;
let metadata = null;

export const detail = {
  get isOpen() { return dialog.open; },

  /** Opens the image of that id, in the grid or not. */
  async open(id) {
    if (!await mayLeave()) return;
    const known = grid.image(id);
    shown = known ?? null;
    if (known) draw(known);
    if (!dialog.open) {
      if (!known) fill(dialog, el("p", { class: "loading" }, "Loading…"));
      dialog.showModal();
      dialog.focus();
    }
    history.replaceState(history.state, "", `${location.pathname}${location.search}#${id}`);
    try {
      const image = await api.get(id);
      if (shown && shown.image_id !== id || !dialog.open) return;
      grid.update(image);
      // A search's answer says how well an image matches, a look-up what it is.
      const all = { ...known, ...image };
      if (!known || JSON.stringify(known.image_metadata) !== JSON.stringify(image.image_metadata)) draw(all);
      shown = all;
      drawFacts();
    } catch (error) {
      if (shown?.image_id === id || !shown) fill(dialog, closeButton(), el("p", { class: "loading" }, explain(error)));
      if (error.status === 404) grid.remove([id]);
    }
  },

  close,
};

/** At once, address and all: the dialog's own event comes later, when another view may be in the address. */
function close() {
  history.replaceState(history.state, "", location.pathname + location.search);
  dialog.close();
}

async function mayLeave() {
  return !metadata?.isChanged || window.confirm("Leave without saving the changes to the metadata?");
}

const closeButton = () => button("", { symbol: "close", kind: "quiet close", label: "Close (Esc)", onclick: leave });

async function leave() {
  if (await mayLeave()) close();
}

function draw(image) {
  shown = image;
  const ids = grid.ids;
  const position = ids.indexOf(image.image_id);
  const held = dialog.contains(document.activeElement) ? document.activeElement.className : null;
  metadata = metadataSection(image, {
    save: (object) => save(image.image_id, object),
    filter(name, value) {
      close();
      view.change({ filters: [...view.current.filters.filter((one) => one.name !== name || one.op), { name, op: "", value }] });
    },
  });
  fill(dialog,
    el("div", { class: "stage" },
      largePicture(image),
      step("previous", "Previous image (←)", position > 0 ? ids[position - 1] : null),
      step("next", "Next image (→)", position >= 0 && position < ids.length - 1 ? ids[position + 1] : null)),
    el("div", { class: "about" },
      el("header", {}, el("h2", {}, title(image)), closeButton()),
      el("div", { class: "actions" },
        button("More like this", { symbol: "similar", kind: "primary", onclick: similar }),
        el("a", { class: "button", href: contentAddress(image), download: fileName(image) }, icon("download"), el("span", {}, "Download")),
        el("a", { class: "button square", href: contentAddress(image), target: "_blank", rel: "noopener", "aria-label": "Open the original in a new tab", title: "Open the original in a new tab" }, icon("open")),
        button("", { symbol: "trash", kind: "danger-quiet", label: "Delete (Del)", onclick: remove })),
      el("dl", { class: "facts" }),
      metadata.node),
    el("div", { class: "dialog-toasts toasts" }));
  dialog.setAttribute("aria-label", title(image));
  drawFacts();
  // Whoever goes from picture to picture stays at the button that leads on.
  if (held !== null) (held.includes("step") && dialog.getElementsByClassName(held)[0] || dialog).focus();
  if (position >= ids.length - 4) grid.more();
}

/** A rendition, over the small picture that is there already. */
function largePicture(image) {
  const side = Math.min(2048, Math.ceil(Math.max(innerWidth, innerHeight) * Math.min(devicePixelRatio, 2) / 512) * 512);
  const picture = el("img", { class: "large", alt: title(image) });
  const small = grid.card(image.image_id)?.querySelector("img");
  if (image.width) {
    picture.width = image.width;
    picture.height = image.height;
  }
  picture.addEventListener("load", () => picture.classList.add("shown"));
  picture.addEventListener("error", () => picture.replaceWith(
    el("p", { class: "loading" }, "This image can't be shown here. It can be downloaded.")));
  picture.src = contentAddress(image, { w: side, h: side, fit: "contain", format: "webp" });
  if (small?.complete && small.naturalWidth > 0 && !image.width) picture.style.minHeight = "40%";
  return picture;
}

function step(symbol, label, id) {
  return button("", { symbol, kind: `step ${symbol}`, label, disabled: id === null, onclick: () => detail.open(id) });
}

const extensions = { jpeg: "jpg", tiff: "tif" };
function fileName(image) {
  const type = (image.content_type ?? "image/jpeg").replace("image/", "");
  const named = image.image_metadata?.file_name;
  return typeof named === "string" && named ? named.split("/").pop() : `${image.image_id}.${extensions[type] ?? type}`;
}

function drawFacts() {
  const image = shown;
  const list = dialog.querySelector(".facts");
  if (!list) return;
  dialog.querySelector("a[download]").download = fileName(image);
  const fact = (name, ...value) => [el("dt", {}, name), el("dd", {}, value)];
  const copied = (text, what) => [el("code", { title: text }, text),
    button("", { symbol: "copy", kind: "quiet small", label: `Copy the ${what}`, onclick: () => copyAndTell(text, "Copied:") })];
  const recorded = image.image_metadata?.recorded_timestamp_utc;
  fill(list,
    typeof image.score === "number" && fact("Score", `${score(image.score)}`, el("span", { class: "soft" }, ` cosine ${image.similarity.toFixed(3)}`)),
    image.width && fact("Size", `${count(image.width)} × ${count(image.height)}`, el("span", { class: "soft" }, ` ${bytes(image.size_bytes)} ${image.content_type.replace("image/", "").toUpperCase()}`)),
    fact("Uploaded", time(image.upload_timestamp)),
    Number.isInteger(recorded) && fact("Recorded", time(recorded)),
    fact("Search", statusFact(image)),
    fact("Id", copied(image.image_id, "id")),
    image.sha256 && fact("SHA-256", copied(image.sha256, "digest")));
}

function statusFact(image) {
  const status = image.indexing_status ?? 2;
  const again = (text) => button(text, { kind: "small", symbol: "refresh", onclick: reindex });
  switch (status) {
    case 0: return [statuses[0], again("Index")];
    case 3: return [el("span", { class: "bad" }, `${statuses[3]}: ${image.indexing_error?.message ?? "no cause given"}`), again("Try again")];
    default: return [status === 1 && el("span", { class: "spinner" }), statuses[status]];
  }
}

async function save(id, object) {
  const image = await api.change(id, { metadata: object });
  grid.update(image);
  if (shown?.image_id !== id) return;
  metadata = null;
  draw({ ...shown, ...image });
  toast("Metadata saved", { seconds: 3 });
}

async function reindex() {
  const id = shown.image_id;
  try {
    const image = await api.change(id, { indexing_config: { index: true } });
    grid.update(image);
    watch.add(image);
    if (shown?.image_id === id) {
      shown = { ...shown, ...image };
      drawFacts();
    }
  } catch (error) {
    toast(explain(error), { kind: "danger", seconds: 8 });
  }
}

function similar() {
  const id = shown.image_id;
  close();
  view.change({ query: "", example: { id } });
}

async function remove() {
  const { image_id: id } = shown;
  const ids = grid.ids;
  const position = ids.indexOf(id);
  const next = ids[position + 1] ?? ids[position - 1];
  metadata = null;
  if (!await deleteImages([id])) return;
  if (position >= 0 && next) detail.open(next);
  else close();
}

watch.onChange((image) => {
  if (!dialog.open || image?.image_id !== shown?.image_id) return;
  shown = { ...shown, ...image };
  drawFacts();
});

closesBeside(dialog, leave);
dialog.addEventListener("cancel", (event) => {
  if (!metadata?.isChanged) return;
  event.preventDefault();
  leave();
});
dialog.addEventListener("close", () => {
  metadata = null;
  if (location.hash) close();
  if (shown && grid.image(shown.image_id)) grid.focus(shown.image_id);
  shown = null;
});

dialog.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
  const actions = {
    ArrowLeft: () => dialog.querySelector(".step.previous:enabled")?.click(),
    ArrowRight: () => dialog.querySelector(".step.next:enabled")?.click(),
    Delete: remove, m: similar, e: () => metadata?.edit(), d: () => dialog.querySelector("a[download]")?.click(),
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// A finger's sweep goes on to the next picture.
let touched = null;
dialog.addEventListener("touchstart", (event) => {
  touched = event.touches.length === 1 && event.target.closest(".stage") ? event.touches[0] : null;
}, { passive: true });
dialog.addEventListener("touchend", (event) => {
  if (!touched) return;
  const [end] = event.changedTouches;
  const [across, down] = [end.clientX - touched.clientX, end.clientY - touched.clientY];
  touched = null;
  if (Math.abs(across) < 60 || Math.abs(across) < Math.abs(down) * 2) return;
  dialog.querySelector(across > 0 ? ".step.previous:enabled" : ".step.next:enabled")?.click();
}, { passive: true });
