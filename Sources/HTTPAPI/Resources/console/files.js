// Files as people give them: chosen, dropped, or whole folders of them.

const IMAGE_NAME = /\.(jpe?g|jfif|png|webp|gif|tiff?|bmp|dib|heic|heif|avif)$/i;

/** Whether a file is worth sending; the server looks at the bytes. */
const looksLikeImage = (file) => (file.type.startsWith("image/") && file.type !== "image/svg+xml") || IMAGE_NAME.test(file.name);

/** Parts images from everything else; hidden files count as nothing. */
export function sortOut(files) {
  const seen = files.filter(({ file }) => !file.name.startsWith(".") && file.name !== "Thumbs.db");
  const images = seen.filter(({ file }) => looksLikeImage(file));
  return { images, others: seen.length - images.length };
}

/** Files of an `<input>`, with their paths where a folder was chosen. */
export const chosen = (list) => [...list].map((file) => ({ file, path: file.webkitRelativePath || file.name }));

/** Files of a drop, those in folders as well. To be called while the drop is handled: afterwards it is empty. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return chosen(transfer.files);
  const files = [];
  const pending = entries.reverse();
  while (pending.length > 0) {
    const entry = pending.pop();
    try {
      if (entry.isDirectory) pending.push(...(await children(entry)).reverse());
      else files.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path: entry.fullPath.replace(/^\//, "") });
    } catch { /* A file that went away meanwhile, or may not be read. */ }
  }
  return files;
}

/** A folder answers its entries in portions; the last is empty. */
async function children(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** Lets a folder be chosen. */
export function chooseFolder(use) {
  const input = document.createElement("input");
  input.type = "file";
  input.webkitdirectory = true;
  input.addEventListener("change", () => use(chosen(input.files)));
  input.click();
}
