// The panel of uploads: what is under way, what went wrong, what goes along.

import { api } from "./api.js";
import { $, button, el, fill, icon } from "./dom.js";
import { sortOut, chooseFolder, chosen } from "./files.js";
import { bytes, count, counted } from "./format.js";
import { grid } from "./grid.js";
import { explain, toast } from "./notices.js";
import { UploadQueue } from "./queue.js";
import { view } from "./view.js";
import { watch } from "./watch.js";

/** Rows drawn; a folder may have more files than anybody reads. */
const ROWS = 60;

const panel = $("uploads");
const options = { index: true, names: true, metadata: {} };
let isFolded = false;
let indexing = 0;

const queue = new UploadQueue((file, path) => ({
  indexing_config: { index: options.index },
  metadata: options.names ? { file_name: path, ...options.metadata } : options.metadata,
}));

/** Starts uploading files, `[{file, path}]`, those that are images. */
export function upload(files) {
  const { images, others } = sortOut(files);
  if (others > 0) toast(`${counted(others, "file")} left out: no image by name or type`, { seconds: 8 });
  if (images.length === 0) return;
  if (!queue.isBusy && queue.counts().failed === 0) queue.clear();
  isFolded = false;
  build();
  panel.hidden = false;
  queue.add(images);
}

export const chooseFiles = () => $("files").click();
export const chooseFolderToUpload = () => chooseFolder(upload);

$("upload").addEventListener("click", chooseFiles);
$("files").addEventListener("change", (event) => {
  const files = chosen(event.target.files);
  event.target.value = "";
  upload(files);
});

// Drawing: the frame once, its contents at most once a frame.

let parts = null;

function build() {
  if (parts) return;
  const fold = button("", { symbol: "fold", kind: "quiet fold", label: "Fold", onclick: () => { isFolded = !isFolded; draw(); } });
  parts = {
    fold,
    title: el("span", { role: "status" }),
    close: button("", { symbol: "close", kind: "quiet", label: "Close", onclick: close }),
    bar: el("div", { class: "meter", role: "progressbar", "aria-label": "Bytes sent", "aria-valuemin": "0", "aria-valuemax": "100" }),
    detail: el("p", { class: "soft" }),
    rows: el("ul", {}),
    retry: button("Try failed ones again", { symbol: "refresh", onclick: () => queue.retry(queue.items.filter(mayRetry)) }),
    cancel: button("Cancel the rest", { onclick: () => queue.cancel() }),
  };
  parts.body = el("div", { class: "uploads-body" }, parts.detail, parts.rows,
    el("footer", {}, parts.retry, parts.cancel, button("Add a folder", { symbol: "plus", onclick: chooseFolderToUpload })), optionsForm());
  fill(panel, el("header", {}, el("h2", {}, parts.title), fold, parts.close), parts.bar, parts.body);
}

function optionsForm() {
  const problem = el("p", { class: "field-error", role: "alert" });
  const check = (text, name) => el("label", { class: "inline" },
    el("input", { type: "checkbox", checked: options[name], onchange: (event) => { options[name] = event.target.checked; } }), text);
  const metadata = el("textarea", { class: "code", rows: "3", spellcheck: "false", placeholder: '{ "camera_id": "7" }' });
  metadata.addEventListener("input", () => {
    let value = null;
    try { value = JSON.parse(metadata.value.trim() || "{}"); } catch { /* said below */ }
    const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
    problem.textContent = isObject ? "" : "This is no JSON object; it is not used.";
    options.metadata = isObject ? value : {};
  });
  return el("details", { class: "options" }, el("summary", {}, "For the next files"),
    check("Index them for search", "index"), check("Note the file's name as file_name", "names"),
    el("label", {}, el("span", {}, "Metadata of each"), metadata), problem);
}

function close() {
  if (queue.isBusy) {
    isFolded = true;
    return draw();
  }
  panel.hidden = true;
  queue.clear();
}

let isDue = false;
function draw() {
  if (isDue || !parts) return;
  isDue = true;
  // A timer where a hidden page would get no frame.
  (document.hidden ? setTimeout : requestAnimationFrame)(() => {
    isDue = false;
    drawNow();
  });
}

function drawNow() {
  const counts = queue.counts();
  const total = queue.items.length;
  const left = counts.waiting + counts.sending;
  const percent = counts.bytes === 0 ? 100 : Math.floor(100 * counts.sent / counts.bytes);
  const heading = left > 0 ? `Uploading ${count(total - left + 1)} of ${count(total)}`
    : counts.failed > 0 ? `${counted(counts.failed, "file")} failed` : `${counted(counts.done, "image")} uploaded`;
  if (parts.title.textContent !== heading) parts.title.textContent = heading;
  parts.bar.style.setProperty("--done", `${percent}%`);
  parts.bar.setAttribute("aria-valuenow", String(percent));
  parts.bar.classList.toggle("failed", left === 0 && counts.failed > 0);
  parts.detail.textContent = [
    left > 0 && `${bytes(counts.sent)} of ${bytes(counts.bytes)}`,
    left > 0 && counts.failed > 0 && `${count(counts.failed)} failed`,
    left === 0 && counts.failed > 0 && counts.done > 0 && `${counted(counts.done, "image")} uploaded`,
    indexing > 0 && `${counted(indexing, "image")} being indexed`,
    left === 0 && indexing === 0 && counts.failed === 0 && "Stored and indexed: ready to be searched.",
  ].filter(Boolean).join(" · ");
  parts.fold.setAttribute("aria-expanded", String(!isFolded));
  parts.fold.title = isFolded ? "Unfold" : "Fold";
  parts.fold.setAttribute("aria-label", parts.fold.title);
  parts.body.hidden = isFolded;
  parts.retry.hidden = !queue.items.some(mayRetry);
  parts.cancel.hidden = left === 0;
  if (!isFolded) fill(parts.rows, rows().map(drawRow), total > ROWS && el("li", { class: "soft" }, `and ${count(total - ROWS)} more`));
}

/** What is under way first, then what failed, what waits, and what is done. */
function rows() {
  const order = ["sending", "failed", "waiting", "done"];
  const found = order.map(() => []);
  for (const item of queue.items) {
    const group = found[order.indexOf(item.state)];
    if (group.length < ROWS) group.push(item);
  }
  return found.flat().slice(0, ROWS);
}

function drawRow(item) {
  const percent = item.size === 0 ? 0 : Math.round(100 * item.sent / item.size);
  const row = el("li", { class: item.state },
    el("span", { class: "name", title: item.path }, item.path),
    el("span", { class: "aside" }, item.state === "done" ? icon("check") : item.state === "sending" ? `${percent} %` : item.state === "waiting" ? bytes(item.size) : null,
      mayRetry(item) && button("Retry", { kind: "small", onclick: () => queue.retry([item]) })),
    (item.error || item.note) && el("span", { class: item.error ? "bad" : "soft" }, item.error ? reason(item.error) : item.note));
  row.style.setProperty("--done", `${item.state === "sending" ? percent : 0}%`);
  return row;
}

/** A file that the server will never take is not offered again. */
const mayRetry = (item) => item.state === "failed" && (item.error.mayPass ?? true);

/** What the server says of the one file, without its place in the request. */
const reason = (error) => error.details?.[0]?.message ? explain({ ...error, message: error.details[0].message }) : explain(error);

// What follows an upload

queue.addEventListener("change", draw);
queue.addEventListener("stored", ({ detail: image }) => {
  if (view.isEverything && view.current.sort === "upload_timestamp desc") grid.prepend(image);
  watch.add(image);
  askHowMany();
});
watch.onChange(() => askHowMany());

let isAsking = false;
/** How many images of the account are still to be indexed, whoever uploaded them. */
async function askHowMany() {
  if (isAsking || panel.hidden) return;
  isAsking = true;
  try {
    const { total } = await api.list([["indexing_status", "1"], ["limit", "1"]]);
    indexing = total;
  } catch { /* the next one will tell */ }
  draw();
  setTimeout(() => {
    isAsking = false;
    if (indexing > 0) askHowMany();
  }, indexing > 0 ? 1500 : 300);
}

addEventListener("beforeunload", (event) => {
  if (queue.isBusy) event.preventDefault();
});
