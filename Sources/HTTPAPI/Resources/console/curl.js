// The view as a command for the shell.

import { base } from "./api.js";
import { button, el } from "./dom.js";
import { copyAndTell, openModal } from "./notices.js";
import { listQuery, searchMembers } from "./pages.js";
import { isSearch, view } from "./view.js";

const LIMIT = 20;

/** In single quotes, where a POSIX shell leaves everything as it is. */
const quoted = (text) => (/^[A-Za-z0-9_./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The command that answers the first page of a view. */
export function curlCommand(shown) {
  const key = '-H "X-Api-Key: $IMAGO_API_KEY"';
  const lines = [];
  if (!isSearch(shown)) {
    lines.push(`curl -G ${quoted(new URL("v1/images", base).href)}`, key);
    for (const [name, value] of listQuery(shown, LIMIT)) lines.push(`--data-urlencode ${quoted(`${name}=${value}`)}`);
  } else {
    const members = searchMembers(shown, LIMIT);
    lines.push(`curl ${quoted(new URL("v1/images/search", base).href)}`, key);
    const { file } = shown.example ?? {};
    if (file) {
      lines.push(`-F ${quoted(`image=@${file.name || "picture.jpg"}`)}`);
      for (const [name, value] of Object.entries(members)) {
        lines.push(`--form-string ${quoted(`${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)}`);
      }
    } else {
      lines.push('-H "Content-Type: application/json"', `-d ${quoted(JSON.stringify(members))}`);
    }
  }
  return lines.join(" \\\n  ");
}

export function showCurl() {
  const command = curlCommand(view.current);
  openModal("This view in a shell", [
    el("p", {}, "The same request, for scripts. The key comes from the environment: ", el("code", {}, "export IMAGO_API_KEY=…")),
    el("pre", { tabindex: "0" }, command),
    el("p", { class: "soft" }, "Every parameter is in the ", el("a", { href: "docs" }, "API documentation"), "."),
  ], [button("Copy", { symbol: "copy", kind: "primary", autofocus: true, onclick: () => copyAndTell(command, "Command") })], "wide");
}
