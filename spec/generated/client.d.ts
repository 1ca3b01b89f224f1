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

/** Parameters of `path` */
export interface AssetPathParams {
  /**
   * the file, below one of the folders
   * @example "logo.svg"
   */
  path: string;
  /**
   * whether the client shall save the file instead of showing it
   * @default false
   */
  download?: boolean;
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

/** Parameters of `box` */
export interface MapBoxParams {
  /**
   * the layer
   * @example "test.one"
   */
  layerUid: string;
  /**
   * what to show: least x, least y, greatest x, greatest y
   * @example [11.0,22.0,33.0,44.0]
   */
  bbox: Array<number>;
  /**
   * width of the picture in pixels
   * @default 256
   */
  width?: number;
  /**
   * height of the picture in pixels
   * @default 256
   */
  height?: number;
}

/** The configuration of an action without keys of its own, and the parameters of a command without any. */
export interface MapEmpty {}

/** What there is to draw. */
export interface MapLayersResponse {
  /** all layers */
  layers: Array<MapLayerInfo>;
}

/** A layer. */
export interface MapLayerInfo {
  /** name to ask for it by */
  uid: string;
  /** name to show to people: text, not HTML */
  title: string;
}

/** Parameters of `snapshot` */
export interface PrinterSnapshotParams {
  /**
   * what stands above the text on the first page, and in the title of the reader's window
   * @default "Snapshot"
   */
  title?: string;
  /**
   * paragraphs, one on each line; they are wrapped to the width of the page
   * @default ""
   */
  text?: string;
  /**
   * size of the pages
   * @default "a4"
   */
  pageSize?: PrinterPageSize;
  /**
   * which way round the pages are
   * @default "portrait"
   */
  orientation?: PrinterOrientation;
  /**
   * size of the text in points, of which an inch has 72
   * @default 11.0
   */
  fontSize?: number;
  /**
   * the name to save the document by; without one it is shown
   * @default null
   * @example "snapshot.pdf"
   */
  fileName?: string | null;
}

/** A size of paper */
export type PrinterPageSize =
  /** 297 × 420 mm */
  | "a3"
  /** 210 × 297 mm */
  | "a4"
  /** 148 × 210 mm */
  | "a5"
  /** 8.5 × 11 in */
  | "letter";

/** A way to turn the paper */
export type PrinterOrientation =
  /** higher than wide */
  | "portrait"
  /** wider than high */
  | "landscape";

/** Calls the commands of a gateway. */
export class Client {
  constructor(options?: ClientOptions);

  /** Send the file at a path. 404 if there is none, or none that may be sent. */
  assetHttpGetPath(params: AssetPathParams & CommonParams, options?: CallOptions): Promise<Response>;

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

  /** Draw what lies in a box, as a PNG that is transparent where nothing is. 404 if there is no such layer. */
  mapHttpGetBox(params: MapBoxParams & CommonParams, options?: CallOptions): Promise<Response>;

  /** Tell which layers there are. */
  mapLayers(params?: MapEmpty & CommonParams, options?: CallOptions): Promise<MapLayersResponse>;

  /** Make a PDF of a title and a text. */
  printerSnapshot(params?: PrinterSnapshotParams & CommonParams, options?: CallOptions): Promise<Response>;
}

/** The commands of the gateway that this page comes from. */
export const client: Client;
