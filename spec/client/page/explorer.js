/* global SwaggerUIBundle */

// Swagger UI has dark colours, but leaves it to the page when they are used.
const dark = matchMedia("(prefers-color-scheme: dark)");
const followScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followScheme);
followScheme();

SwaggerUIBundle({
  url: "./openapi.json",
  dom_id: "#explorer",
  deepLinking: true,
  docExpansion: "list",
  tryItOutEnabled: true,
  defaultModelRendering: "model",
  displayRequestDuration: true,
  validatorUrl: null,
  plugins: [
    { statePlugins: { spec: { wrapActions: { updateJsonSpec: prepared } } }, wrapComponents: { responseBody: imagesAsFiles } },
  ],
});

/** Changes the document on its way into Swagger UI, so that a command can be executed as it stands there. */
function prepared(show, { fn }) {
  return (document) => {
    const root = JSON.parse(JSON.stringify(document), withoutMsgpack);
    for (const { requestBody } of Object.values(root.paths ?? {}).flatMap(Object.values)) {
      const body = requestBody?.content?.["application/json"];
      if (body && !body.example && !body.examples) {
        body.example = { params: {}, ...example(body.schema, root, fn.jsonSchema202012.sampleFromSchema) };
      }
    }
    return show(root);
  };
}

/** Swagger UI would offer MsgPack, but send JSON under its name, and show the bytes of an answer as text. */
function withoutMsgpack(key, value) {
  if (key === "content" && value?.["application/json"]) {
    delete value["application/msgpack"];
  }
  return value;
}

/**
 * The least value that a schema allows. Swagger UI's own example fills in what a caller may leave out as well, and a made-up
 * project makes the call fail; so only `sample`, for values without parts, is taken from there. `within` are the references
 * being followed, which may lead back to themselves.
 */
function example(schema, root, sample, within = []) {
  const { $ref, properties, required = [], items, minItems = 0 } = schema;
  const part = (of) => example(of, root, sample, $ref ? [...within, $ref] : within);
  if ($ref) {
    const target = $ref.split("/").slice(1).reduce((at, name) => at?.[name], root);
    return target && !within.includes($ref) ? part(target) : null;
  }
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches) {
    return part(branches[0]);
  }
  const types = [schema.type].flat();
  if (types.includes("object")) {
    return Object.fromEntries(required.map((name) => [name, part(properties?.[name] ?? {})]));
  }
  if (types.includes("array")) {
    return (schema.prefixItems ?? Array(minItems).fill(items ?? {})).map(part);
  }
  // Of a number with two bounds Swagger UI takes one, which may be more than JavaScript can count to.
  return schema.minimum <= 0 && schema.maximum >= 0 ? 0 : sample(schema) ?? null;
}

/** Swagger UI shows an image from a `blob:`, which the default Content-Security-Policy blocks, but a file it offers to save. */
function imagesAsFiles(ResponseBody, { React }) {
  return (props) => {
    const [, format] = /^image\/(\w+)/.exec(props.contentType) ?? [];
    const file = format && { "content-disposition": `attachment; filename="answer.${format}"` };
    return React.createElement(ResponseBody, { ...props, headers: { ...props.headers, ...file } });
  };
}
