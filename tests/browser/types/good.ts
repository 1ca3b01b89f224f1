// All of this is right.

import { Client, client, WicketgateError, type Format, type ProbeEverything, type ProbeShape } from "./client";

const format: Format = "msgpack";
const mine = new Client({ url: "https://example.org", format, projectUid: "p1", credentials: "include" });

export async function calls(): Promise<void> {
  const { message } = await client.exampleHello({ color: "blue" });
  message.toUpperCase();
  await mine.exampleHttpGetHello({ color: "blue", projectUid: "p2" }, { signal: AbortSignal.timeout(1000) });
  const nothing: void = await client.probeNothing();
  await client.probeNothing({ localeUid: "de" });
  const response: Response = await client.probeContent();
  await response.blob();
  return nothing;
}

export async function shapes(): Promise<number> {
  const shape: ProbeShape = { type: "circle", radiusPx: 5 };
  const back: ProbeEverything = await client.probeEverything({
    shape,
    day: null,
    pair: ["x", 5],
    filter: { below: 5 },
    which: 5,
    nest: [1, [2], { a: [3, {}] }],
    byName: { a: 1 },
    byNumber: { 5: "x" },
    picture: new Uint8Array(),
    tree: { label: "a", branches: [{ label: "b" }] },
  });
  if (back.shape?.type === "circle") {
    return back.shape.radiusPx;
  }
  await client.probeEverything({ filter: "all", picture: "AP8=" });
  return back.left ?? 0;
}

export function told(error: unknown): string {
  if (error instanceof WicketgateError) {
    return [error.status.toFixed(), error.info, ...error.details.map(({ path, problem }) => path + problem)].join();
  }
  return "";
}
