// The generated client in Node, against a gateway that runs: node client.mjs CLIENT URL FORMAT

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const [, , file, url, format] = process.argv;
const { Client, WicketgateError } = await import(pathToFileURL(file).href);
const client = new Client({ url, format });

// A value, posted and by GET.
assert.deepEqual(await client.exampleHello({ color: "blue" }), { message: "<font color=blue>Hi, Guest</font>" });
assert.deepEqual(await client.exampleHttpGetHello({ color: "a b&c" }), {
  message: "<font color=a b&amp;c>Hi, Guest</font>",
});

// Every type, there and back. Bytes are bytes in MsgPack, and base64 in JSON.
const everything = {
  day: "2026-01-31",
  some: 3,
  names: ["a", "b"],
  pair: ["x", 5],
  byName: { a: -1 },
  shape: { type: "circle", radiusPx: 2.5 },
  filter: { below: 5 },
  which: "x",
  tree: { label: "a", branches: [{ label: "b", branches: [] }] },
  left: -1,
  any: { x: [1, 2.5, null] },
};
const picture = new Uint8Array([0, 255, 7]);
const back = await client.probeEverything({ ...everything, picture, letters: undefined });
assert.deepEqual(back.picture, format === "json" ? "AP8H" : picture);
for (const [name, value] of Object.entries(everything)) {
  assert.deepEqual(back[name], value, name);
}
const large = await client.probeEverything({ picture: new Uint8Array(100_000).fill(7) });
assert.equal(large.picture.length, format === "json" ? 133_336 : 100_000);

// Lists in a query, and what can't be there.
const asked = await client.probeHttpGetEverything({ names: ["a", "b"], some: 3, picture, letters: null });
assert.deepEqual([asked.names, asked.some], [["a", "b"], 3]);
await assert.rejects(client.probeHttpGetEverything({ names: ["a,b"] }), /names can't be sent as text/);
await assert.rejects(client.probeHttpGetEverything({ shape: { type: "nothing" } }), /shape can't be sent as text/);

// Nothing, and what comes as it is.
assert.equal(await client.probeNothing(), undefined);
const content = await client.probeContent({ mime: "text/plain" });
assert.equal(content.headers.get("content-type"), "text/plain");
assert.ok((await content.text()).length > 0);

// Errors are exceptions with all that is known of them.
const wrong = await client.exampleHello({ colour: 5 }).catch((error) => error);
assert.ok(wrong instanceof WicketgateError && wrong instanceof Error);
assert.equal(wrong.status, 400);
assert.deepEqual(wrong.details, [
  { path: "params.colour", problem: "unknown property; did you mean `color`?" },
  { path: "params.color", problem: "required property is missing" },
]);
assert.match(wrong.requestId, /^[0-9a-f]{16}$/);
assert.equal(wrong.message, wrong.info);
const red = await client.exampleHello({ color: "red" }).catch((error) => error);
assert.deepEqual([red.name, red.status, red.details], ["WicketgateError", 501, []]);
const elsewhere = await new Client({ url: `${url}/nowhere` }).exampleHello({ color: "x" }).catch((error) => error);
assert.deepEqual([elsewhere.status, elsewhere instanceof WicketgateError], [400, true]);

// Options: of the client, and of a call.
const project = new Client({ url, format, projectUid: "p1" });
assert.match((await project.exampleHello({ color: "x" })).message, /Ahoy/);
assert.match((await project.exampleHello({ color: "x", projectUid: "" })).message, /Hi/);
const other = format === "json" ? "msgpack" : "json";
assert.match((await client.exampleHello({ color: "x" }, { format: other })).message, /Hi/);
assert.throws(() => new Client({ format: "xml" }), /format is "json" or "msgpack", not "xml"/);

// A call that is given up is cancelled, here and there.
const before = (await client.probeCancelled()).count;
const given = client.probeSleep({ ms: 30_000 }, { signal: AbortSignal.timeout(200) });
await assert.rejects(given, { name: "TimeoutError" });
for (let tries = 0; (await client.probeCancelled()).count === before; tries += 1) {
  assert.ok(tries < 100, "the command goes on");
  await new Promise((done) => setTimeout(done, 50));
}

console.log("fine");
