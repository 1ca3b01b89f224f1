/** Bytes. In JSON they are base64: a client of that format gives and gets them as such a text, and takes a `Uint8Array` as well. */
export type Bytes = Uint8Array | string;

/** One thing that is wrong with the parameters. */
export interface Detail {
  /** where, such as `params.bbox[2]` */
  path: string;
  /** what was expected and what there is */
  problem: string;
}

/** What the gateway answers when a command does not succeed. */
export class WicketgateError extends Error {
  /** the HTTP status */
  readonly status: number;
  /** what went wrong, in words */
  readonly info: string;
  /** all that is wrong with the parameters */
  readonly details: Detail[];
  /** what was answered: the value or the text of a reply that the command declares, or the gateway's own error */
  readonly body: unknown;
  /** names the request in the gateway's log; empty if something else answered */
  readonly requestId: string;
}

/** How values travel. */
export type Format = "json" | "msgpack";

/** What holds for all calls of a client. */
export interface ClientOptions {
  /** where the gateway is, such as `https://maps.example.org`; without it, where the page comes from */
  url?: string;
  /** how values travel @default "json" */
  format?: Format;
  /** the project of all calls */
  projectUid?: string;
  /** the language of the caller */
  localeUid?: string;
  /** headers of all requests */
  headers?: Record<string, string>;
  /** whether cookies are sent to other origins, as in `fetch` */
  credentials?: RequestCredentials;
  /** what is called instead of the global `fetch` */
  fetch?: typeof fetch;
}

/** What holds for one call. */
export interface CallOptions {
  /** ends the call: its promise is rejected, and the gateway cancels the command */
  signal?: AbortSignal;
  /** how the values of this call travel */
  format?: Format;
  /** more headers */
  headers?: Record<string, string>;
}

/** What every command takes. */
export interface CommonParams {
  /** the project in which the command is asked for */
  projectUid?: string;
  /** the language of the caller */
  localeUid?: string;
}
