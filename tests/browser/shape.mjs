// Forms, files, headers and declared statuses by the generated client in Node: node shape.mjs CLIENT URL

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const [, , file, url] = process.argv;
const { Client, WicketgateError } = await import(pathToFileURL(file).href);

for (const format of ["json", "msgpack"]) {
  const client = new Client({ url, format });

  // Forms: texts, lists, and files after them, whatever their order here.
  const form = await client.shapeHttpPostForm({ numbers: [1, 2], title: "größer & so", num: 7, lang: undefined });
  assert.equal(form.saw, 'title="größer & so" num=Some(7) numbers=[1, 2] lang=None');
  const picture = new File([new Uint8Array(100_000).fill(2)], "a b.png", { type: "image/png" });
  const arrived = await client.shapeHttpPostUpload({ picture, title: "t" });
  assert.deepEqual(
    [arrived.fileName, arrived.contentType, arrived.bytes, arrived.sum],
    ["a b.png", "image/png", 100_000, 200_000],
  );
  const blobs = [new Blob(["1"]), new Blob(["22"])];
  assert.equal((await client.shapeHttpPostSmall({ picture: new Blob(["x"]), more: blobs })).saw, "picture=1 more=[1, 2]");

  // Headers, by POST and by GET, and not in the body.
  const headers = { xNum: 5, words: ["a", "b"] };
  for (const call of [client.shapeHeaders, client.shapeHttpGetHeaders]) {
    assert.equal((await call.call(client, headers)).saw, 'x_num=5 words=["a", "b"] x_text=""');
  }
  const wrong = await client.shapeHeaders({}).catch((error) => error);
  assert.deepEqual(wrong.details, [{ path: "header.x-num", problem: "required parameter is missing" }]);

  // Replies of all kinds.
  assert.equal(await client.shapeText(), "a text, größer");
  assert.deepEqual(new Uint8Array(await (await client.shapeBytes()).arrayBuffer()), new Uint8Array([0, 1, 255]));
  assert.deepEqual(await client.shapeCreated(), { id: 1, title: "first" });
  assert.equal(await client.shapeNothing(), undefined);
  const missing = await client.shapeRaise({ which: "missing" }).catch((error) => error);
  assert.ok(missing instanceof WicketgateError);
  assert.deepEqual([missing.status, missing.body], [404, { id: 1, title: "first" }]);
  assert.match(missing.requestId, /^[0-9a-f]{16}$/);
  const taken = await client.shapeRaise({ which: "conflict" }).catch((error) => error);
  assert.deepEqual([taken.status, taken.body, taken.info], [409, "taken", "Conflict"]);
}
console.log("fine");
