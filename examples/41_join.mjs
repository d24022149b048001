#!/usr/bin/env node
// SPDX-License-Identifier: MPL-2.0
//
// 41_join.mjs - joins from Node: zeromq and @msgpack/msgpack from npm, no
// library of ours.
//
//     node 41_join.mjs tcp://127.0.0.1:5555   where "troika serve" has a
//                                             queue jobs, a dict config, a
//                                             lock door
//
// One request is one frame: [object, method, arguments], and perhaps a map
// with "t", the timeout in ms. A REQ socket asks at port P and is answered
// [nil, value], or [error, words]; a PUSH socket at port P + 1 is not
// answered.

import { decode, encode } from "@msgpack/msgpack";
import { Push, Request } from "zeromq";

const endpoint = process.argv[2];
const [, host, port] = endpoint.match(/^(.*):(\d+)$/);
const calls = new Request();
const casts = new Push();
calls.connect(endpoint);
casts.connect(`${host}:${Number(port) + 1}`);

// 64 bits: a token may be larger than what a double counts.
const wide = { useBigInt64: true };

const cast = (name, method, ...args) =>
  casts.send(encode([name, method, args]));

async function call(name, method, args = [], timeout = 10000) {
  await calls.send(encode([name, method, args, { t: timeout }], wide));
  const [frame] = await calls.receive();
  const [error, value] = decode(frame, wide);
  if (error) throw new Error(`${error}: ${value}`);
  return value;
}

await cast("jobs", "put", { file: "a.txt" }, { file: "b.txt" });
console.log(await call("jobs", "get"));
console.log(await call("jobs", "get"));
try {
  await call("jobs", "get", [], 20);
} catch (error) {
  console.log(error.message.split(":")[0]);
}

await call("config", "set", ["colour", ["blue", 2]]);
console.log(await call("config", "get", ["colour"]));
console.log(await call("config", "has", ["size"]));

const [died, token] = await call("door", "acquire");
console.log("inside", died, token > 0n);
await call("door", "release", [token]);
calls.close();
casts.close();
