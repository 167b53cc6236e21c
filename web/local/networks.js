// Runs the networks by ONNX Runtime Web.

import { env, InferenceSession, Tensor } from "../runtime/ort.wasm.min.mjs";

const LOADER = new URL("../runtime/ort-wasm-simd-threaded.mjs", import.meta.url).href;
const MOST_THREADS = 4;

let sessions = {};

// Of the contents of files, by name, with the facts about them.
export async function start(contents, models) {
  env.wasm.wasmPaths = { mjs: LOADER };
  env.wasm.wasmBinary = contents.runtime;
  env.wasm.numThreads = self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1) : 1;
  for (const [name, { least = {} }] of Object.entries(models)) {
    if (name === "runtime") continue;
    const session = await InferenceSession.create(contents[name], { executionProviders: ["wasm"], logSeverityLevel: 3 });
    contents[name] = null; // the session has its own copy
    sessions[name] = { session, unused: Object.fromEntries(Object.entries(least).map(([input, shape]) => [input, empty(shape)])) };
  }
}

const empty = (shape) => tensor(new Float32Array(shape.reduce((product, side) => product * side, 1)), shape);

export const tensor = (data, shape) => new Tensor("float32", data, shape);

// Outputs of a network, by name, for tensors by name; networks beside the wanted one get the smallest input.
export async function run(name, inputs, outputs) {
  const { session, unused } = sessions[name];
  return session.run({ ...unused, ...inputs }, outputs);
}
