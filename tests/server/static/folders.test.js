import assert from "node:assert/strict";
import { test } from "node:test";

import { filesOf } from "../static/folders.js";

const file = (name) => ({ isFile: true, isDirectory: false, name, file: (done) => done({ name }) });

// A folder whose reader returns 100 at a time, as Chromium does.
function folder(name, ...children) {
  const createReader = () => {
    const left = [...children];
    return { readEntries: (done) => done(left.splice(0, 100)) };
  };
  return { isFile: false, isDirectory: true, name, createReader };
}

const drop = (...entries) => ({
  files: entries.map(({ name }) => ({ name })),
  items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })),
});
const names = ({ files }) => files.map(({ name }) => name);

test("folders in folders are opened in the order of names", async () => {
  const inner = folder("2", file("b.jpg"), file("a.jpg"));
  const found = await filesOf(drop(folder("album", file("10.jpg"), inner, file("9.jpg")), file("z.jpg")));
  assert.equal(found.folders, true);
  assert.deepEqual(names(found), ["a.jpg", "b.jpg", "9.jpg", "10.jpg", "z.jpg"]);
});

test("large folders are read to the end", async () => {
  const many = Array.from({ length: 250 }, (_, k) => file(`${k}.jpg`));
  assert.equal(names(await filesOf(drop(folder("album", ...many)))).length, 250);
});

test("hidden files are left out of folders, but not if they are dropped themselves", async () => {
  const found = await filesOf(drop(folder("album", file(".DS_Store"), folder(".git", file("x.jpg")), file("a.jpg"))));
  assert.deepEqual(names(found), ["a.jpg"]);
  assert.deepEqual(names(await filesOf(drop(file(".scan.jpg")))), [".scan.jpg"]);
});

test("files alone need no entries", async () => {
  assert.deepEqual(await filesOf({ files: [{ name: "a.jpg" }], items: [{}] }), { files: [{ name: "a.jpg" }], folders: false });
});

test("a folder that cannot be read is an error", async () => {
  const broken = { ...folder("album"), createReader: () => ({ readEntries: (_, failed) => failed(new Error("no permission")) }) };
  await assert.rejects(filesOf(drop(broken)), /no permission/);
});
