// One image of the grid.

import { contentAddress } from "./api.js";
import { el, fill, icon } from "./dom.js";
import { ago, score, statuses, time, title } from "./format.js";

/** Two sizes only, so that the server makes and keeps few renditions of an image. */
const width = devicePixelRatio > 1.3 ? 640 : 400;
const thumbnail = { w: width, h: width * 3 / 4, fit: "cover", format: "webp" };

export const smallAddress = (image) => contentAddress(image, thumbnail);

/** An `<li>` for an image. What it does on clicks and keys is the grid's. */
export function makeCard(image) {
  const name = title(image);
  const picture = el("img", { alt: name, loading: "lazy", decoding: "async", width: 400, height: 300, draggable: "false" });
  const open = el("button", { type: "button", class: "open", tabindex: "-1", "aria-haspopup": "dialog" }, picture);
  picture.addEventListener("load", () => picture.classList.add("shown"));
  picture.addEventListener("error", () => open.classList.add("broken"));
  picture.src = smallAddress(image);
  const pick = el("input", { type: "checkbox", tabindex: "-1", "aria-label": `Select ${name}` });
  const card = el("li", { class: "card", "data-id": image.image_id },
    open,
    el("label", { class: "pick" }, pick),
    el("span", { class: "state" }),
    el("p", { class: "caption" }, el("span", { class: "name", title: name }, name), el("span", { class: "aside" })));
  fillCard(card, image);
  return card;
}

/** Puts what may change of an image into its card. */
export function fillCard(card, image) {
  const name = title(image);
  card.querySelector("img").alt = name;
  const label = card.querySelector(".name");
  label.textContent = label.title = name;
  const aside = card.querySelector(".aside");
  if (typeof image.score === "number") {
    const bar = el("span", { class: "score" });
    bar.style.setProperty("--score", image.score);
    fill(aside, bar, el("span", { title: `Score ${image.score}, cosine ${image.similarity}` }, score(image.score)));
  } else {
    fill(aside, el("time", { title: time(image.upload_timestamp) }, ago(image.upload_timestamp)));
  }
  const status = image.indexing_status ?? 2;
  const state = card.querySelector(".state");
  state.hidden = status === 2;
  state.className = `state state-${status}`;
  fill(state, status === 1 && el("span", { class: "spinner" }), status === 3 && icon("warning"), statuses[status]);
}
