// What the types of a client with forms, headers and several statuses allow.
import { client } from "./client.js";

const picture: Blob = new Blob(["x"]);
const arrived: { bytes: number; fileName?: string | null } = await client.shapeHttpPostUpload({ title: "t", picture });
await client.shapeHttpPostSmall({ picture, more: [picture] });
await client.shapeHeaders({ xNum: 5 });
// Cookies are the browser's to send.
await client.shapeHttpGetCookies();
const text: string = await client.shapeText();
const bytes: Response = await client.shapeBytes();
const article: { id: number; title: string } = await client.shapeCreated();
const nothing: void = await client.shapeNothing();
const outcome: string | void | { id: number; title: string } = await client.shapeOption({ which: "x" });
console.log(arrived, text, bytes, article, nothing, outcome);
