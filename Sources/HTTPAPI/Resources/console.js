// The console: a page over the public API and nothing else.

import { api, events } from "./console/api.js";
import { showCurl } from "./console/curl.js";
import { detail } from "./console/detail.js";
import { $ } from "./console/dom.js";
import "./console/drop.js";
import { drawEmpty } from "./console/empty.js";
import { grid } from "./console/grid.js";
import { explain } from "./console/notices.js";
import { selection } from "./console/selection.js";
import { session } from "./console/session.js";
import "./console/shortcuts.js";
import { drawToolbar } from "./console/toolbar.js";
import { view } from "./console/view.js";
import { watch } from "./console/watch.js";

// Coming and going

function enter() {
  $("welcome").hidden = true;
  $("app").hidden = false;
  drawToolbar();
  grid.load();
  const id = location.hash.slice(1);
  if (/^[0-9a-f-]{36}$/.test(id)) detail.open(id);
}

function leave(message = "") {
  session.end();
  watch.stop();
  if (detail.isOpen) detail.close();
  $("app").hidden = true;
  $("welcome").hidden = false;
  $("key-error").textContent = message;
  $("key").value = "";
  $("key").focus();
}

$("key-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const key = $("key").value.trim();
  const submit = event.submitter ?? event.target.querySelector("[type=submit]");
  $("key-error").textContent = "";
  if (!/^[\x21-\x7e]+$/.test(key)) {
    $("key-error").textContent = "A key is letters and digits, without blanks.";
    return;
  }
  submit.disabled = true;
  try {
    await api.check(key);
    session.start(key, $("remember").checked);
    $("key").value = "";
    enter();
  } catch (error) {
    $("key-error").textContent = error.status === 401 ? "The server does not know this key, or it has been revoked." : explain(error);
    $("key").select();
  } finally {
    submit.disabled = false;
  }
});
$("leave").addEventListener("click", () => leave());
events.addEventListener("signed-out", () => {
  if (session.key) leave("The server no longer takes this key. It may have been revoked.");
});

// What is shown

view.onChange(() => {
  drawToolbar();
  grid.load();
  scrollTo({ top: 0 });
});
document.querySelector(".brand").addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  view.reset();
});
$("curl").addEventListener("click", showCurl);
grid.events.addEventListener("change", () => {
  $("progress").hidden = !grid.isLoading;
  drawEmpty();
});
grid.events.addEventListener("open", ({ detail: { id, event } }) => {
  if (event.shiftKey) selection.toggle(id, { through: true });
  else if (event.ctrlKey || event.metaKey || !selection.isEmpty) selection.toggle(id);
  else detail.open(id);
});

if (session.key) enter();
else {
  $("welcome").hidden = false;
  $("key").focus();
}
