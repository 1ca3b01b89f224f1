// Each line that ends in "wrong" is, and no other.

import { Client, client, type ProbeShape } from "./client";

export const format = new Client({ format: "xml" }); // wrong
export const option = new Client({ uri: "https://example.org" }); // wrong
export const missing = client.exampleHello({}); // wrong
export const without = client.exampleHello(); // wrong
export const misspelt = client.exampleHello({ colour: "blue" }); // wrong
export const type = client.exampleHello({ color: 5 }); // wrong
export const unknown = client.exampleHallo({ color: "blue" }); // wrong
export const answer = client.exampleHello({ color: "blue" }).then(({ massage }) => massage); // wrong
export const mode = client.probeTypes({ mode: "slow" }); // wrong
export const nothing = client.probeNothing({ color: "blue" }); // wrong
export const variant: ProbeShape = { type: "square" }; // wrong
export const field: ProbeShape = { type: "circle", radius: 5 }; // wrong
export const pair = client.probeEverything({ pair: [5, "x"] }); // wrong
export const filter = client.probeEverything({ filter: { above: 5 } }); // wrong
export const signal = client.exampleHello({ color: "blue" }, { signal: 5 }); // wrong
export const content = client.probeContent().then((content) => content.message); // wrong
export const fine = client.exampleHello({ color: "blue" });
