// The types of client.js. Made by `make spec`; not to be edited.

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

/** What a user shows to log in. */
export interface AuthLoginParams {
  /**
   * the login
   * @example "demo"
   */
  username: string;
  /** the password */
  password: string;
}

/** What a user shows as second factor. */
export interface AuthVerifyParams {
  /**
   * the six digits that the user's device shows
   * @example "123456"
   */
  code: string;
}

/** The configuration of an action without keys of its own, and the parameters of a command without any. */
export interface AuthEmpty {}

/** What came of a login. */
export interface AuthLoginResponse {
  /** the user; null if the code of a second factor is awaited */
  user: AuthUserInfo | null;
  /** whether the code of a second factor is awaited: send it by `authVerify` within two minutes */
  secondFactor: boolean;
}

/** A user. */
export interface AuthUserInfo {
  /** unique name */
  uid: string;
  /** name to show to people: text, not HTML */
  displayName: string;
  /** all roles of the user */
  roles: Array<string>;
}

/** Who the caller is. */
export interface AuthCaller {
  /** the user; null for a guest */
  user: AuthUserInfo | null;
}

/** Parameters of `hello` */
export interface ExampleHelloParams {
  /** color for the message */
  color: string;
}

/** A greeting */
export interface ExampleHelloResponse {
  /** the greeting in HTML */
  message: string;
}

/** Calls the commands of a gateway. */
export class Client {
  constructor(options?: ClientOptions);

  /** Log in: the reply sets the session cookie. 403 if name and password do not belong together. */
  authLogin(params: AuthLoginParams & CommonParams, options?: CallOptions): Promise<AuthLoginResponse>;

  /** Show the code of the second factor, after a login that has asked for one. 403 if it is wrong. */
  authVerify(params: AuthVerifyParams & CommonParams, options?: CallOptions): Promise<AuthCaller>;

  /** Log out: the session ends, and its cookie is forgotten. Nothing happens to those who are not logged in. */
  authLogout(params?: AuthEmpty & CommonParams, options?: CallOptions): Promise<AuthCaller>;

  /** Tell who the caller is. */
  authCheck(params?: AuthEmpty & CommonParams, options?: CallOptions): Promise<AuthCaller>;

  /** Say hello in a colour. */
  exampleHello(params: ExampleHelloParams & CommonParams, options?: CallOptions): Promise<ExampleHelloResponse>;

  /** Say hello in a colour, by GET. */
  exampleHttpGetHello(params: ExampleHelloParams & CommonParams, options?: CallOptions): Promise<ExampleHelloResponse>;
}

/** The commands of the gateway that this page comes from. */
export const client: Client;
