// Calls the example plugin and shows what it says, or what is wrong.
const form = document.querySelector("form");
const output = document.querySelector("output");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await fetch("/_", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ cmd: "exampleHello", params: { color: form.color.value } }),
  });
  const reply = await response.json();
  if (response.ok) {
    output.innerHTML = reply.message; // the plugin escapes what it puts in
  } else {
    output.textContent = `${reply.error.status}: ${reply.error.info}`;
  }
});
