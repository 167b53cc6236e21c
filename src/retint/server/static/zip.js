// Writes ZIP files without compression, since pictures are already compressed (PKWARE APPNOTE, 4.3 and 4.4.5).

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function record(signature, fields, ...rest) {
  const bytes = new DataView(new ArrayBuffer(4 + fields.reduce((sum, [size]) => sum + size, 0)));
  bytes.setUint32(0, signature, true);
  let place = 4;
  for (const [size, value] of fields) {
    if (size === 2) bytes.setUint16(place, value, true);
    else bytes.setUint32(place, value, true);
    place += size;
  }
  return new Blob([bytes.buffer, ...rest]);
}

const UTF8 = 0x0800;

// Time and date of MS-DOS (4.4.6): local time, in steps of 2 seconds, from 1980 to 2107.
function stamp(date) {
  const year = Math.min(127, Math.max(0, date.getFullYear() - 1980));
  return [
    (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1),
    (year << 9) | ((date.getMonth() + 1) << 5) | date.getDate(),
  ];
}

// Takes [{name, blob}]; names must be unique. All get the same date.
export async function zip(files, date = new Date()) {
  const [clock, day] = stamp(date);
  const parts = [];
  const directory = [];
  let place = 0;
  for (const { name, blob } of files) {
    const title = new TextEncoder().encode(name);
    const crc = crc32(new Uint8Array(await blob.arrayBuffer()));
    const said = [[2, 20], [2, UTF8], [2, 0], [2, clock], [2, day], [4, crc], [4, blob.size], [4, blob.size], [2, title.length], [2, 0]];
    const head = record(0x04034b50, said, title);
    parts.push(head, blob);
    directory.push(record(0x02014b50, [[2, 20], ...said, [2, 0], [2, 0], [2, 0], [4, 0], [4, place]], title));
    place += head.size + blob.size;
  }
  const size = directory.reduce((sum, each) => sum + each.size, 0);
  const count = files.length;
  const end = record(0x06054b50, [[2, 0], [2, 0], [2, count], [2, count], [4, size], [4, place], [2, 0]]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

// Makes names unique.
export function uniqueNames(names) {
  const taken = new Set();
  return names.map((name) => {
    const [, stem, ending] = name.match(/^(.*?)(\.[^.]*)?$/s);
    let found = name;
    for (let k = 2; taken.has(found); k++) found = `${stem}-${k}${ending ?? ""}`;
    taken.add(found);
    return found;
  });
}
