// Files on their way to the server, some at a time.

import { explain } from "./notices.js";
import { transfer } from "./transfer.js";

/** A browser opens six connections to a server; two are left for looking at images meanwhile. */
const AT_ONCE = 4;

/** Tells `change` (something is to be drawn) and `stored` (an image, just uploaded). */
export class UploadQueue extends EventTarget {
  /** {file, path, state, sent, error, note}; the state is waiting, sending, done or failed. */
  items = [];
  #metadata;
  #stop = new AbortController();
  #sending = 0;
  #next = 0;

  /** @param metadata answers what goes along with an item */
  constructor(metadata) {
    super();
    this.#metadata = metadata;
  }

  add(files) {
    for (const { file, path } of files) {
      this.items.push({ file, path, size: file.size, metadata: this.#metadata(file, path), state: "waiting", sent: 0, error: null, note: "" });
    }
    this.#run();
  }

  counts() {
    const counts = { waiting: 0, sending: 0, done: 0, failed: 0, bytes: 0, sent: 0 };
    for (const item of this.items) {
      counts[item.state] += 1;
      counts.bytes += item.size;
      counts.sent += item.state === "done" || item.state === "failed" ? item.size : item.sent;
    }
    return counts;
  }

  get isBusy() { return this.items.some((item) => item.state === "waiting" || item.state === "sending"); }

  retry(items) {
    for (const item of items) Object.assign(item, { state: "waiting", sent: 0, error: null, note: "" });
    this.#next = 0;
    this.#run();
  }

  /** Drops what is not done. */
  cancel() {
    this.#stop.abort(new DOMException("The upload was cancelled.", "AbortError"));
    this.#stop = new AbortController();
    this.items = this.items.filter((item) => item.state === "done" || item.state === "failed");
    this.#next = 0;
    this.#changed();
  }

  clear() {
    this.items = [];
    this.#next = 0;
    this.#changed();
  }

  #changed() { this.dispatchEvent(new Event("change")); }

  #run() {
    while (this.#sending < AT_ONCE) {
      while (this.#next < this.items.length && this.items[this.#next].state !== "waiting") this.#next += 1;
      const item = this.items[this.#next];
      if (!item) break;
      this.#send(item);
    }
    this.#changed();
  }

  async #send(item) {
    item.state = "sending";
    this.#sending += 1;
    const { signal } = this.#stop;
    try {
      const image = await transfer(item.file, item.metadata, {
        signal,
        onProgress: (bytes) => { item.sent = bytes; item.note = ""; this.#changed(); },
        onWait: (seconds, error) => { item.note = `${explain(error)} Next try in ${Math.ceil(seconds)} s.`; this.#changed(); },
      });
      Object.assign(item, { state: "done", file: null, note: "" });
      this.dispatchEvent(new CustomEvent("stored", { detail: image }));
    } catch (error) {
      Object.assign(item, { state: "failed", error, note: "" });
    }
    this.#sending -= 1;
    this.#run();
  }
}
