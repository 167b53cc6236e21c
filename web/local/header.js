// What a file is, read from its first bytes, so that what this page cannot do is refused before it is decoded.

const HEAD = 1 << 16;
const ELSE = "use the installed program";

export class Unreadable extends Error {
  constructor(message, status = 422) {
    super(message);
    this.status = status;
  }
}

const text = (bytes, from, to) => new TextDecoder("latin1").decode(bytes.subarray(from, to));
const big = (bytes, at, count = 2) => bytes.subarray(at, at + count).reduce((sum, each) => 256 * sum + each, 0);
const little = (bytes, at, count) => bytes.subarray(at, at + count).reduceRight((sum, each) => 256 * sum + each, 0);

// {format, width, height}; sides are 0 where only the decoder knows them.
export async function headerOf(file, mostPixels) {
  if (!file.size) throw new Unreadable("the file is empty");
  const bytes = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const found = jpeg(bytes) ?? png(bytes) ?? webp(bytes) ?? refused(bytes) ?? { format: "", width: 0, height: 0 };
  if (found.format === "JPEG" && !found.components) Object.assign(found, jpeg(new Uint8Array(await file.arrayBuffer())));
  if (found.components > 3) throw new Unreadable(`this is a CMYK JPEG, which browsers show in wrong colors; ${ELSE}, or save it as RGB`);
  if (found.bits > 8) throw new Unreadable(`this picture has ${found.bits} bits per channel, of which a browser keeps 8; ${ELSE}`);
  checkSize(found, mostPixels);
  return found;
}

export function checkSize({ width, height }, mostPixels) {
  if (width * height <= mostPixels) return;
  const mega = (pixels) => (pixels / 1e6).toLocaleString("en", { maximumFractionDigits: 0 });
  throw new Unreadable(`the picture has ${mega(width * height)} million pixels, and this page takes up to ${mega(mostPixels)} million; ${ELSE}, or reduce it`, 413);
}

function jpeg(bytes) {
  if (big(bytes, 0) !== 0xffd8) return null;
  for (let at = 2; at + 9 < bytes.length; at += 2 + big(bytes, at + 2)) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++; // fill bytes
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (!isFrame) continue;
    return { format: "JPEG", bits: bytes[at + 4], height: big(bytes, at + 5), width: big(bytes, at + 7), components: bytes[at + 9] };
  }
  return { format: "JPEG", width: 0, height: 0 };
}

function png(bytes) {
  if (bytes[0] !== 0x89 || text(bytes, 1, 8) !== "PNG\r\n\x1a\n") return null;
  const animated = text(bytes, 0, bytes.length).includes("acTL");
  if (animated) throw new Unreadable(`this is an animation, of which a browser keeps one frame; ${ELSE}`);
  return { format: "PNG", width: big(bytes, 16, 4), height: big(bytes, 20, 4), bits: bytes[24] };
}

function webp(bytes) {
  if (text(bytes, 0, 4) !== "RIFF" || text(bytes, 8, 12) !== "WEBP") return null;
  if (text(bytes, 12, 16) !== "VP8X") return { format: "WEBP", width: 0, height: 0 };
  if (bytes[20] & 2) throw new Unreadable(`this is an animation, of which a browser keeps one frame; ${ELSE}`);
  return { format: "WEBP", width: 1 + little(bytes, 24, 3), height: 1 + little(bytes, 27, 3) };
}

// Files that a browser shows in part, or not at all.
function refused(bytes) {
  if (text(bytes, 0, 4) === "GIF8") throw new Unreadable(`GIF files may be animations, of which a browser keeps one frame; ${ELSE}, or save it as PNG`);
  if (["II*\0", "MM\0*"].includes(text(bytes, 0, 4))) throw new Unreadable(`browsers do not read TIFF and RAW files; ${ELSE}`);
  const brand = text(bytes, 4, 8) === "ftyp" ? text(bytes, 8, 12) : "";
  if (brand.startsWith("avif")) return { format: "AVIF", width: 0, height: 0 };
  if (/^(hei|hev|mif|msf)/.test(brand)) return { format: "HEIC", width: 0, height: 0 };
  return null;
}
