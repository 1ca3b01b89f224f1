// Calls exampleHello on the page of all commands, as a newcomer would, and prints the answer:
// node explore.mjs URL SCREENSHOT SCHEME WIDTH

import { open } from "./chromium.mjs";

const [, , url, path, colorScheme, width] = process.argv;
const { page, close } = await open(url, { colorScheme, viewport: { width: Number(width), height: 900 } });
page.setDefaultTimeout(20_000);
const operation = page.locator("#operations-example-exampleHello");
await operation.locator(".opblock-summary-control").click();
// The body is filled in already: only the colour is to be chosen.
const body = operation.locator("textarea");
const message = JSON.parse(await body.inputValue());
message.params.color = "blue";
await body.fill(JSON.stringify(message));
await operation.getByRole("button", { name: "Execute" }).click();
const answer = operation.locator(".live-responses-table .highlight-code code").filter({ hasText: "<font color=blue>" });
await answer.waitFor();
console.log(JSON.parse(await answer.innerText()).message);
await page.screenshot({ path, fullPage: true });
await close();
