// Answers the questions of api.js, one at a time; those that are patient come last.

import { Lab } from "./lab.js";
import { json, load } from "./models.js";
import { start } from "./networks.js";
import { Session } from "./session.js";

const GONE = 404;
const waiting = [];
const sessions = new Map(); // by id
let tools = null; // {lab, facts}, when the networks are loaded
let busy = false;

addEventListener("message", ({ data }) => {
  if (data.name === "stop") {
    const place = waiting.findIndex(({ number }) => number === data.number);
    if (place >= 0) waiting.splice(place, 1);
    return;
  }
  waiting.push(data);
  work();
});

async function work() {
  if (busy) return;
  busy = true;
  while (waiting.length) {
    const place = waiting.findIndex(({ name, values }) => name !== "looksOf" && !values[1]?.patient);
    const [{ number, name, values }] = waiting.splice(Math.max(0, place), 1);
    try {
      postMessage({ number, answer: await answers[name](...values) });
    } catch (error) {
      if (!error.status) console.error(error);
      postMessage({ number, error: { message: explained(error), status: error.status ?? 0 } });
    }
    // Messages that arrived meanwhile may have stopped some of the others.
    await new Promise((done) => setTimeout(done));
  }
  busy = false;
}

async function ready() {
  tools ??= prepare();
  try {
    return await tools;
  } catch (error) {
    tools = null; // the next question tries again
    throw error;
  }
}

async function prepare() {
  const facts = await json("facts.json");
  const contents = await load(facts.models, (loaded, total) => postMessage({ loaded, total }));
  await start(contents, facts.models);
  return { facts, lab: new Lab(facts.lab) };
}

const sessionOf = (id) => {
  const found = sessions.get(id);
  if (!found) throw Object.assign(new Error("the picture is no longer open; open it again"), { status: GONE });
  return found;
};

const answers = {
  prepare: async () => void (await ready()),
  async open(file) {
    const { lab, facts } = await ready();
    const session = await Session.open(file, lab, facts);
    sessions.set(session.id, session);
    return session.said;
  },
  close: async (id) => void sessions.delete(id),
};
for (const name of ["original", "colorize", "looksOf", "confidence", "likely", "thing"]) {
  answers[name] = async (id, ...values) => sessionOf(id)[name](...values);
}

// Engines have no common error for a lack of memory.
function explained(error) {
  const { message } = error;
  const isMemory = error instanceof RangeError || /memory|allocat|bad_alloc/i.test(message);
  return isMemory ? "this browser has not enough memory for the picture; close other tabs, or use the installed program" : message;
}
