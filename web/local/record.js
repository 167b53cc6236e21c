// The record that a picture was colored, as an XMP packet in JPEG and PNG files.

import { crc32 } from "../zip.js";

const KEYWORD = "XML:com.adobe.xmp";
const NAMESPACE = "http://ns.adobe.com/xap/1.0/\0";
const MOST_IN_JPEG = 65535 - 2; // bytes of a segment behind its length

const utf8 = (text) => new TextEncoder().encode(text);
const escaped = (text) => text.replace(/[&<>"]/g, (each) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[each]);

// said: values by names in CamelCase, besides those that every record has; colors: those of hints.
export function packetOf(said, colors, facts) {
  const rest = Object.entries(said).map(([name, value]) => ` retint:${name}="${escaped(JSON.stringify(value))}"`).join("");
  const packet = colors.length ? facts.hinted.replace(facts.colors, () => escaped([...new Set(colors)].join(", "))) : facts.plain;
  return packet.replace(facts.rest, () => rest);
}

// A file with the packet. A record that is too long for a JPEG file is written without the hints.
export async function recorded(blob, said, colors, facts) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  if (blob.type === "image/png") return inPng(bytes, utf8(packetOf(said, colors, facts)));
  const { Hints: _, ...shorter } = said;
  const packets = [said, shorter].map((each) => utf8(packetOf(each, colors, facts)));
  return inJpeg(bytes, packets.find(({ length }) => length + NAMESPACE.length <= MOST_IN_JPEG));
}

// Behind the JFIF segment, if there is one.
function inJpeg(bytes, packet) {
  const content = [utf8(NAMESPACE), packet];
  const length = 2 + content.reduce((sum, each) => sum + each.length, 0);
  const at = bytes[3] === 0xe0 ? 4 + 256 * bytes[4] + bytes[5] : 2;
  const head = Uint8Array.of(0xff, 0xe1, length >> 8, length & 255);
  return new Blob([bytes.subarray(0, at), head, ...content, bytes.subarray(at)], { type: "image/jpeg" });
}

// Behind the header, as the specification of XMP wants it: uncompressed, without language.
function inPng(bytes, packet) {
  const AFTER_HEADER = 8 + 25;
  const data = new Uint8Array([...utf8("iTXt"), ...utf8(KEYWORD), 0, 0, 0, 0, 0, ...packet]);
  const [length, check] = [new DataView(new ArrayBuffer(4)), new DataView(new ArrayBuffer(4))];
  length.setUint32(0, data.length - 4);
  check.setUint32(0, crc32(data));
  return new Blob([bytes.subarray(0, AFTER_HEADER), length.buffer, data, check.buffer, bytes.subarray(AFTER_HEADER)], { type: "image/png" });
}
