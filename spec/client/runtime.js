// What every generated client shares: a request, its format, its errors.

import { decode, encode } from "@msgpack/msgpack";

const MEDIA_TYPES = { json: "application/json", msgpack: "application/msgpack" };

/** What the gateway answers when a command does not succeed. */
export class WicketgateError extends Error {
  constructor(response, body) {
    const { info, details = [], requestId = "" } = told(response, body);
    super(info);
    this.name = "WicketgateError";
    this.status = response.status;
    this.body = body;
    this.info = info;
    this.details = details;
    this.requestId = requestId;
  }
}

/** Calls commands by their names. */
export class BaseClient {
  #options;

  constructor(options = {}) {
    const { format = "json" } = options;
    if (!(format in MEDIA_TYPES)) {
      throw new TypeError(`format is "json" or "msgpack", not ${JSON.stringify(format)}`);
    }
    this.#options = { ...options, format };
  }

  /** Posts a command. Parameters that are among `headers` are sent as the header of that name. */
  async post(cmd, params = {}, options = {}, headers = {}) {
    const format = options.format ?? this.#options.format;
    const [own, rest] = split(params, headers);
    const message = { cmd, params: { ...this.#common(), ...rest } };
    const body = format === "json" ? JSON.stringify(message, bytesAsBase64) : encode(message, { ignoreUndefined: true });
    return this.#fetch("/_", { method: "POST", body }, { ...own, "Content-Type": MEDIA_TYPES[format] }, format, options);
  }

  /** Asks for a command by GET. */
  async get(cmd, params = {}, options = {}, headers = {}) {
    const [own, rest] = split(params, headers);
    const query = new URLSearchParams();
    for (const [name, value] of given({ ...this.#common(), ...rest })) {
      query.append(name, queryText(name, value));
    }
    const path = `/_/cmd/${encodeURIComponent(cmd)}?${query}`.replace(/\?$/, "");
    const format = options.format ?? this.#options.format;
    return this.#fetch(path, { method: "GET" }, own, format, options);
  }

  /** Posts a form: its fields, then its files. */
  async form(cmd, params = {}, options = {}, headers = {}) {
    const [own, rest] = split(params, headers);
    const entries = given({ ...this.#common(), ...rest });
    const isFile = (value) => [value].flat().some((item) => item instanceof Blob);
    const body = new FormData();
    for (const [name, value] of entries.filter(([, value]) => !isFile(value))) {
      body.append(name, queryText(name, value));
    }
    for (const [name, value] of entries.filter(([, value]) => isFile(value))) {
      [value].flat().forEach((file) => body.append(name, file, file.name ?? name));
    }
    const format = options.format ?? this.#options.format;
    return this.#fetch(`/_/cmd/${encodeURIComponent(cmd)}`, { method: "POST", body }, own, format, options);
  }

  #common() {
    const { projectUid, localeUid } = this.#options;
    return { ...(projectUid && { projectUid }), ...(localeUid && { localeUid }) };
  }

  async #fetch(path, request, headers, format, { signal, headers: more, raw = false }) {
    const { url = "", fetch = globalThis.fetch, credentials, headers: always } = this.#options;
    const accept = raw ? `*/*, ${MEDIA_TYPES[format]}` : MEDIA_TYPES[format];
    const response = await fetch(url.replace(/\/+$/, "") + path, {
      ...request,
      headers: { Accept: accept, ...always, ...more, ...headers },
      ...(credentials && { credentials }),
      ...(signal && { signal }),
    });
    if (!response.ok) {
      throw new WicketgateError(response, await value(response).catch(() => undefined));
    }
    if (raw) {
      return response;
    }
    return response.status === 204 ? undefined : value(response);
  }
}

/** What is sent as headers, by their names, and what is not. */
function split(params, headers) {
  const rest = { ...params };
  const own = {};
  for (const [name, header] of Object.entries(headers)) {
    if (rest[name] !== undefined && rest[name] !== null) {
      own[header] = queryText(name, rest[name]);
    }
    delete rest[name];
  }
  return [own, rest];
}

/** All that has a value. */
function given(params) {
  return Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
}

/** The value that a reply holds. */
async function value(response) {
  const type = (response.headers.get("Content-Type") ?? "").split(";")[0].trim();
  if (type === MEDIA_TYPES.msgpack) {
    return decode(new Uint8Array(await response.arrayBuffer()));
  }
  return type === MEDIA_TYPES.json ? response.json() : response.text();
}

/** What went wrong, also if the command itself or something else than the gateway says so. */
function told(response, body) {
  if (typeof body?.error?.info === "string") {
    return body.error;
  }
  const requestId = response.headers.get("X-Request-Id") ?? "";
  return { info: response.statusText || `status ${response.status}`, requestId };
}

function bytesAsBase64(name, value) {
  // As it was before `toJSON`, which Node's buffers have.
  const given = this[name];
  return given instanceof Uint8Array ? base64(given) : value;
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}

/** A value as a text of a query. */
function queryText(name, value) {
  if (value instanceof Uint8Array) {
    return base64(value);
  }
  if (Array.isArray(value)) {
    const texts = value.map((item) => queryText(name, item));
    if (texts.some((text) => text.includes(",") || text !== text.trim()) || String(texts) === "" && texts.length > 0) {
      throw new TypeError(`${name} can't be sent as text: an item of a list is empty, or has a comma or outer spaces`);
    }
    return texts.join(",");
  }
  if (typeof value === "object") {
    throw new TypeError(`${name} can't be sent as text: it is an object`);
  }
  return String(value);
}
