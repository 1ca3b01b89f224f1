// A page in the system's Chromium, headless. Whatever the browser complains about is an error in the end.

import { chromium } from "playwright-core";

export async function open(url, { status, ...options } = {}) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const page = await browser.newPage(options);
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !(status && message.text().includes(`status of ${status}`))) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.exposeFunction("tellViolation", (violation) => complaints.push(violation));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
      window.tellViolation(`${effectiveDirective} blocks ${blockedURI}`);
    });
  });
  await page.goto(url);
  const close = async () => {
    await browser.close();
    if (complaints.length > 0) {
      console.error(complaints.join("\n"));
      process.exit(1);
    }
  };
  return { page, close };
}
