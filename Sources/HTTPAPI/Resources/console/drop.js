// Files dragged onto the page, or pasted.

import { $ } from "./dom.js";
import { dropped } from "./files.js";
import { toast } from "./notices.js";
import { searchByPicture } from "./toolbar.js";
import { upload } from "./uploads.js";

const cover = $("drop");
const hasFiles = (event) => event.dataTransfer?.types.includes("Files") && !$("app").hidden;
let leaving = null;

function show(event) {
  cover.hidden = false;
  const zone = event.target instanceof Element ? event.target.closest(".drop-zone") : null;
  for (const one of cover.children) one.classList.toggle("over", one === zone);
}

addEventListener("dragenter", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  show(event);
});
addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  clearTimeout(leaving);
  // No event says for sure that a drag has left the window; the stream of these ends when it has.
  leaving = setTimeout(() => { cover.hidden = true; }, 300);
  show(event);
});
addEventListener("drop", async (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  cover.hidden = true;
  const wantsSearch = event.target instanceof Element && event.target.closest(".drop-zone")?.dataset.drop === "search";
  const [first] = event.dataTransfer.files;
  const files = dropped(event.dataTransfer);
  if (!wantsSearch) return upload(await files);
  if (first) searchByPicture(first);
});

addEventListener("paste", (event) => {
  const [file] = event.clipboardData?.files ?? [];
  if (!file?.type.startsWith("image/") || $("app").hidden) return;
  event.preventDefault();
  searchByPicture(file);
  toast("Searching by the picture you pasted", {
    action: { text: "Upload it", run: () => upload([{ file, path: file.name }]) },
  });
});
