// Opens a page in Chromium, waits for its title to be "done", and prints its text: node page.mjs URL STATUS
// The browser may complain about replies of that status, and about nothing else.

import { open } from "./chromium.mjs";

const { page, close } = await open(process.argv[2], { status: process.argv[3] });
await page.waitForFunction(() => document.title === "done", undefined, { timeout: 30_000 });
console.log(await page.locator("pre").innerText());
await close();
