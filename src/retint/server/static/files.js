// Files that the page gives back.

const ENDINGS = {
  "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/tiff": "tif", "image/avif": "avif", "image/bmp": "bmp",
};

// photo.tif -> photo.retint.tif, by what it has become.
export function savedName(name, type) {
  return `${name.replace(/\.[^.]*$/, "") || "photo"}.retint.${ENDINGS[type] ?? "png"}`;
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
